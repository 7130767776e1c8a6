"""A worker on a node of the cluster: one long-lived Tune trial that pulls segments from the driver.

Tune gives an actor to whichever trial comes next, so with one Tune trial for each of ours compiled
programs would be reused by chance; `benchmarks/ray_reuse.py` measures how often. One Tune trial for
each worker leaves placing to Tune, and who trains what to the coordinator.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray
from ray import tune

from autotrain.engines.keras_trainable import KerasTrainable
from autotrain.engines.messages import Begin, Call, Ended, Failed, Run
from autotrain.engines.ray.transport import dial, hang_up
from autotrain.engines.resources import find_gpus
from autotrain.engines.worker import load_keras, serve
from autotrain.files import JsonObject, new_folder
from autotrain.training.job import Trainable
from autotrain.training.runtime import user_cache

_MOST_LOG = 2**20  # bytes of a trial's output that travel to the driver


@dataclass(frozen=True)
class Plan:
    """What every worker of a search knows.

    Attributes:
        address, key: of the line to the driver.
        variables: what must be in the environment before a framework is imported.
        keras: whether it will need Keras.
        gpus: GPUs of a worker.
        data: the prepared arrays in Ray's object store, by file name; empty where all nodes see
            the driver's folder.
        teacher: a teacher's outputs likewise; None where there are none.
    """

    address: tuple[str, int]
    key: bytes
    variables: Mapping[str, str]
    keras: bool
    gpus: float
    data: Mapping[str, Any]
    teacher: Any = None


class SearchWorker(tune.Trainable):
    """The Tune trial that is a worker; its one step lasts as long as the search needs it."""

    def setup(self, config: JsonObject, plan: Plan) -> None:
        """Take the ticket that the driver waits for."""
        os.environ.update(plan.variables)
        self._ticket, self._plan = config["ticket"], plan

    def step(self) -> JsonObject:
        """Serve the driver until it hangs up."""
        plan, ticket = self._plan, self._ticket
        lifeline = _Lifeline(dial(plan.address, plan.key, ticket, "lifeline"))
        with tempfile.TemporaryDirectory(prefix="autotrain-worker-") as scratch:
            talk = dial(plan.address, plan.key, ticket, "talk")
            if plan.keras:
                load_keras()  # while the driver may still prepare
            serve(_Remote(talk, plan, Path(scratch)))
        talk.close()
        lifeline.done()
        return {"done": True}


class _Lifeline:
    """Ends the process with its driver, even if it hangs in somebody's code."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._over = connection, False
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with suppress(OSError, EOFError):
            self._connection.recv_bytes()
        if not self._over:
            os._exit(1)

    def done(self) -> None:
        """The worker ended by itself."""
        self._over = True
        hang_up(self._connection)


class _Remote:
    """The connection as the worker's loop sees it: paths of the driver are replaced by own ones.

    Logs and the best model travel back in the answer, for the folder of the study is elsewhere.
    """

    def __init__(self, talk: Any, plan: Plan, scratch: Path) -> None:
        self._talk, self._plan, self._scratch = talk, plan, scratch
        self._log, self._model = scratch / "log", scratch / "model.keras"

    def recv(self) -> Any:
        message = self._talk.recv()
        if isinstance(message, Begin):
            trainable = _at_home(message.trainable, self._plan, self._scratch)
            return Begin(trainable, self._scratch / "worker.log")
        if isinstance(message, Run):
            self._log.unlink(missing_ok=True)
            return replace(message, log=self._log)
        if isinstance(message, Call):
            return replace(message, path=self._model)
        return message

    def send(self, message: Any) -> None:
        if isinstance(message, Ended | Failed):
            message = replace(message, log=self._take(self._log, _MOST_LOG))
        if isinstance(message, Ended):
            message = replace(message, model=self._take(self._model))
        self._talk.send(message)

    def _take(self, path: Path, most: int | None = None) -> bytes:
        if not path.exists():
            return b""
        content = path.read_bytes()
        path.unlink()
        return content if most is None else content[-most:]


def _at_home(trainable: Trainable, plan: Plan, scratch: Path) -> Trainable:
    """What is trained with the data of this node and the share of its GPU."""
    if not isinstance(trainable, KerasTrainable):
        return trainable
    if plan.data and not trainable.data.exists():
        trainable = replace(trainable, data=_fetched(trainable.data.name, plan.data))
    teacher = trainable.teacher
    if plan.teacher is not None and teacher is not None and not teacher.exists():
        trainable = replace(trainable, teacher=scratch / teacher.name)
        (scratch / teacher.name).write_bytes(memoryview(ray.get(plan.teacher)))
    gpus = find_gpus() if plan.gpus else []
    if gpus:
        part = min(1.0, plan.gpus)
        memory = int(gpus[0].memory_mb * 0.9 * part) if part < 1 else None
        trainable = replace(trainable, memory_mb=memory, resident_mb=gpus[0].memory_mb / 4 * part)
    return trainable


def _fetched(fingerprint: str, files: Mapping[str, Any]) -> Path:
    """The data's folder on this node, written by the first worker that comes."""
    from filelock import FileLock

    cache = user_cache() / "data"
    folder = cache / fingerprint
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{fingerprint}.lock"):
        if not folder.exists():
            with new_folder(folder, alone=True) as aside:
                for name, reference in files.items():
                    (aside / name).write_bytes(memoryview(ray.get(reference)))
    return folder
