"""Starting workers with Ray Tune, and knowing when one is gone."""

from __future__ import annotations

import os
import resource
import secrets
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray import tune
from ray.tune.search import Searcher

from autotrain.engines.keras_trainable import KerasTrainable
from autotrain.engines.ray.cluster import Cluster, RayOptions
from autotrain.engines.ray.transport import Exchange
from autotrain.engines.ray.worker import Plan, SearchWorker
from autotrain.engines.ray.worker_handle import RayWorker
from autotrain.engines.resources import Slot
from autotrain.files import JsonObject
from autotrain.training.job import Trainable

_LEAVE_SECONDS = 5.0

# Tune keeps nothing for us: recovery is the study's, and there is nothing to show.
_SETTINGS = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "1000000",
    "TUNE_FORCE_TRIAL_CLEANUP_S": "10",
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
}


def _shared(path: Path) -> Any:
    """A file in Ray's object store."""
    return ray.put(np.frombuffer(path.read_bytes(), "uint8"))


def allow_open_files(workers: int) -> None:
    """Raise the limit of open files as far as the lines to so many workers need it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 512 + 4 * workers
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class RayLauncher:
    """Starts workers wherever the cluster has room for them.

    Args:
        cluster: this process is the driver of it.
        backend: of Keras.
        keras: whether workers need Keras.
        slots: all places of workers, alike.
    """

    def __init__(
        self,
        cluster: Cluster,
        options: RayOptions,
        backend: str,
        keras: bool,
        slots: Sequence[Slot],
    ) -> None:
        self._cluster, self._options, self._keras, self._slots = cluster, options, keras, slots
        self._variables = slots[0].environment(backend)
        if options.gpus_per_trial:  # Ray picks the GPU, and then this is not for the CPU
            del self._variables["CUDA_VISIBLE_DEVICES"], self._variables["JAX_PLATFORMS"]
        self._key = secrets.token_bytes(32)
        self._workers: dict[str, RayWorker] = {}
        self._wanted: list[RayWorker] = []
        self._over = threading.Event()
        self._tune: threading.Thread | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="autotrain-tune-")
        self._exchange: Exchange | None = None

    def prepared(self, trainable: Trainable) -> Trainable:
        """Start Tune, with the data of it where all nodes find it."""
        allow_open_files(len(self._slots))
        self._exchange = Exchange(self._cluster.host, self._key, self._joined)
        files, teacher = {}, None
        if isinstance(trainable, KerasTrainable) and len(self._cluster.nodes) > 1:
            for path in trainable.data.iterdir():
                files[path.name] = _shared(path)
            teacher = _shared(trainable.teacher) if trainable.teacher else None
        plan = Plan(
            self._exchange.address,
            self._key,
            self._variables,
            self._keras,
            self._options.gpus_per_trial,
            files,
            teacher,
        )
        self._tune = threading.Thread(target=self._run, args=(plan,), daemon=True)
        self._tune.start()
        return trainable

    def start(self, slot: Slot) -> RayWorker:
        """Ask for a worker; Tune starts it as soon as a node has room."""
        worker = RayWorker(slot, secrets.token_hex(8))
        self._workers[worker.ticket] = worker
        self._wanted.append(worker)
        return worker

    def close(self, at_once: bool) -> None:
        """End Tune's run, which must not outlive the connection to the cluster."""
        self._over.set()
        if self._exchange is not None:
            self._exchange.close()
        if self._tune is not None:
            self._tune.join(_LEAVE_SECONDS)
        self._folder.cleanup()

    def _joined(self, ticket: str, purpose: str, end: Any) -> None:
        worker = self._workers.get(ticket)
        end.close() if worker is None else worker.joined(purpose, end)

    def _next(self) -> JsonObject | str | None:
        """What Tune asks its searcher for."""
        if self._over.is_set():
            return Searcher.FINISHED
        return {"ticket": self._wanted.pop(0).ticket} if self._wanted else None

    def _lost(self, trial: Any) -> None:
        worker = self._workers.get(trial.config["ticket"])
        if worker is not None:
            worker.lost(trial.get_error)

    def _run(self, plan: Plan) -> None:
        os.environ.update(_SETTINGS, TUNE_MAX_PENDING_TRIALS_PG=str(len(self._slots)))
        room: dict[str, float] = {"CPU": self._slots[0].threads}
        if plan.gpus:
            room["GPU"] = plan.gpus
        worker = tune.with_parameters(SearchWorker, plan=plan)
        try:
            tune.Tuner(
                tune.with_resources(worker, tune.PlacementGroupFactory([room])),
                tune_config=tune.TuneConfig(
                    search_alg=_Tickets(self._next), num_samples=-1, reuse_actors=False
                ),
                run_config=tune.RunConfig(
                    name="workers",
                    storage_path=self._folder.name,
                    verbose=0,
                    callbacks=[_Losses(self._lost)],
                    stop=_End(self._over.is_set),
                    checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                ),
            ).fit()
        except Exception as error:
            cause = error
            for worker in list(self._workers.values()):
                worker.lost(lambda: cause)


class _Tickets(Searcher):
    """Tells Tune to start a worker whenever the coordinator wants one, and otherwise nothing."""

    def __init__(self, following: Callable[[], Any] = lambda: Searcher.FINISHED) -> None:
        super().__init__()
        self._following = following

    def suggest(self, trial_id: str) -> Any:
        """A worker's ticket, None for nothing at present, FINISHED at the end."""
        return self._following()

    def on_trial_complete(self, trial_id: str, result: object = None, error: bool = False) -> None:
        """Nothing: the coordinator knows from the line."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing: recovery is the study's."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing."""

    def __reduce__(self) -> Any:
        return _Tickets, ()


class _End(tune.Stopper):
    """Ends Tune's run with the search, even while it waits for room for a worker."""

    def __init__(self, over: Callable[[], bool] = lambda: True) -> None:
        self._over = over

    def __call__(self, trial_id: str, result: Any) -> bool:
        """A worker ends by itself."""
        return False

    def stop_all(self) -> bool:
        """Whether the search is over."""
        return self._over()

    def __reduce__(self) -> Any:
        return _End, ()


class _Losses(tune.Callback):
    """Tells of workers that ended by an error."""

    def __init__(self, lost: Callable[[Any], None] = lambda trial: None) -> None:
        self._lost = lost

    def on_trial_error(self, iteration: int, trials: object, trial: object, **info: object) -> None:
        """A worker's actor failed or died."""
        self._lost(trial)

    def __reduce__(self) -> Any:
        return _Losses, ()
