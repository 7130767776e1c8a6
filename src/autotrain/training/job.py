"""What is trained and by whom: contracts between those who decide and those who train.

Free of Keras, so that the coordinator can use them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autotrain.files import JsonObject
from autotrain.trial import Params, Report


@dataclass(frozen=True)
class Job:
    """One trial to train from its checkpoint, or from the start where there is none.

    Attributes:
        epochs: the full length of the trial, which schedules span.
        metric, direction: the first objective, which decides the best epoch.
        further: metrics of the other objectives.
        last: the epoch at which it ends, and whose weights are kept whatever they are worth; 0 for
            the full length and the best epoch.
    """

    model: str
    params: Params
    seed: int
    epochs: int
    metric: str
    direction: str
    checkpoint: Path
    weights: Path
    further: tuple[str, ...] = ()
    last: int = 0


class Runner(Protocol):
    """Trains trials in a worker, and keeps what is compiled and loaded between them."""

    def run(self, job: Job, report: Report) -> bool:
        """Train a job until its end or until a decision says otherwise; whether it came to its end."""

    def signatures(self) -> list[Hashable]:
        """Of what is compiled."""

    def is_worn(self) -> bool:
        """Whether the process should make way for a fresh one before the next trial."""

    def call(self, name: str, job: Job, path: Path) -> JsonObject:
        """Do something else with the best weights of a trial.

        Args:
            name: of what is to be done, such as `save_model`.
            path: what is written.

        Returns:
            Facts about it.
        """


class Trainable(Protocol):
    """What a study trains: the shared Keras core, or a function of the user's."""

    def signature(self, params: Params) -> Hashable:
        """Which compiled program a configuration needs; None where nothing is compiled."""

    def problems(self, params: Params) -> list[str]:
        """Why a configuration cannot be trained, as far as is known without building it."""

    def tunable(self, parameter: str) -> bool:
        """Whether a parameter can change while a trial is trained."""

    def open(self) -> Runner:
        """Load what it takes to train, in the process that does it."""
