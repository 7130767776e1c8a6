"""The one object that decides about a study and records it: asked, reported to, told.

Engines place trials and carry messages; whatever the engine, everything that happens to a study
happens here, in the one process that owns it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any

import optuna
from optuna.trial import TrialState as OptunaState

from autotrain.paths import StudyPaths
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.storage.recorder import TOTAL, Entry, Recorder
from autotrain.storage.sampler_view import INFEASIBLE
from autotrain.storage.settings import StudySettings
from autotrain.trial import EpochRecord, Params, TrialState, Verdict
from autotrain.tuner.fail_fast import Beginning
from autotrain.tuner.samplers.proposer import Proposer
from autotrain.tuner.schedulers.pbt import strategy_of
from autotrain.tuner.trial_queue import Asking


class StudySession:
    """Owns the trials of one study while a search runs.

    Args:
        trials: the total number of trials to create, those of earlier runs included.
        target: value of the first objective at which the search ends.
        structure: from a configuration to the key of its compiled program.
        problems: from a configuration to why it cannot be trained, as far as is known already.
        threads: CPU threads of a worker, on which the last digits of a metric depend.
        retries: how often a trial may lose its worker without being FAIL.
        tunable: whether a parameter can change while a trial is trained.
    """

    def __init__(
        self,
        settings: StudySettings,
        paths: StudyPaths,
        storage: StudyStorage,
        *,
        trials: int,
        sampler: str = "tpe",
        target: float | None = None,
        structure: Callable[[Params], Any] = lambda params: None,
        problems: Callable[[Params], list[str]] = lambda params: [],
        threads: int | None = None,
        retries: int = 2,
        tunable: Callable[[str], bool] = lambda name: True,
    ) -> None:
        self.settings, self.paths, self.total, self.target = settings, paths, trials, target
        self.objectives = settings.space.objectives
        self.structure, self._problems, self._retries = structure, problems, retries
        self.on_refusal: Callable[[Entry], None] = lambda entry: None  # no worker got the trial
        self.train_seconds = 0.0  # spent in training steps since this session began
        self.draining = False
        self.reached_target = False
        self._recorder = Recorder(settings, paths, storage, threads)
        self._sign, self._study = self._recorder.sign, self._recorder.study
        self._study.set_user_attr(TOTAL, trials)  # for those who only look
        self._pruner = strategy_of(settings)
        self.entries: dict[int, Entry] = {}
        proposer = Proposer(self._study, storage, settings.space, sampler, settings.seed, structure)
        self._asking = Asking(self._recorder, proposer, self._pruner, self.entries, trials, tunable)
        stored = self._study.get_trials(deepcopy=False)
        for frozen in stored:
            if frozen.state is not OptunaState.WAITING:
                self._load(frozen)
        self._asking.count = len(stored)
        self._beginning = Beginning(self.entries)
        for entry in list(self.entries.values()):
            self._settle(entry)
        self.draining = self.reached_target = any(map(self._reaches_target, self._ranked()))

    def _load(self, frozen: optuna.trial.FrozenTrial) -> None:
        if frozen.state is OptunaState.RUNNING and not self._recorder.is_proposed(frozen):
            self._asking.proposed_before(frozen)
            return
        entry = self.entries[frozen.number] = self._recorder.load(frozen)
        self._pruner.begin(entry.number, entry.start_epoch)
        scores = (self._sign * r.metrics[self.objectives[0].metric] for r in entry.epochs)
        for record, best in zip(entry.epochs, accumulate(scores, max), strict=True):
            self._pruner.replay(entry.number, record.epoch, best)
        if entry.paused:
            self._pruner.pause(entry.number)
        elif entry.state is TrialState.COMPLETE:
            self._pruner.complete(entry.number)
        elif entry.state is TrialState.FAIL:
            self._pruner.forget(entry.number)
        elif entry.state is TrialState.PRUNED:
            self._pruner.retire(entry.number)

    def _settle(self, entry: Entry) -> None:
        """Decide again about the last epoch of a trial that lost its worker or its owner.

        The death may have come before the decision was acted on, and a worker that goes on from a
        checkpoint at this very epoch would pass a rung without being judged.
        """
        running = entry.state is TrialState.RUNNING and not entry.paused
        undecided = entry.granted < entry.last_epoch < self.settings.epochs
        if not running or not undecided or self._reaches_target(entry):
            return  # at the target its worker stops it, and writes its weights
        verdict = self._pruner.report(entry.number, entry.last_epoch, self._sign * entry.values[0])
        if verdict is Verdict.PAUSE:
            self.paused(entry.number)
        elif verdict is Verdict.STOP:
            self.stopped(entry.number)

    # Asking.

    def enqueue(self, configurations: Iterable[Params]) -> int:
        """Queue configurations to run first, as far as the total allows; how many are new."""
        return self._asking.enqueue(configurations)

    def next_trial(self, known: Iterable[Any] = (), elsewhere: Iterable[Any] = ()) -> Entry | None:
        """The trial to train next, now assigned; None when there is none at present.

        Trials left by an interruption come first, then promotions, the queue, and new proposals.

        Args:
            known: structures that the asking worker has compiled.
            elsewhere: structures that other workers have.
        """
        if self.draining:
            return None
        known, elsewhere = list(known), list(elsewhere)
        while (entry := self._next(known, elsewhere)) is not None:
            found = [] if entry.epochs else self._problems(entry.params)
            if not found:
                entry.assigned = True
                break
            self.infeasible(entry.number, "; ".join(found))
            self.on_refusal(entry)
        return entry

    def _next(self, known: list[Any], elsewhere: list[Any]) -> Entry | None:
        entry = self._asking.next(known, elsewhere, self._give_up)
        busy = any(e.assigned for e in self.entries.values())
        if entry is None and not busy and not self._ranked():  # nobody would complete
            strongest = self._pruner.strongest_paused()
            entry = None if strongest is None else self._asking.resume(strongest)
        return entry

    def _give_up(self, number: int) -> None:
        self._tell(self.entries[number], TrialState.PRUNED)

    def seed(self, number: int) -> int:
        """The seed of everything random in a trial's training."""
        return self._recorder.seed(number)

    # Reporting.

    def report(self, number: int, record: EpochRecord) -> Verdict:
        """Record an epoch and decide how the trial goes on.

        An epoch that is recorded already (trained again after a crash) is not recorded twice; the
        last of them is decided about again, for the crash may have come before the decision.
        """
        entry = self.entries[number]
        if record.epoch > entry.last_epoch:
            self.train_seconds += record.metrics.get("train_seconds", record.seconds)
            self._recorder.epoch(entry, record)
        if record.epoch == entry.last_epoch and record.epoch > entry.granted:
            verdict = self._pruner.report(number, record.epoch, self._sign * entry.values[0])
            if self._hits_target(entry):
                return Verdict.STOP
            if verdict is not Verdict.CONTINUE and record.epoch < self.settings.epochs:
                return verdict
        return Verdict.PAUSE if self.draining else Verdict.CONTINUE

    def _reaches_target(self, entry: Entry) -> bool:
        return self.target is not None and self._sign * entry.values[0] >= self._sign * self.target

    def _hits_target(self, entry: Entry) -> bool:
        if not self._reaches_target(entry):
            return False
        self.draining = self.reached_target = True
        return True

    # Telling.

    def paused(self, number: int) -> None:
        """The worker saved a checkpoint and let the trial go."""
        entry = self.entries[number]
        entry.assigned = False
        if not self.draining:
            self._pruner.pause(entry.number)
            self._recorder.paused(entry, True)

    def stopped(self, number: int) -> None:
        """The trial ended by our verdict: it reached the target, or was pruned."""
        entry = self.entries[number]
        if self._hits_target(entry):
            self.completed(number)
        else:
            self._tell(entry, TrialState.PRUNED)

    def completed(self, number: int) -> None:
        """The trial reached its own end."""
        self._pruner.complete(number)
        self._tell(self.entries[number], TrialState.COMPLETE)

    def failed(self, number: int, cause: str, detail: str = "") -> None:
        """The trial failed by itself.

        Raises:
            SearchFailedError: the first trials all failed for this same cause.
        """
        self._fail(number, "error", cause, detail)
        self._beginning.failed(cause, self.paths.trial(number).log)

    def infeasible(self, number: int, reason: str) -> None:
        """The trial cannot be trained on this data, and samplers learn it.

        Raises:
            SearchFailedError: the first trials all were infeasible.
        """
        self._fail(number, INFEASIBLE, reason)
        self._beginning.infeasible(self.total)

    def _fail(self, number: int, kind: str, cause: str, detail: str = "") -> None:
        entry = self.entries[number]
        entry.attrs[kind] = cause
        self._recorder.log(entry, detail or cause)
        self._pruner.forget(number)
        self._tell(entry, TrialState.FAIL)

    def lost(self, number: int, cause: str) -> None:
        """The worker died with the trial: it goes back to the queue, or fails in the end."""
        entry = self.entries[number]
        entry.assigned = False
        self._recorder.death(entry)
        if entry.deaths > self._retries:
            self.failed(number, f"cost {entry.deaths} workers; the last one: {cause}")
        else:
            self._settle(entry)

    def released(self, number: int) -> None:
        """The trial's worker was taken away by ourselves; the trial stays resumable."""
        self.entries[number].assigned = False
        self._settle(self.entries[number])

    def _tell(self, entry: Entry, state: TrialState) -> None:
        if state is TrialState.PRUNED:
            self._pruner.retire(entry.number)
        self._recorder.tell(entry, state)
        self._recorder.keep_weights(self._ranked(), entry)

    # The end.

    def flush(self) -> None:
        """Store what waits for it; `metrics.csv` has it already, and mends the storage if it must."""
        self._recorder.storage.flush()

    @property
    def is_over(self) -> bool:
        """Whether all trials are created and told; queued ones are created, without an entry."""
        finished = sum(e.state.is_finished for e in self.entries.values())
        return finished == self._asking.count and self._asking.is_over

    def finish(self) -> None:
        """With everything created and nobody running: tell the paused trials PRUNED."""
        self.flush()
        running = [e for e in self.entries.values() if e.state is TrialState.RUNNING]
        if self.draining or any(not e.paused for e in running):
            return
        for entry in running:
            self._tell(entry, TrialState.PRUNED)

    def _ranked(self) -> list[Entry]:
        """All COMPLETE trials, the best first; the earlier one where they are equal."""
        complete = (e for e in self.entries.values() if e.state is TrialState.COMPLETE)
        return sorted(complete, key=lambda e: (-self._sign * e.values[0], e.number))

    def best(self) -> Entry | None:
        """The COMPLETE trial with the best value."""
        return next(iter(self._ranked()), None)

    @property
    def created(self) -> int:
        """Trials that exist, WAITING ones too."""
        return self._asking.count
