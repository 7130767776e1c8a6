"""The one object that decides about a study and records it: asked, reported to, told.

Engines place trials and carry messages; whatever the engine, everything that happens to a study
happens here, in the one process that owns it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from autotrain.paths import StudyPaths
from autotrain.space import Objective
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.storage.recorder import Recorder, trained
from autotrain.storage.settings import StudySettings
from autotrain.training.job import Trainable
from autotrain.trial import Decision, Epoch, Params, Trial, TrialStatus
from autotrain.tuner.base import Signature
from autotrain.tuner.fail_fast import FailFast
from autotrain.tuner.optuna_view import distribution
from autotrain.tuner.samplers.base import Sampler
from autotrain.tuner.schedulers.base import Scheduler
from autotrain.tuner.trial_queue import TrialQueue
from autotrain.tuner.view import StudyView


class StudySession:
    """Owns the trials of one study while a search runs; a `Session`.

    Args:
        trials: the total number of trials to create, those of earlier runs included.
        target: value of the first objective at which the search ends.
        threads: CPU threads of a worker, on which the last digits of a metric depend.
        retries: how often a trial may lose its worker without being FAIL.
    """

    def __init__(
        self,
        settings: StudySettings,
        paths: StudyPaths,
        storage: StudyStorage,
        trainable: Trainable,
        sampler: Sampler,
        scheduler: Scheduler,
        *,
        trials: int,
        target: float | None = None,
        threads: int | None = None,
        retries: int = 2,
    ) -> None:
        self.settings, self.paths, self.trainable = settings, paths, trainable
        self.target, self._retries, self.scheduler = target, retries, scheduler
        self.train_seconds = 0.0  # spent in training steps since this session began
        self.is_stopping = self.reached_target = False
        self._refused: list[Trial] = []
        found = {name: distribution(p) for name, p in settings.space.parameters.items()}
        known = {name: wanted for name, wanted in found.items() if wanted is not None}
        self._recorder = Recorder(settings, paths, storage, known, threads)
        self._recorder.set_total(trials)
        self.view = StudyView(settings, trials, trainable.tunable)
        self._queue = TrialQueue(self._recorder, self.view, sampler, scheduler, trainable.signature)
        self._fail_fast = FailFast(self.view)
        self._load()

    def _load(self) -> None:
        """Take the trials of earlier searches, and decide again what their end left open."""
        trials = self._recorder.load()
        for trial in trials:
            self.view.put(trial)
        for trial in trials:
            if trial.queued and self._recorder.was_started(trial):
                self._queue.start(trial)
        for trial in list(self.view.trials.values()):
            self._settle(trial)
        reached = any(self._reaches_target(trial) for trial in self._ranked())
        self.is_stopping = self.reached_target = reached

    def _settle(self, trial: Trial) -> None:
        """Decide again about the last epoch of a trial that lost its worker or its owner.

        The death may have come before the decision was acted on, and a worker that goes on from a
        checkpoint at this very epoch would pass a rung without being judged.
        """
        undecided = trial.granted < trial.last_epoch < self.settings.epochs
        if not trial.is_free or not undecided or self._reaches_target(trial):
            return  # at the target its worker stops it, and writes its weights
        decision = self.scheduler.decide(self.view, trial)
        if decision is Decision.PAUSE:
            self.on_paused(trial.number)
        elif decision is Decision.STOP:
            self.on_stopped(trial.number)

    # What there is.

    @property
    def trials(self) -> Mapping[int, Trial]:
        """All trials by number."""
        return self.view.trials

    @property
    def total(self) -> int:
        """Trials that there may be."""
        return self.view.total

    @property
    def objective(self) -> Objective:
        """The first objective."""
        return self.view.objective

    @property
    def is_over(self) -> bool:
        """Whether all trials are created and told."""
        ended = self.view.count(TrialStatus.COMPLETE, TrialStatus.PRUNED, TrialStatus.FAIL)
        return ended == len(self.trials) and self._queue.is_over

    def best(self) -> Trial | None:
        """The COMPLETE trial with the best value."""
        return next(iter(self._ranked()), None)

    def _ranked(self) -> list[Trial]:
        """All COMPLETE trials, the best first; the earlier one where they are equal."""
        complete = self.view.having(TrialStatus.COMPLETE)
        return sorted(complete, key=lambda t: (-self.view.score_of(t.values), t.number))

    def seed(self, number: int) -> int:
        """The seed of everything random in a trial's training."""
        return self._recorder.seed(number)

    # Asking.

    def enqueue(self, configurations: Iterable[Params]) -> int:
        """Queue configurations to run first, as far as the total allows; how many are new."""
        return self._queue.enqueue(configurations)

    def request_stop(self) -> None:
        """Let running trials be checkpointed at the end of their epoch, and give out no more."""
        self.is_stopping = True

    def next_trial(
        self, known: Collection[Signature] = (), elsewhere: Collection[Signature] = ()
    ) -> Trial | None:
        """The trial to train next; None when there is none at present.

        Trials left by an interruption come first, then promotions, the queue, and new proposals.

        Args:
            known: signatures of what the asking worker has compiled.
            elsewhere: of what other workers have.
        """
        known, elsewhere = list(known), list(elsewhere)
        while not self.is_stopping and (trial := self._next(known, elsewhere)) is not None:
            found = [] if trial.epochs else self.trainable.problems(trial.params)
            if not found:
                return trial
            self.on_infeasible(trial.number, "; ".join(found))
            self._refused.append(self.trials[trial.number])
        return None

    def _next(self, known: Collection[Signature], elsewhere: Collection[Signature]) -> Trial | None:
        trial = self._queue.next(known, elsewhere, self._prune)
        busy = any(t.worker is not None for t in self.view.having(TrialStatus.RUNNING))
        if trial is None and not busy and not self.view.count(TrialStatus.COMPLETE):
            return self._last_resort()
        return trial

    def _last_resort(self) -> Trial | None:
        """Go on with the paused trial that came furthest, for otherwise none would complete."""
        paused = self.view.having(TrialStatus.PAUSED)
        if not paused:
            return None
        furthest = max(
            paused,
            key=lambda t: (t.last_epoch, _known(self.view.last_best(t.number)), -t.number),
        )
        return self._queue.resume(furthest.number)

    def refused(self) -> list[Trial]:
        """Trials that were found infeasible while a trial was sought, each told once."""
        refused, self._refused = self._refused, []
        return refused

    def on_assigned(self, number: int, worker: int) -> Trial:
        """A worker trains the trial from now on."""
        return self._put(self.trials[number].assigned(worker))

    # Reporting.

    def report(self, number: int, record: Epoch) -> Decision:
        """Record an epoch and decide how the trial goes on.

        An epoch that is recorded already (trained again after a crash) is not recorded twice; the
        last of them is decided about again, for the crash may have come before the decision.
        """
        trial = self.trials[number]
        if record.epoch > trial.last_epoch:
            self.train_seconds += record.metrics.get("train_seconds", record.seconds)
            trial = trained(trial, record, self.settings)
            self._recorder.epoch(trial)
            self._put(trial)
        if record.epoch == trial.last_epoch and record.epoch > trial.granted:
            decision = self.scheduler.decide(self.view, trial)
            if self._hits_target(trial):
                return Decision.STOP
            if decision is not Decision.CONTINUE and record.epoch < self.settings.epochs:
                return decision
        return Decision.PAUSE if self.is_stopping else Decision.CONTINUE

    def _reaches_target(self, trial: Trial) -> bool:
        if self.target is None:
            return False
        return self.view.score_of(trial.values) >= self.view.score_of((self.target,))

    def _hits_target(self, trial: Trial) -> bool:
        if not self._reaches_target(trial):
            return False
        self.is_stopping = self.reached_target = True
        return True

    # Telling.

    def on_paused(self, number: int) -> None:
        """The worker saved a checkpoint and let the trial go."""
        trial = self.trials[number]
        if self.is_stopping:
            self._put(trial.released())
        else:
            self._recorder.paused(self._put(trial.rested()))

    def on_stopped(self, number: int) -> None:
        """The trial ended by our decision: it reached the target, or was pruned."""
        trial = self.trials[number]
        if self._hits_target(trial):
            self.on_completed(number)
        else:
            self._prune(trial)

    def on_completed(self, number: int) -> None:
        """The trial reached its own end."""
        self._finish(self.trials[number].finished(TrialStatus.COMPLETE))

    def on_failed(self, number: int, cause: str, detail: str = "") -> None:
        """The trial failed by itself.

        Raises:
            SearchFailedError: the first trials all failed for this same cause.
        """
        trial = self.trials[number]
        self._recorder.log(trial, detail or cause)
        self._finish(trial.finished(TrialStatus.FAIL, error=cause))
        self._fail_fast.on_failed(cause, self.paths.trial(number).log)

    def on_infeasible(self, number: int, reason: str) -> None:
        """The trial cannot be trained on this data, and samplers learn it.

        Raises:
            SearchFailedError: the first trials all were infeasible.
        """
        trial = self.trials[number]
        self._recorder.log(trial, reason)
        self._finish(trial.finished(TrialStatus.FAIL, infeasible=reason))
        self._fail_fast.on_infeasible()

    def on_worker_lost(self, number: int, cause: str) -> None:
        """The worker died with the trial: it goes back to the queue, or fails in the end."""
        trial = self.trials[number]
        trial = self._put(replace(trial.released(), losses=trial.losses + 1))
        self._recorder.loss(trial)
        if trial.losses > self._retries:
            self.on_failed(number, f"cost {trial.losses} workers; the last one: {cause}")
        else:
            self._settle(trial)

    def _prune(self, trial: Trial) -> None:
        self._finish(trial.finished(TrialStatus.PRUNED))

    def _finish(self, trial: Trial) -> None:
        self._recorder.finish(self._put(trial))
        self._recorder.keep_weights(self._ranked(), trial)

    def _put(self, trial: Trial) -> Trial:
        self.view.put(trial)
        return trial

    # The end.

    def flush(self) -> None:
        """Store what waits for it; `metrics.csv` has it already, and mends the storage if it must."""
        self._recorder.storage.flush()

    def finish(self) -> None:
        """With everything created and nobody running: tell the paused trials PRUNED."""
        self.flush()
        if self.is_stopping or self.view.count(TrialStatus.RUNNING):
            return
        for trial in self.view.having(TrialStatus.PAUSED):
            self._prune(trial)


def _known(score: float | None) -> float:
    return -math.inf if score is None else score
