"""The contract of engines: what runs a session's trials, wherever that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autotrain.engines.callbacks import Callback
from autotrain.engines.resources import Slot
from autotrain.trial import Trial
from autotrain.tuner.base import Session


@dataclass(frozen=True)
class EngineOptions:
    """What is asked of an engine; one field for each option of the command.

    Attributes:
        backend: of Keras.
        keras: whether workers will need Keras; False for a function of the user's.
        trials: no more workers than these.
        workers: how many at most; 0 for none, trials then run in this process.
        gpus, trials_per_gpu: of the local engine; see `resources.plan_slots`.
        address, cpus_per_trial, gpus_per_trial, storage_path: of Ray; see `ray.cluster.RayOptions`.
    """

    backend: str
    keras: bool
    trials: int
    workers: int | None = None
    gpus: str = "all"
    trials_per_gpu: int = 1
    address: str | None = None
    cpus_per_trial: int | None = None
    gpus_per_trial: float = 0.0
    storage_path: str | None = None


class Engine(Protocol):
    """Runs the trials that a session gives out, and tells it how they go.

    Attributes:
        slots: where workers run; none if trials run in this process.
    """

    slots: Sequence[Slot]

    def run(self, session: Session, callback: Callback, deadline: float | None = None) -> None:
        """Search until the session is over, the deadline has passed, or a stop was requested.

        Args:
            deadline: monotonic time at which trials are checkpointed and the search ends.

        Raises:
            SearchFailedError: more trials would not mend what is wrong.
        """

    def request_stop(self) -> None:
        """Let running trials checkpoint at the end of their epoch, and start no more."""

    def call(self, name: str, trial: Trial, path: Path) -> Mapping[str, Any]:
        """Do something with a finished trial, as `Runner.call`; facts about it.

        Raises:
            AutotrainError: it cannot be done.
        """

    def close(self, at_once: bool = False) -> None:
        """Give back all workers; `at_once` without waiting for anything."""
