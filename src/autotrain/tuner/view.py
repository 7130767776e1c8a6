"""What samplers and schedulers see of a study, indexed so that a look costs next to nothing."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from autotrain.space import Objective, Space
from autotrain.storage.settings import StudySettings
from autotrain.trial import Trial, TrialStatus


class Ranking:
    """Trials by their score, the best first; the earlier one where scores are equal."""

    def __init__(self) -> None:
        self._keys: list[tuple[float, int]] = []
        self._scores: dict[int, float] = {}

    def put(self, number: int, score: float | None) -> None:
        """Take a trial's score; None takes the trial out."""
        old = self._scores.get(number)
        if old == score:
            return
        if old is not None:
            del self._keys[bisect_left(self._keys, (-old, number))]
            del self._scores[number]
        if score is not None:
            insort(self._keys, (-score, number))
            self._scores[number] = score

    def first(self, count: int) -> list[int]:
        """The numbers of the best so many."""
        return [number for _, number in self._keys[:count]]

    def __iter__(self) -> Iterator[int]:
        return (number for _, number in self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, number: object) -> bool:
        return number in self._scores

    def place(self, number: int) -> int:
        """How many are better."""
        return bisect_left(self._keys, (-self._scores[number], number))


class StudyView:
    """All trials of a study, and the scores that they had at each epoch.

    A score is the first objective, turned so that higher is better; at an epoch it is the best one
    so far. Nobody but the study's session changes what is here (`put`).

    Attributes:
        settings: of the study.
        total: trials that it may have.
        trials: all of them by number, in this order, queued ones too.

    Args:
        tunable: whether a parameter can change while a trial is trained.
    """

    def __init__(
        self,
        settings: StudySettings,
        total: int,
        tunable: Callable[[str], bool] = lambda name: True,
    ) -> None:
        self.settings, self.total, self._tunable = settings, total, tunable
        self._trials: dict[int, Trial] = {}
        self.trials: Mapping[int, Trial] = MappingProxyType(self._trials)
        self._by_status: dict[TrialStatus, dict[int, None]] = {s: {} for s in TrialStatus}
        self._curves: dict[int, dict[int, float]] = {}  # best score so far, by trial and epoch
        self._rankings: dict[int, Ranking] = {}  # by epoch, of those that somebody asked for

    @property
    def space(self) -> Space:
        """What is searched over."""
        return self.settings.space

    @property
    def objective(self) -> Objective:
        """The first objective, of which scores are made."""
        return self.settings.space.objectives[0]

    @property
    def epochs(self) -> int:
        """The full length of a trial."""
        return self.settings.epochs

    @property
    def next_number(self) -> int:
        """The number of a trial that is created now."""
        return len(self._trials)

    def tunable(self, parameter: str) -> bool:
        """Whether a parameter can change while a trial is trained."""
        return self._tunable(parameter)

    def having(self, *statuses: TrialStatus) -> list[Trial]:
        """Trials with one of these statuses, by number."""
        numbers = sorted(number for status in statuses for number in self._by_status[status])
        return [self._trials[number] for number in numbers]

    def count(self, *statuses: TrialStatus) -> int:
        """How many trials have one of these statuses."""
        return sum(len(self._by_status[status]) for status in statuses)

    def score_of(self, values: Sequence[float]) -> float:
        """The score of an epoch's or a trial's values."""
        return self.objective.sign * values[0]

    def best_at(self, number: int, epoch: int) -> float | None:
        """The best score of a trial up to an epoch that it reported; None if it did not."""
        return self._curves.get(number, {}).get(epoch)

    def last_best(self, number: int) -> float | None:
        """The best score of a trial so far; None before its first epoch."""
        curve = self._curves.get(number)
        return curve[next(reversed(curve))] if curve else None

    def ranking(self, epoch: int) -> Ranking:
        """All trials with a score at an epoch, but for failed ones.

        One that completed before this epoch, by stopping early, has its last score.
        """
        if epoch not in self._rankings:
            self._rankings[epoch] = Ranking()
            for trial in self._trials.values():
                self._rank(trial, epoch)
        return self._rankings[epoch]

    def put(self, trial: Trial) -> None:
        """Take a trial, new or changed; for the session alone."""
        before = self._trials.get(trial.number)
        self._trials[trial.number] = trial
        if before is None or before.status is not trial.status:
            if before is not None:
                del self._by_status[before.status][trial.number]
            self._by_status[trial.status][trial.number] = None
        news = before is None or len(before.epochs) < len(trial.epochs)
        if news:
            self._extend(trial, 0 if before is None else len(before.epochs))
        if news or before is None or before.status is not trial.status:
            for epoch in self._rankings:
                self._rank(trial, epoch)

    def _extend(self, trial: Trial, known: int) -> None:
        """Take the epochs of a trial from the position `known` on."""
        curve = self._curves.setdefault(trial.number, {})
        best = self.last_best(trial.number)
        for record in trial.epochs[known:]:
            score = self.objective.sign * record.metrics[self.objective.metric]
            best = score if best is None else max(best, score)
            curve[record.epoch] = best

    def _rank(self, trial: Trial, epoch: int) -> None:
        score = self.best_at(trial.number, epoch)
        if trial.status is TrialStatus.FAIL:
            score = None
        elif score is None and trial.status is TrialStatus.COMPLETE:
            score = self.last_best(trial.number) if trial.last_epoch < epoch else None
        self._rankings[epoch].put(trial.number, score)
