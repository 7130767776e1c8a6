"""A scheduler with trials that a test moves about, without session and storage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autotrain.space import Float, Space
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, Epoch, Trial, TrialStatus
from autotrain.tuner.schedulers.base import Fork, Resume, Scheduler
from autotrain.tuner.view import StudyView


class Bench:
    """Trials by number, which begin when they are first reported."""

    def __init__(self, scheduler: Scheduler, epochs: int = 9) -> None:
        space = Space({"x": Float(0, 1)}, "val_accuracy")
        settings = StudySettings("bench", space, epochs, 0, "none", "function")
        self.scheduler, self.view = scheduler, StudyView(settings, 1000)

    def _trial(self, number: int) -> Trial:
        return self.view.trials.get(number) or Trial(number, {"x": 0.5}, worker=0)

    def report(self, number: int, epoch: int, score: float) -> Decision:
        """Train an epoch, and decide."""
        trial = self._trial(number)
        best = not trial.values or score > trial.values[0]
        trial = trial.trained(Epoch(epoch, {"val_accuracy": score}), (score,), best)
        self.view.put(trial)
        return self.scheduler.decide(self.view, trial)

    def pause(self, number: int) -> None:
        self.view.put(self._trial(number).rested())

    def resume(self, number: int) -> None:
        self.view.put(self._trial(number).resumed())

    def complete(self, number: int) -> None:
        self.view.put(self._trial(number).finished(TrialStatus.COMPLETE))

    def fail(self, number: int) -> None:
        trial = replace(self._trial(number), outcome=None)
        self.view.put(trial.finished(TrialStatus.FAIL, "broke"))

    def begin(self, number: int, epoch: int = 0, parent: int | None = None) -> None:
        """A trial starts, perhaps as a copy made at an epoch."""
        self.view.put(
            Trial(number, {"x": 0.5}, worker=0, start_epoch=epoch, granted=epoch, parent=parent)
        )

    def prune(self, number: int) -> None:
        self.view.put(self._trial(number).finished(TrialStatus.PRUNED))

    def replacements(self) -> list[tuple[int, int, int]]:
        """Whom the scheduler would replace by whom, and after which epoch."""
        found, losers = [], []
        while isinstance(step := self.scheduler.next(self.view), Fork):
            found.append((step.loser, step.winner, step.epoch))
            losers.append(self.view.trials[step.loser])
            self.prune(step.loser)
        for trial in losers:
            self.view.put(trial)
        return found

    def promotable(self) -> list[int]:
        """Whom the scheduler would go on with, one after another; nobody is replaced first."""
        assert not self.replacements()
        found = []
        while isinstance(step := self.scheduler.next(self.view), Resume):
            found.append(step.number)
            self.resume(step.number)
        for number in found:
            self.pause(number)
        return found


@pytest.fixture
def bench() -> type[Bench]:
    return Bench
