"""Asynchronous successive halving that pauses and promotes (`asha`, `hyperband`).

Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2: at each rung
the best third goes on. Below the cut a trial keeps its checkpoint, and goes on when later results
put it among the best third after all. With several brackets a trial's number decides at which rung
it is first judged (asynchronous Hyperband, section 3.3 there).
"""

from __future__ import annotations

import math

from autotrain.errors import ConfigurationError
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, Trial, TrialStatus
from autotrain.tuner.schedulers.base import Resume, Scheduler
from autotrain.tuner.view import StudyView

REDUCTION = 3  # a rung passes on the best third


class Asha(Scheduler):
    """Judges trials at rungs.

    Args:
        rungs: epochs at which trials are judged, rising, without the last epoch.
        brackets: how many of the rungs serve as a first one.
    """

    def __init__(self, rungs: tuple[int, ...], brackets: int = 1) -> None:
        self._rungs = [rungs[start:] for start in range(brackets)]
        # Bracket s trains a trial about REDUCTION**s times as long, so it gets as many fewer.
        shares = [REDUCTION ** (brackets - 1 - s) for s in range(brackets)]
        self._pattern = [s for s, share in enumerate(shares) for _ in range(share)]

    def decide(self, study: StudyView, trial: Trial) -> Decision:
        """PAUSE at a rung below the cut."""
        bracket, rung = self._bracket(trial.number), trial.last_epoch
        if rung not in self._rungs[bracket] or self._passes(study, trial.number, bracket, rung):
            return Decision.CONTINUE
        return Decision.PAUSE

    def next(self, study: StudyView) -> Resume | None:
        """The best paused trial within the best third of its rung, from the top rung down."""
        if not study.count(TrialStatus.PAUSED):
            return None
        for bracket, rungs in enumerate(self._rungs):
            for rung in reversed(rungs):
                for number in self._best_third(study, bracket, rung):
                    paused = study.trials[number].status is TrialStatus.PAUSED
                    if paused and self._rung_of(study, number, rungs) == rung:
                        return Resume(number)
        return None

    def _bracket(self, number: int) -> int:
        return self._pattern[number % len(self._pattern)]

    def _passes(self, study: StudyView, number: int, bracket: int, rung: int) -> bool:
        if len(self._rungs) > 1:
            return number in self._best_third(study, bracket, rung)
        ranking = study.ranking(rung)
        return ranking.place(number) < len(ranking) // REDUCTION

    def _best_third(self, study: StudyView, bracket: int, rung: int) -> list[int]:
        """The trials of a bracket that pass a rung, the best first."""
        ranking = study.ranking(rung)
        if len(self._rungs) == 1:
            return ranking.first(len(ranking) // REDUCTION)
        mine = [number for number in ranking if self._bracket(number) == bracket]
        return mine[: len(mine) // REDUCTION]

    def _rung_of(self, study: StudyView, number: int, rungs: tuple[int, ...]) -> int:
        """The highest rung that a trial has reached; 0 where its curve was lost."""
        return max((r for r in rungs if study.best_at(number, r) is not None), default=0)


def default_rungs(epochs: int, first: int | None = None) -> tuple[int, ...]:
    """Rungs at about a ninth and a third of the epochs, or from `first` on in steps of three.

    A first rung at epoch 1 throws the slow starters away; see `benchmarks/samplers.py`.
    """
    lowest = first if first is not None else max(1, round(epochs / REDUCTION**2))
    count = max(0, math.floor(math.log(epochs / lowest, REDUCTION) + 1e-9)) + 1
    rungs = {max(lowest, round(epochs / REDUCTION**i)) for i in range(1, count + 1)} | {lowest}
    return tuple(sorted(rung for rung in rungs if rung < epochs))


def asha(settings: StudySettings) -> Asha:
    """`asha`, by the settings of a study."""
    return Asha(_rungs(settings))


def hyperband(settings: StudySettings) -> Asha:
    """`hyperband`: each of the rungs, and the end, is a first one for some of the trials."""
    rungs = _rungs(settings)
    return Asha(rungs, brackets=len(rungs) + 1)


def _rungs(settings: StudySettings) -> tuple[int, ...]:
    first, epochs = settings.first_rung, settings.epochs
    if first is not None and not 1 <= first <= epochs:
        raise ConfigurationError(f"--first-rung must lie within 1 and {epochs} epochs, got {first}")
    return default_rungs(epochs, first)
