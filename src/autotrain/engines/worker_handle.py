"""The coordinator's handle of one worker, wherever it runs."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from autotrain.engines.messages import Begin, Call, Failed, FromWorker, ToWorker
from autotrain.engines.resources import Slot
from autotrain.errors import SearchFailedError
from autotrain.training.job import Trainable

CALL_SECONDS = 300.0


class WorkerHandle:
    """What the coordinator knows of a worker, and how it talks to it.

    Attributes:
        ready: its framework and data are loaded.
        trial: number of the trial that it has, or None.
        token: of that assignment.
        signatures: of what it has compiled.
        deadline: monotonic time after which its silence means that it hangs.
        connection: becomes readable when there is a message, or when the worker is gone.
    """

    connection: Connection[Any, Any]

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.ready = False
        self.trial: int | None = None
        self.token = 0
        self.signatures: Sequence[Hashable] = ()
        self.deadline = float("inf")

    @property
    def idle(self) -> bool:
        """Whether it can take a trial."""
        return self.ready and self.trial is None

    def begin(self, trainable: Trainable, log: Path) -> None:
        """Have it load what it takes to train; it is ready when it says so."""
        self.send(Begin(trainable, log))

    def send(self, message: ToWorker) -> None:
        """Send a message; a worker that is gone is noticed when its connection is read."""
        with suppress(OSError):
            self.connection.send(message)

    def receive(self) -> FromWorker | None:
        """The next message, or None for one that is not the coordinator's.

        Raises:
            EOFError, OSError: the worker is gone.
        """
        message: FromWorker = self.connection.recv()
        return message

    def call(self, call: Call, seconds: float = CALL_SECONDS) -> Mapping[str, Any]:
        """Have an idle worker do something, and wait for it; what it returned.

        Raises:
            SearchFailedError: it failed, or took too long.
        """
        what = f"{call.name.replace('_', ' ')} of {call.path}"
        self.send(call)
        answer = None
        while answer is None:
            if not self.connection.poll(seconds):
                raise SearchFailedError(f"{what} took more than {seconds:.0f} s")
            try:
                answer = self.receive()
            except (EOFError, OSError):
                raise SearchFailedError(f"{what} failed: {self.cause_of_death()}") from None
        if isinstance(answer, Failed):
            raise SearchFailedError(f"{what} failed: {answer.cause}")
        facts: Mapping[str, Any] = getattr(answer, "facts", {})
        return facts

    def watch(self, seconds: float) -> None:
        """Expect the next message within so many seconds."""
        self.deadline = time.monotonic() + seconds

    def kill(self) -> None:
        """End it at once, so that it writes nothing any more."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """Let it end by itself, and end it if it does not."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what is held for a worker that is gone."""
        raise NotImplementedError

    def cause_of_death(self) -> str:
        """How it ended, in words."""
        raise NotImplementedError


class Launcher(Protocol):
    """Starts workers."""

    def prepared(self, trainable: Trainable) -> Trainable:
        """What workers are begun with; called once, before the first one."""

    def start(self, slot: Slot) -> WorkerHandle:
        """A new worker in a place, which is not ready yet."""

    def close(self, at_once: bool) -> None:
        """The search is over, and all workers were told to end; `at_once` waits for nothing."""
