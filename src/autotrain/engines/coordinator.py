"""The coordinator's loop: hand out trials, answer reports, replace what dies.

It decides nothing about trials; the session does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Any

from autotrain.engines import messages
from autotrain.engines.callbacks import Observer
from autotrain.engines.jobs import job_of
from autotrain.engines.resources import Slot
from autotrain.engines.worker_handle import Launcher, Worker
from autotrain.errors import SearchFailedError
from autotrain.storage.recorder import Entry
from autotrain.trial import Verdict
from autotrain.tuner.confirmation import Confirmation
from autotrain.tuner.session import StudySession

SAVE_EVERY = 60.0  # seconds of training that a crash may cost at most, and one epoch
_START_DEATHS = 3  # workers that die before they are ready, one after another
_TICK = 0.5
_LONG_START = 60.0  # seconds without any worker after which the user is told


@dataclass
class Coordinator:
    """Runs a search on workers, of this machine or of a cluster.

    Args:
        setup: what builds a worker's runner.
        launcher: what starts workers.
        deadline: monotonic time at which trials are checkpointed and the search ends.
        hang_seconds: least silence that means a hung worker; ten epochs if that is longer.
    """

    session: StudySession | Confirmation
    slots: Sequence[Slot]
    setup: Any
    launcher: Launcher
    observer: Observer
    deadline: float | None = None
    hang_seconds: float = 600.0
    workers: list[Worker] = field(default_factory=list)
    _token: int = 0
    _epoch_seconds: dict[Any, float] = field(default_factory=dict)
    _saved: dict[int, float] = field(default_factory=dict)
    _start_deaths: int = 0
    _flushed: float = 0.0
    _waiting_since: float | None = None

    def run(self) -> None:
        """Search until the study is over, the deadline has passed, or `stop` was asked for.

        Raises:
            SearchFailedError: more trials would not mend what is wrong.
        """
        self.observer.started(self.session, len(self.slots))
        self.session.on_refusal = self.observer.ended
        try:
            self.setup = self.launcher.prepared(self.setup)
            self.workers = [self._start(slot) for slot in self.slots]
            while self._step():
                pass
            self.session.finish()
        finally:
            self.observer.finished()

    def stop(self) -> None:
        """Let running trials checkpoint at the end of their epoch, and start no more."""
        self.session.draining = True

    def close(self, at_once: bool = False) -> None:
        """End all workers; `at_once` without waiting for anything."""
        for worker in self.workers:
            worker.kill() if at_once else worker.shut_down()
        self.workers = []
        self.launcher.close(at_once)

    def do(self, name: str, entry: Entry, path: Any, seconds: float = 300.0) -> dict[str, Any]:
        """Have a ready worker do a task with a finished trial; what it returned.

        Args:
            name: of a method of the runner, such as `save_model`.

        Raises:
            SearchFailedError: no worker could.
        """
        ready = [worker for worker in self.workers if worker.idle]
        if not ready:
            raise SearchFailedError(
                "no worker is left to write the best model: search again to do it"
            )
        key = self.session.structure(entry.params)
        worker = next((w for w in ready if key in w.structures), ready[0])
        self._token += 1
        return worker.do(
            messages.Task(self._token, name, job_of(self.session, entry), path), seconds
        )

    # One turn of the loop.

    def _step(self) -> bool:
        if self.deadline is not None and time.monotonic() >= self.deadline:
            self.session.draining = True
        self._hand_out()
        if not any(worker.entry is not None for worker in self.workers):
            # A ready worker that gets nothing to do now, with nobody training, never will.
            if self.session.draining or not self._all_starting():
                return False
            self._tell_of_waiting()
        self._listen()
        self._find_hung()
        if time.monotonic() - self._flushed > _TICK:
            self.session.flush()
            self._flushed = time.monotonic()
        self.observer.tick()
        return True

    def _all_starting(self) -> bool:
        return bool(self.workers) and not any(worker.ready for worker in self.workers)

    def _tell_of_waiting(self) -> None:
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        if time.monotonic() - self._waiting_since > _LONG_START:
            self.observer.note("no worker has started yet: is there room for one?")
            self._waiting_since = float("inf")

    def _hand_out(self) -> None:
        while (worker := next((w for w in self.workers if w.idle), None)) is not None:
            others = [key for w in self.workers if w is not worker for key in w.structures]
            entry = self.session.next_trial(worker.structures, others)
            if entry is None:
                return
            self._assign(self._worker_for(entry, worker), entry)

    def _worker_for(self, entry: Entry, asking: Worker) -> Worker:
        """An idle worker that has compiled the trial's structure, else the one that asks."""
        key = self.session.structure(entry.params)
        idle = [asking, *(w for w in self.workers if w.idle)]
        return next((worker for worker in idle if key in worker.structures), asking)

    def _assign(self, worker: Worker, entry: Entry) -> None:
        self._token += 1
        worker.entry, worker.token = entry.number, self._token
        self._saved[entry.number] = time.monotonic()
        key = self.session.structure(entry.params)
        known = key in worker.structures
        if not known:  # it will have it, and another trial of this kind is best sent there too
            worker.structures = [*worker.structures, key]
        log = self.session.paths.trial(entry.number).log
        worker.send(messages.Run(self._token, job_of(self.session, entry), log))
        worker.watch(self._patience(key) * (1 if known else 6))  # the first epoch compiles
        self.observer.assigned(entry, worker.slot.index)

    def _patience(self, key: Any) -> float:
        return max(self.hang_seconds, 10 * self._epoch_seconds.get(key, 0.0))

    def _listen(self) -> None:
        ready = wait([worker.connection for worker in self.workers], timeout=_TICK)
        for worker in [w for w in self.workers if w.connection in ready]:
            try:
                message = worker.receive()
            except (EOFError, OSError):
                self._died(worker, worker.cause_of_death())
            else:
                self._handle(worker, message)

    def _handle(self, worker: Worker, message: Any) -> None:
        if isinstance(message, messages.Ready):
            worker.ready = True
            self._start_deaths = 0
        elif isinstance(message, messages.Failed) and message.token == 0:
            raise SearchFailedError(f"a worker could not start: {message.cause}\n{message.detail}")
        elif worker.entry is None or message.token != worker.token:
            return  # of an assignment that is over
        elif isinstance(message, messages.Epoch):
            self._epoch(worker, message)
        elif isinstance(message, messages.Ended):
            self._ended(worker, message)
        elif isinstance(message, messages.Failed):
            entry = self._take_from(worker)
            if message.infeasible:
                self.session.infeasible(entry.number, message.cause)
            else:
                self.session.failed(entry.number, message.cause, message.detail)
            self.observer.ended(entry)

    def _epoch(self, worker: Worker, message: messages.Epoch) -> None:
        assert worker.entry is not None
        entry = self.session.entries[worker.entry]
        verdict = self.session.report(entry.number, message.record)
        now = time.monotonic()
        if verdict is Verdict.CONTINUE and now - self._saved[entry.number] > SAVE_EVERY:
            verdict = Verdict.SAVE
            self._saved[entry.number] = now
        worker.send(verdict)
        key = self.session.structure(entry.params)
        self._epoch_seconds[key] = message.record.seconds
        worker.watch(self._patience(key))
        self.observer.epoch(entry, message.record)

    def _ended(self, worker: Worker, message: messages.Ended) -> None:
        entry = self._take_from(worker)
        worker.structures = message.structures
        if message.reached_end:
            self.session.completed(entry.number)
        elif message.verdict is Verdict.STOP:
            self.session.stopped(entry.number)
        else:
            self.session.paused(entry.number)
        self.observer.ended(entry)
        if message.worn and not self.session.draining and not self.session.is_over:
            self._replace(worker)

    def _replace(self, worker: Worker) -> None:
        worker.shut_down()
        self.workers.remove(worker)
        self.workers.append(self._start(worker.slot))

    def _take_from(self, worker: Worker) -> Entry:
        assert worker.entry is not None
        entry = self.session.entries[worker.entry]
        worker.entry, worker.deadline = None, float("inf")
        return entry

    # Deaths.

    def _died(self, worker: Worker, cause: str) -> None:
        worker.close()
        self.workers.remove(worker)
        log = self.session.paths.worker_log(worker.slot.index)
        if worker.entry is not None:
            entry = self._take_from(worker)
            self.session.lost(entry.number, cause)
            self.observer.note(f"trial {entry.number}: {cause}")
            self.observer.ended(entry)
        elif not worker.ready:
            self._start_deaths += 1
            if self._start_deaths >= _START_DEATHS:
                raise SearchFailedError(f"workers die while starting: {cause}; see {log}")
        if not self.session.draining:
            self.workers.append(self._start(worker.slot))

    def _find_hung(self) -> None:
        now = time.monotonic()
        for worker in [w for w in self.workers if now > w.deadline]:
            worker.kill()
            self._died(worker, "the worker hung: no report in time")

    def _start(self, slot: Slot) -> Worker:
        worker = self.launcher.start(slot)
        worker.begin(self.setup, self.session.paths.worker_log(slot.index))
        return worker
