"""What the core is asked to train; free of Keras, so that the coordinator can write it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autotrain.trial import Params


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
