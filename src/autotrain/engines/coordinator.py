"""The coordinator's loop: hand out trials, answer reports, replace what dies.

It decides nothing about trials; the session does.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from autotrain.engines.callbacks import Callback
from autotrain.engines.messages import Call, Ended, EpochDone, Failed, FromWorker, Ready, Run
from autotrain.engines.resources import Slot
from autotrain.engines.worker_handle import CALL_SECONDS, Launcher, WorkerHandle
from autotrain.errors import SearchFailedError
from autotrain.storage.settings import job_of
from autotrain.training.job import Job, Trainable
from autotrain.trial import Decision, Trial
from autotrain.tuner.base import Session

SAVE_EVERY = 60.0  # seconds of training that a crash may cost at most, and one epoch
_START_DEATHS = 3  # workers that die before they are ready, one after another
_TICK = 0.5
_LONG_START = 60.0  # seconds without any worker after which the user is told


class Coordinator:
    """Runs a search on workers, of this machine or of a cluster; an `Engine`.

    Args:
        slots: places of workers.
        launcher: what starts a worker in one of them.
        hang_seconds: least silence that means a hung worker; ten epochs if that is longer.
    """

    session: Session  # of the search that runs, like the next three
    callback: Callback
    _trainable: Trainable  # as workers are begun with it
    _deadline: float | None

    def __init__(
        self, slots: Sequence[Slot], launcher: Launcher, hang_seconds: float = 600.0
    ) -> None:
        self.slots, self._launcher, self._hang_seconds = slots, launcher, hang_seconds
        self.workers: list[WorkerHandle] = []
        self._token = self._start_deaths = 0
        self._epoch_seconds: dict[Hashable, float] = {}
        self._saved: dict[int, float] = {}
        self._flushed = 0.0
        self._waiting_since: float | None = None

    def run(self, session: Session, callback: Callback, deadline: float | None = None) -> None:
        """Search until the session is over, the deadline has passed, or a stop was requested.

        Raises:
            SearchFailedError: more trials would not mend what is wrong.
        """
        self.session, self.callback, self._deadline = session, callback, deadline
        callback.on_search_start(session, len(self.slots))
        try:
            self._trainable = self._launcher.prepared(session.trainable)
            self.workers = [self._start(slot) for slot in self.slots]
            while self._step():
                pass
            session.finish()
        finally:
            callback.on_search_end()

    def request_stop(self) -> None:
        """Let running trials checkpoint at the end of their epoch, and start no more."""
        self.session.request_stop()

    def close(self, at_once: bool = False) -> None:
        """End all workers; `at_once` without waiting for anything."""
        for worker in self.workers:
            worker.kill() if at_once else worker.shut_down()
        self.workers = []
        self._launcher.close(at_once)

    def call(
        self, name: str, trial: Trial, path: Path, seconds: float = CALL_SECONDS
    ) -> Mapping[str, Any]:
        """Have a ready worker do something with a finished trial; see `Runner.call`.

        Raises:
            SearchFailedError: no worker could.
        """
        ready = [worker for worker in self.workers if worker.idle]
        if not ready:
            raise SearchFailedError(
                "no worker is left to write the best model: search again to do it"
            )
        key = self._signature(trial)
        worker = next((w for w in ready if key in w.signatures), ready[0])
        self._token += 1
        return worker.call(Call(self._token, name, self._job(trial), path), seconds)

    # One turn of the loop.

    def _step(self) -> bool:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self.session.request_stop()
        self._hand_out()
        if not any(worker.trial is not None for worker in self.workers):
            # A ready worker that gets nothing to do now, with nobody training, never will.
            if self.session.is_stopping or not self._all_starting():
                return False
            self._tell_of_waiting()
        self._listen()
        self._find_hung()
        if time.monotonic() - self._flushed > _TICK:
            self.session.flush()
            self._flushed = time.monotonic()
        self.callback.on_tick()
        return True

    def _all_starting(self) -> bool:
        return bool(self.workers) and not any(worker.ready for worker in self.workers)

    def _tell_of_waiting(self) -> None:
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        if time.monotonic() - self._waiting_since > _LONG_START:
            self.callback.on_note("no worker has started yet: is there room for one?")
            self._waiting_since = float("inf")

    def _hand_out(self) -> None:
        while (worker := next((w for w in self.workers if w.idle), None)) is not None:
            others = [key for w in self.workers if w is not worker for key in w.signatures]
            trial = self.session.next_trial(worker.signatures, others)
            for refused in self.session.refused():
                self.callback.on_trial_end(refused)
            if trial is None:
                return
            self._assign(self._worker_for(trial, worker), trial)

    def _worker_for(self, trial: Trial, asking: WorkerHandle) -> WorkerHandle:
        """An idle worker that has compiled the trial's program, else the one that asks."""
        key = self._signature(trial)
        idle = [asking, *(w for w in self.workers if w.idle)]
        return next((worker for worker in idle if key in worker.signatures), asking)

    def _assign(self, worker: WorkerHandle, trial: Trial) -> None:
        self._token += 1
        worker.trial, worker.token = trial.number, self._token
        self._saved[trial.number] = time.monotonic()
        trial = self.session.on_assigned(trial.number, worker.slot.index)
        key = self._signature(trial)
        known = key in worker.signatures
        if not known:  # it will have it, and another trial of this kind is best sent there too
            worker.signatures = [*worker.signatures, key]
        log = self.session.paths.trial(trial.number).log
        worker.send(Run(self._token, self._job(trial), log))
        worker.watch(self._patience(key) * (1 if known else 6))  # the first epoch compiles
        self.callback.on_trial_start(trial, worker.slot.index)

    def _signature(self, trial: Trial) -> Hashable:
        return self.session.trainable.signature(trial.params)

    def _job(self, trial: Trial) -> Job:
        session, number = self.session, trial.number
        seed = session.seed(number)
        return job_of(session.settings, session.paths, number, trial.params, seed)

    def _patience(self, key: Hashable) -> float:
        return max(self._hang_seconds, 10 * self._epoch_seconds.get(key, 0.0))

    def _listen(self) -> None:
        ready = wait([worker.connection for worker in self.workers], timeout=_TICK)
        for worker in [w for w in self.workers if w.connection in ready]:
            try:
                message = worker.receive()
            except (EOFError, OSError):
                self._died(worker, worker.cause_of_death())
            else:
                self._handle(worker, message)

    def _handle(self, worker: WorkerHandle, message: FromWorker | None) -> None:
        if isinstance(message, Ready):
            worker.ready = True
            self._start_deaths = 0
        elif isinstance(message, Failed) and message.token == 0:
            raise SearchFailedError(f"a worker could not start: {message.cause}\n{message.detail}")
        elif message is None or worker.trial is None or message.token != worker.token:
            return  # of an assignment that is over
        elif isinstance(message, EpochDone):
            self._epoch(worker, worker.trial, message)
        elif isinstance(message, Ended):
            self._ended(worker, message)
        elif isinstance(message, Failed):
            number = self._take_from(worker)
            if message.infeasible:
                self.session.on_infeasible(number, message.cause)
            else:
                self.session.on_failed(number, message.cause, message.detail)
            self.callback.on_trial_end(self.session.trials[number])

    def _epoch(self, worker: WorkerHandle, number: int, message: EpochDone) -> None:
        decision = self.session.report(number, message.record)
        now = time.monotonic()
        if decision is Decision.CONTINUE and now - self._saved[number] > SAVE_EVERY:
            decision = Decision.SAVE
            self._saved[number] = now
        worker.send(decision)
        trial = self.session.trials[number]
        key = self._signature(trial)
        self._epoch_seconds[key] = message.record.seconds
        worker.watch(self._patience(key))
        self.callback.on_epoch(trial, message.record)

    def _ended(self, worker: WorkerHandle, message: Ended) -> None:
        number = self._take_from(worker)
        worker.signatures = message.signatures
        if message.reached_end:
            self.session.on_completed(number)
        elif message.decision is Decision.STOP:
            self.session.on_stopped(number)
        else:
            self.session.on_paused(number)
        self.callback.on_trial_end(self.session.trials[number])
        if message.worn and not self.session.is_stopping and not self.session.is_over:
            self._replace(worker)

    def _replace(self, worker: WorkerHandle) -> None:
        worker.shut_down()
        self.workers.remove(worker)
        self.workers.append(self._start(worker.slot))

    def _take_from(self, worker: WorkerHandle) -> int:
        """The number of the trial that a worker has no more."""
        assert worker.trial is not None
        number, worker.trial, worker.deadline = worker.trial, None, float("inf")
        return number

    # Deaths.

    def _died(self, worker: WorkerHandle, cause: str) -> None:
        worker.close()
        self.workers.remove(worker)
        log = self.session.paths.worker_log(worker.slot.index)
        if worker.trial is not None:
            number = self._take_from(worker)
            self.session.on_worker_lost(number, cause)
            self.callback.on_note(f"trial {number}: {cause}")
            self.callback.on_trial_end(self.session.trials[number])
        elif not worker.ready:
            self._start_deaths += 1
            if self._start_deaths >= _START_DEATHS:
                raise SearchFailedError(f"workers die while starting: {cause}; see {log}")
        if not self.session.is_stopping:
            self.workers.append(self._start(worker.slot))

    def _find_hung(self) -> None:
        now = time.monotonic()
        for worker in [w for w in self.workers if now > w.deadline]:
            worker.kill()
            self._died(worker, "the worker hung: no report in time")

    def _start(self, slot: Slot) -> WorkerHandle:
        worker = self._launcher.start(slot)
        worker.begin(self._trainable, self.session.paths.worker_log(slot.index))
        return worker
