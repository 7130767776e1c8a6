"""What to train next: something left over, a copy, a promotion, something queued, something new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from optuna.trial import FrozenTrial

from autotrain.storage.recorder import PARENT, START, Entry, Recorder
from autotrain.storage.settings import PB2
from autotrain.trial import Params, TrialState, derive_seed
from autotrain.tuner.samplers.proposer import Proposal, Proposer
from autotrain.tuner.schedulers.asha import Pruner
from autotrain.tuner.schedulers.perturbation import perturbed, suggested


class Asking:
    """Creates the trials of a study, up to its total, and finds those to go on with.

    Attributes:
        count: trials that exist, WAITING ones too.

    Args:
        entries: all trials but the waiting ones, by number; new ones are put there.
        tunable: whether a parameter can change while a trial is trained.
    """

    def __init__(
        self,
        recorder: Recorder,
        proposer: Proposer,
        pruner: Pruner,
        entries: dict[int, Entry],
        total: int,
        tunable: Callable[[str], bool],
    ) -> None:
        self._recorder, self._proposer, self._pruner = recorder, proposer, pruner
        self._entries, self._total, self._tunable = entries, total, tunable
        self._exhausted = False
        self.count = 0

    @property
    def is_over(self) -> bool:
        """Whether no trial will be created any more."""
        return self.count >= self._total or self._exhausted or not self._pruner.wants_new()

    def enqueue(self, configurations: Iterable[Params]) -> int:
        """Queue configurations to run first, as far as the total allows; how many are new."""
        before = self.count
        with self._recorder.storage.together():
            for params in configurations:
                if self.count >= self._total:
                    break
                self.count += self._proposer.enqueue(params)
        return self.count - before

    def next(
        self,
        known: Collection[Any],
        elsewhere: Collection[Any],
        give_up: Callable[[int], None],
    ) -> Entry | None:
        """The trial to train next, None when there is none at present.

        Args:
            known: structures that the asking worker has compiled; others have those `elsewhere`.
            give_up: called with the number of a trial that is replaced by a copy of another.
        """
        return (
            self._interrupted()
            or self._copy(give_up)
            or self._promotion()
            or self._queued(known, elsewhere)
            or self._new()
        )

    def resume(self, number: int) -> Entry:
        """Go on with a paused trial."""
        entry = self._entries[number]
        entry.granted = entry.last_epoch
        self._pruner.resume(number)
        self._recorder.paused(entry, False)
        return entry

    def proposed_before(self, frozen: FrozenTrial) -> Entry:
        """A trial that its owner's death kept from being proposed whole."""
        return self._create(self._proposer.resume(frozen), frozen.user_attrs)

    def _interrupted(self) -> Entry | None:
        waiting = (e for e in self._entries.values() if e.state is TrialState.RUNNING)
        return next((e for e in waiting if not e.assigned and not e.paused), None)

    def _copy(self, give_up: Callable[[int], None]) -> Entry | None:
        """A trial that goes on from a good one's checkpoint, in place of a poor one."""
        for loser, winner, epoch in self._pruner.replacements()[: self._total - self.count]:
            source = self._entries[winner]
            params = self._explored(source.params, epoch)
            self._recorder.fork(source, self.count, params)
            attrs = {PARENT: winner, START: epoch}
            with self._recorder.storage.together():
                proposal = self._proposer.copy(params, attrs)
                give_up(loser)
            self.count += 1
            return self._create(proposal, attrs)
        return None

    def _explored(self, params: Params, epoch: int) -> Params:
        """Other values in the structure of a configuration."""
        settings, metric = self._recorder.settings, self._recorder.objectives[0].metric
        seed = derive_seed(settings.seed, "explore", self.count)
        if settings.strategy != PB2:
            return perturbed(params, settings.space, self._tunable, seed)
        interval, sign = settings.interval or 1, self._recorder.sign

        def score(metrics: Mapping[str, float]) -> float:
            return sign * metrics[metric]

        space, entries = settings.space, self._entries
        return suggested(params, space, self._tunable, seed, entries, score, interval, epoch)

    def _promotion(self) -> Entry | None:
        return next((self.resume(number) for number in self._pruner.promotable()), None)

    def _queued(self, known: Collection[Any], elsewhere: Collection[Any]) -> Entry | None:
        proposal = self._proposer.start_waiting(known, elsewhere)
        return None if proposal is None else self._create(proposal)

    def _new(self) -> Entry | None:
        if self.is_over:
            return None
        proposal = self._proposer.propose(self.count, [e.params for e in self._entries.values()])
        if proposal is None:
            self._exhausted = True
            return None
        self.count += 1
        return self._create(proposal)

    def _create(self, proposal: Proposal, attrs: Mapping[str, Any] | None = None) -> Entry:
        entry = Entry(*proposal, attrs=dict(attrs or {}))
        entry.granted = entry.start_epoch
        self._entries[entry.number] = entry
        self._pruner.begin(entry.number, entry.start_epoch)
        self._recorder.create(entry)
        return entry
