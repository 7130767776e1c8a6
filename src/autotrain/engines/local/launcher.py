"""Workers that are processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe
from pathlib import Path

from autotrain.engines.base import Engine, EngineOptions
from autotrain.engines.coordinator import Coordinator
from autotrain.engines.inline import InlineEngine
from autotrain.engines.resources import Slot, plan_slots
from autotrain.engines.worker_handle import WorkerHandle
from autotrain.training.job import Trainable


class WorkerProcess(WorkerHandle):
    """Starts a worker process, talks to it, and knows how it died.

    Args:
        framework: `keras` to load it at once, while nobody knows yet what there is to train.
    """

    def __init__(self, slot: Slot, framework: str | None, backend: str) -> None:
        super().__init__(slot)
        self._log: Path | None = None
        self._output = tempfile.TemporaryFile()  # noqa: SIM115, closed in `_keep_output`
        self.connection, theirs = Pipe()
        lifeline, self._lifeline = os.pipe()
        descriptors = (theirs.fileno(), lifeline)
        words = [*map(str, descriptors), *([framework] if framework else [])]
        # A session of its own keeps the terminal's Ctrl-C away from it.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autotrain.engines.local.main", *words],
            env={**os.environ, **slot.environment(backend)},
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
        )
        theirs.close()
        os.close(lifeline)

    def begin(self, trainable: Trainable, log: Path) -> None:
        """Have it load what it takes to train; it is ready when it says so."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        super().begin(trainable, log)

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        self.close()

    def shut_down(self, seconds: float = 5.0) -> None:
        """Close its pipe, so that it ends by itself; kill it if it does not."""
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
        """Keep what it printed before it knew its log."""
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


class LocalLauncher:
    """Starts workers on this machine, those first that were started already.

    Args:
        framework: `keras`, or None for a function of the user's own.
        warm: workers that were started before there was anything to train; see `warm_workers`.
    """

    def __init__(self, backend: str, framework: str | None, warm: list[WorkerProcess]) -> None:
        self._backend, self._framework, self._warm = backend, framework, warm

    def prepared(self, trainable: Trainable) -> Trainable:
        """As it is: its paths are theirs."""
        return trainable

    def start(self, slot: Slot) -> WorkerProcess:
        """A worker process in a slot."""
        worker = next((w for w in self._warm if w.slot == slot), None)
        if worker is None:
            return WorkerProcess(slot, self._framework, self._backend)
        self._warm.remove(worker)
        return worker

    def close(self, at_once: bool) -> None:
        """Nothing is left but the processes themselves."""


@contextmanager
def opened(options: EngineOptions, hang_seconds: float) -> Iterator[Engine]:
    """The engine on this machine; workers load Keras already, while the data is prepared.

    Raises:
        ConfigurationError: a GPU that is not there, or impossible numbers.
    """
    if options.workers == 0:
        if options.keras:
            os.environ.setdefault("KERAS_BACKEND", options.backend)
        yield InlineEngine()
        return
    slots = plan_slots(options.gpus, options.trials_per_gpu, options.workers, options.trials)
    with warm_workers(slots if options.keras else (), options.backend) as warm:
        launcher = LocalLauncher(options.backend, "keras" if options.keras else None, warm)
        yield Coordinator(slots, launcher, hang_seconds)


@contextmanager
def warm_workers(slots: Sequence[Slot], backend: str) -> Iterator[list[WorkerProcess]]:
    """Workers that load Keras while the data is prepared; those not taken end with the block."""
    workers = [WorkerProcess(slot, "keras", backend) for slot in slots]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
