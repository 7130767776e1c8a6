"""The coordinator's handle of one worker process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from autotrain.engines.local import messages
from autotrain.engines.local.slots import Slot


class WorkerProcess:
    """Starts a worker, talks to it, and knows how it died.

    Attributes:
        entry: number of the trial that it has, or None.
        token: of that assignment.
        structures: what it has compiled.
        deadline: monotonic time after which its silence means that it hangs.

    Args:
        framework: `keras` to load it at once, while nobody knows yet what there is to train.
    """

    def __init__(self, slot: Slot, framework: str | None, backend: str) -> None:
        self.slot = slot
        self._log: Path | None = None
        self._output = tempfile.TemporaryFile()  # noqa: SIM115, closed in `_keep_output`
        self.ready = False
        self.entry: int | None = None
        self.token = 0
        self.structures: list[Any] = []
        self.deadline = float("inf")
        self.connection, theirs = Pipe()
        lifeline, self._lifeline = os.pipe()
        descriptors = (theirs.fileno(), lifeline)
        words = [*map(str, descriptors), *([framework] if framework else [])]
        # A session of its own keeps the terminal's Ctrl-C away from it.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autotrain.engines.local.worker", *words],
            env={**os.environ, **slot.environment(backend)},
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
        )
        theirs.close()
        os.close(lifeline)

    def begin(self, setup: Any, log: Path) -> None:
        """Have it build its runner; it is ready when it says so."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        self.send(messages.Begin(setup, log))

    @property
    def idle(self) -> bool:
        """Whether it can take a trial."""
        return self.ready and self.entry is None

    def send(self, message: Any) -> None:
        """Send a message; a worker that is gone is noticed when its pipe is read."""
        with suppress(OSError):
            self.connection.send(message)

    def kill(self) -> None:
        """End it at once and wait until it is gone, so that it writes nothing any more."""
        self.process.kill()
        self.process.wait()
        self.close()

    def shut_down(self, seconds: float = 5.0) -> None:
        """Close its pipe, upon which it ends by itself; kill it if it does not."""
        self.close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        """Close our ends of its pipes."""
        if not self.connection.closed:
            self.connection.close()
            os.close(self._lifeline)
            self._keep_output()

    def _keep_output(self) -> None:
        """What it printed before it knew its log belongs there too."""
        with self._output as output:
            output.seek(0)
            text = output.read()
        if text and self._log is not None:
            with self._log.open("ab") as log:
                log.write(text)

    def cause_of_death(self) -> str:
        """How the process ended, in words."""
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if code >= 0:
            return f"the worker exited with status {code}"
        name = signal.Signals(-code).name
        hint = ", perhaps for lack of memory" if name == "SIGKILL" else ""
        return f"the worker was ended by {name}{hint}"

    def watch(self, seconds: float) -> None:
        """Expect the next message within so many seconds."""
        self.deadline = time.monotonic() + seconds
