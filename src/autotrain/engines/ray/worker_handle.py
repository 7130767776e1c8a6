"""The coordinator's handle of a worker somewhere in the cluster."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from autotrain.engines.messages import Call, Ended, Failed, FromWorker, Run, ToWorker
from autotrain.engines.ray.transport import hang_up
from autotrain.engines.resources import Slot
from autotrain.engines.worker_handle import WorkerHandle
from autotrain.files import replaced
from autotrain.training.job import Trainable

_JOINED = "joined"  # said over a worker's own pipe once it has dialled in
_LEAVE_SECONDS = 5.0
_KNOWN_SECONDS = 3.0


class RayWorker(WorkerHandle):
    """A worker somewhere in the cluster.

    Until it has dialled in its connection is a pipe of our own, so that the coordinator can wait
    for it like for any other.
    """

    def __init__(self, slot: Slot, ticket: str) -> None:
        super().__init__(slot)
        self.ticket = ticket
        self.connection, self._far = Pipe(duplex=False)
        self._ends: dict[str, Any] = {}
        self._unsent: list[Any] = []
        self._error: Callable[[], BaseException | None] = lambda: None
        self._log: Path | None = None
        self._job_log: Path | None = None
        self._model: Path | None = None

    def begin(self, trainable: Trainable, log: Path) -> None:
        """Have it load what it takes to train; it is ready when it says so."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        super().begin(trainable, log)

    def joined(self, purpose: str, end: object) -> None:
        """Called from another thread: it dialled in, once to talk and once for its lifeline."""
        self._ends[purpose] = end
        if len(self._ends) == 2:
            with suppress(OSError):
                self._far.send(_JOINED)

    def lost(self, error: Callable[[], BaseException | None]) -> None:
        """Called from another thread: Ray says that it is gone; it knows why a moment later."""
        self._error = error
        with suppress(OSError):
            self._far.close()
        for end in list(self._ends.values()):
            hang_up(end)

    def send(self, message: ToWorker) -> None:
        """Send a message, or keep it until the worker has dialled in."""
        if isinstance(message, Run):
            self._job_log = message.log
        elif isinstance(message, Call):
            self._model = message.path
        if self.connection is self._ends.get("talk"):
            super().send(message)
        else:
            self._unsent.append(message)

    def receive(self) -> FromWorker | None:
        """The next message; what travelled in it is written where it belongs."""
        message = self.connection.recv()
        if message == _JOINED:
            self.connection.close()
            self._far.close()
            self.connection = self._ends["talk"]
            for waiting in self._unsent:
                self.send(waiting)
            self._unsent.clear()
            return None
        if isinstance(message, Ended | Failed) and self._job_log:
            with self._job_log.open("ab") as log:
                log.write(message.log)
        if isinstance(message, Ended) and message.model and self._model:
            _write(self._model, message.model)
        found: FromWorker = message
        return found

    def kill(self) -> None:
        """Close its lifeline, so that its process ends at once."""
        self._hang_up()

    def shut_down(self, seconds: float = _LEAVE_SECONDS) -> None:
        """Hang up, so that it ends by itself; close its lifeline if it does not."""
        talk, lifeline = self._ends.get("talk"), self._ends.get("lifeline")
        if talk is not None and lifeline is not None:
            hang_up(talk)
            with suppress(OSError):
                lifeline.poll(seconds)  # readable when its other end is gone
        self._hang_up()

    def close(self) -> None:
        """Give back our ends."""
        self._hang_up()

    def _hang_up(self) -> None:
        for end in (self.connection, self._far, *self._ends.values()):
            with suppress(OSError):
                end.close()

    def cause_of_death(self) -> str:
        """How it ended, as far as Ray knows; its log has the whole of it."""
        # Why one could not start matters, and Tune knows it a moment later.
        deadline = time.monotonic() + (0.0 if self.ready else _KNOWN_SECONDS)
        while (error := self._error()) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        text = str(error or "its process or its node ended").strip()
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"{text}\n")
        return f"the worker was lost: {text.splitlines()[-1]}"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as aside:
        aside.write_bytes(content)
