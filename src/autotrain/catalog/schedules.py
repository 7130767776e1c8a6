"""Learning-rate schedules as tables of factors of the peak rate, one per training step.

The rates of an epoch are handed to the compiled program together with its batches, so every
schedule shares one program. A schedule spans all epochs of a trial, whatever part is trained now.
`plateau` alone depends on how training goes: it is decided at epoch ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Progress = np.ndarray  # [steps] float64, the share of all steps done, in [0, 1)
Settings = Mapping[str, Any]  # hyperparameters by name


def _constant(progress: Progress, settings: Settings) -> np.ndarray:
    return np.ones_like(progress)


def _step(progress: Progress, settings: Settings) -> np.ndarray:
    """Divide by 10 at half and at three quarters of training (He et al. 2016)."""
    return np.where(progress < 0.5, 1.0, np.where(progress < 0.75, 0.1, 0.01))


def _exponential(progress: Progress, settings: Settings) -> np.ndarray:
    """Fall by the same share at each step, down to `final_factor`."""
    return np.maximum(settings["final_factor"], 1e-12) ** progress


def _polynomial(progress: Progress, settings: Settings) -> np.ndarray:
    """Fall as (1 - progress) ** power, down to `final_factor`."""
    end = settings["final_factor"]
    return end + (1.0 - end) * (1.0 - progress) ** settings["power"]


def _cosine(progress: Progress, settings: Settings) -> np.ndarray:
    """Half a cosine from 1 to 0 (Loshchilov and Hutter 2017, eq. 5, one cycle)."""
    return 0.5 * (1.0 + np.cos(np.pi * progress))


def _cosine_restarts(progress: Progress, settings: Settings) -> np.ndarray:
    """Cosine cycles, each twice as long as the one before (there, section 3, T_mult 2)."""
    cycles = settings["cycles"]
    position = progress * (2**cycles - 1) + 1.0  # in units of the first cycle
    number = np.floor(np.log2(position))
    return _cosine(position / 2**number - 1.0, settings)


def _one_cycle(progress: Progress, settings: Settings) -> np.ndarray:
    """Rise from 1/25 to 1 until `peak`, then fall towards 1/10,000, both as cosines (Smith 2018)."""
    rise, start, end = settings["peak"], 1 / 25, 1e-4

    def between(low: float, high: float, share: np.ndarray) -> np.ndarray:
        return low + (high - low) * 0.5 * (1.0 - np.cos(np.pi * share))

    up = between(start, 1.0, np.clip(progress / rise, 0, 1))
    down = between(1.0, end, np.clip((progress - rise) / (1 - rise), 0, 1))
    return np.where(progress < rise, up, down)


def _triangular(progress: Progress, settings: Settings) -> np.ndarray:
    """Rise from 0 to 1 until `peak` and fall to 0, both in straight lines (Smith 2017)."""
    peak = settings["peak"]
    return np.minimum(progress / peak, (1.0 - progress) / (1.0 - peak))


SCHEDULES: dict[str, Callable[[Progress, Settings], np.ndarray]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "polynomial": _polynomial,
    "cosine": _cosine,
    "cosine_restarts": _cosine_restarts,
    "one_cycle": _one_cycle,
    "triangular": _triangular,
    "plateau": _constant,
}


def factors(settings: Settings, start: int, stop: int, total: int) -> np.ndarray:
    """Factors of the peak learning rate for the steps `start` to `stop` of `total`.

    Args:
        settings: hyperparameters: `schedule`, what it depends on, and `warmup`, the share of all
            steps over which the factor also rises linearly from 0.

    Returns:
        [stop - start] float64.
    """
    progress = np.arange(start, stop) / max(total, 1)
    table = SCHEDULES[settings["schedule"]](progress, settings)
    warmup = settings["warmup"]
    if warmup > 0:
        table = table * np.minimum(1.0, (np.arange(start, stop) + 1) / max(1.0, warmup * total))
    return table


@dataclass
class Plateau:
    """Reduces the rate when the metric has not improved for some epochs.

    Attributes:
        factor: of the learning rate now; waited: epochs without improvement.
    """

    factor: float = 1.0
    waited: int = 0

    def note(self, improved: bool, patience: int, factor: float) -> None:
        """Take an epoch into account."""
        self.waited = 0 if improved else self.waited + 1
        if self.waited >= patience:
            self.factor, self.waited = self.factor * factor, 0
