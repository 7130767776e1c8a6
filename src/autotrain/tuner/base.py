"""The contract between those who decide about trials and the engines that run them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Protocol

from autotrain.paths import StudyPaths
from autotrain.storage.settings import StudySettings
from autotrain.training.job import Trainable
from autotrain.trial import Decision, Epoch, Trial

Signature = Hashable | None  # of a compiled program; see `Trainable`


class Session(Protocol):
    """What an engine works for: it is asked for trials, reported to, and told how they ended."""

    settings: StudySettings
    trainable: Trainable
    train_seconds: float

    @property
    def paths(self) -> StudyPaths:
        """Where the trials' files lie."""

    @property
    def trials(self) -> Mapping[int, Trial]:
        """All trials by number."""

    @property
    def total(self) -> int:
        """Trials that there may be."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""

    @property
    def is_stopping(self) -> bool:
        """Whether no more trials are given out, and running ones end soon."""

    def request_stop(self) -> None:
        """Let running trials be checkpointed at the end of their epoch, and give out no more."""

    def seed(self, number: int) -> int:
        """The seed of everything random in a trial's training."""

    def next_trial(
        self, known: Collection[Signature] = (), elsewhere: Collection[Signature] = ()
    ) -> Trial | None:
        """The trial to train next, None when there is none at present."""

    def refused(self) -> list[Trial]:
        """Trials that were found infeasible while a trial was sought, each told once."""

    def on_assigned(self, number: int, worker: int) -> Trial:
        """A worker trains the trial from now on."""

    def report(self, number: int, record: Epoch) -> Decision:
        """An epoch was trained; how the trial goes on."""

    def on_completed(self, number: int) -> None:
        """The trial reached its own end."""

    def on_paused(self, number: int) -> None:
        """The worker saved a checkpoint and let the trial go."""

    def on_stopped(self, number: int) -> None:
        """The trial ended as was decided."""

    def on_failed(self, number: int, cause: str, detail: str = "") -> None:
        """The trial failed by itself."""

    def on_infeasible(self, number: int, reason: str) -> None:
        """The trial cannot be trained on this data."""

    def on_worker_lost(self, number: int, cause: str) -> None:
        """The worker died with the trial."""

    def flush(self) -> None:
        """Store what waits for it."""

    def finish(self) -> None:
        """No worker has a trial any more."""
