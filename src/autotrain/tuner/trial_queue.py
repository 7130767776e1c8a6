"""What to train next: something left over, a copy, a promotion, something queued, something new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from autotrain.space import Fixed
from autotrain.storage.recorder import Recorder
from autotrain.trial import Params, Trial, TrialStatus
from autotrain.tuner.base import Signature
from autotrain.tuner.samplers.base import Sampler, Suggestion
from autotrain.tuner.schedulers.base import Fork, Resume, Scheduler, Wait
from autotrain.tuner.view import StudyView


class TrialQueue:
    """Creates the trials of a study, up to its total, and finds those to go on with.

    Args:
        view: of all trials; changes are put there.
        signature: from a configuration to the key of its compiled program.
    """

    def __init__(
        self,
        recorder: Recorder,
        view: StudyView,
        sampler: Sampler,
        scheduler: Scheduler,
        signature: Callable[[Params], Signature],
    ) -> None:
        self._recorder, self._view = recorder, view
        self._sampler, self._scheduler, self._signature = sampler, scheduler, signature
        self._exhausted = False
        self._signatures: dict[int, Signature] = {}  # of the trials that wait
        self._known: set[str] | None = None  # configurations that were enqueued or are there

    @property
    def is_over(self) -> bool:
        """Whether no trial will be created any more."""
        full = self._view.next_number >= self._view.total
        return full or self._exhausted or isinstance(self._scheduler.next(self._view), Wait)

    def enqueue(self, configurations: Iterable[Params]) -> int:
        """Queue configurations to run first, as far as the total allows; how many are new."""
        before = self._view.next_number
        with self._recorder.storage.together():
            for params in configurations:
                if self._view.next_number >= self._view.total:
                    break
                given = self._without_fixed(params)
                if self._is_new(given):
                    self._view.put(self._recorder.enqueue(self._view.next_number, given))
        return self._view.next_number - before

    def next(
        self,
        known: Collection[Signature],
        elsewhere: Collection[Signature],
        prune: Callable[[Trial], None],
    ) -> Trial | None:
        """The trial to train next, None when there is none at present.

        Args:
            known: what the asking worker has compiled; others have what is `elsewhere`.
            prune: called with a trial that is replaced by a copy of another.
        """
        left = next((t for t in self._view.having(TrialStatus.RUNNING) if t.is_free), None)
        if left is not None:
            return left
        step = self._scheduler.next(self._view)
        if isinstance(step, Fork):
            return self._fork(step, prune)
        if isinstance(step, Resume):
            return self.resume(step.number)
        queued = self._view.having(TrialStatus.WAITING)
        if queued:
            return self.start(min(queued, key=lambda trial: self._cost(trial, known, elsewhere)))
        return None if isinstance(step, Wait) else self._new()

    def resume(self, number: int) -> Trial:
        """Go on with a paused trial."""
        trial = self._view.trials[number].resumed()
        self._recorder.paused(trial)
        return self._put(trial)

    def start(self, queued: Trial) -> Trial:
        """Start a queued trial, the values that are missing filled in."""
        suggestion = self._suggest(queued.number)
        assert suggestion is not None
        params = self._view.space.active({**suggestion.params, **queued.given})
        started = replace(queued, params=params, memory=suggestion.memory, queued=False)
        return self._put(self._recorder.start(started))

    def _fork(self, fork: Fork, prune: Callable[[Trial], None]) -> Trial:
        """A trial that goes on from a good one's checkpoint, in place of a poor one."""
        winner, number = self._view.trials[fork.winner], self._view.next_number
        self._recorder.fork(winner, number, fork.params)
        copy = Trial(
            number,
            fork.params,
            given=self._without_fixed(fork.params),
            granted=fork.epoch,
            parent=winner.number,
            start_epoch=fork.epoch,
        )
        with self._recorder.storage.together():
            copy = self._recorder.start(copy)
            prune(self._view.trials[fork.loser])
        return self._put(copy)

    def _new(self) -> Trial | None:
        if self._exhausted or self._view.next_number >= self._view.total:
            return None
        number = self._view.next_number
        suggestion = self._suggest(number)
        if suggestion is None:
            self._exhausted = True
            return None
        params = self._view.space.active(suggestion.params)
        return self._put(self._recorder.start(Trial(number, params, memory=suggestion.memory)))

    def _suggest(self, number: int) -> Suggestion | None:
        answer = self._sampler.suggest(self._view, number, self._view.settings.seed)
        if answer is None or isinstance(answer, Suggestion):
            return answer
        return Suggestion(answer)

    def _put(self, trial: Trial) -> Trial:
        self._view.put(trial)
        return trial

    def _cost(
        self, trial: Trial, known: Collection[Signature], elsewhere: Collection[Signature]
    ) -> int:
        """Known programs first, then those that no worker has."""
        if trial.number not in self._signatures:
            params = self._view.space.active(trial.given)
            self._signatures[trial.number] = self._signature(params)
        key = self._signatures[trial.number]
        return 0 if key in known else 2 if key in elsewhere else 1

    def _without_fixed(self, params: Params) -> dict[str, Any]:
        parameters = self._view.space.parameters
        fixed = {name for name, parameter in parameters.items() if isinstance(parameter, Fixed)}
        return {name: value for name, value in params.items() if name not in fixed}

    def _is_new(self, given: Params) -> bool:
        """Whether the study does not have a configuration yet; it has it from now on."""
        if self._known is None:
            trials = self._view.trials.values()
            self._known = {_key(t.given or self._without_fixed(t.params)) for t in trials}
        before = len(self._known)
        self._known.add(_key(given))
        return len(self._known) > before


def _key(params: Params) -> str:
    return repr(sorted(params.items()))
