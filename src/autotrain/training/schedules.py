"""Learning-rate schedules as tables of factors of the peak rate, one per training step.

The rates of an epoch are handed to the compiled program together with its batches, so every
schedule shares one program. A schedule spans all epochs of a trial, whatever part is trained now.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Progress = np.ndarray  # [steps] float64, the share of all steps done, in [0, 1)


def _constant(progress: Progress) -> np.ndarray:
    return np.ones_like(progress)


def _step(progress: Progress) -> np.ndarray:
    """Divide by 10 at half and at three quarters of training (He et al. 2016)."""
    return np.where(progress < 0.5, 1.0, np.where(progress < 0.75, 0.1, 0.01))


def _cosine(progress: Progress) -> np.ndarray:
    """Half a cosine from 1 to 0 (Loshchilov and Hutter 2017, eq. 5, one cycle)."""
    return 0.5 * (1.0 + np.cos(np.pi * progress))


def _one_cycle(progress: Progress) -> np.ndarray:
    """Rise from 1/25 to 1 over 30 % of the steps, then fall towards 1/10,000 (Smith 2018)."""
    rise, start, end = 0.3, 1 / 25, 1e-4

    def between(low: float, high: float, share: np.ndarray) -> np.ndarray:
        return low + (high - low) * 0.5 * (1.0 - np.cos(np.pi * share))

    up = between(start, 1.0, np.clip(progress / rise, 0, 1))
    down = between(1.0, end, np.clip((progress - rise) / (1 - rise), 0, 1))
    return np.where(progress < rise, up, down)


SCHEDULES: dict[str, Callable[[Progress], np.ndarray]] = {
    "constant": _constant,
    "step": _step,
    "cosine": _cosine,
    "one_cycle": _one_cycle,
}


def factors(schedule: str, warmup: float, start: int, stop: int, total: int) -> np.ndarray:
    """Factors of the peak learning rate for the steps `start` to `stop` of `total`.

    Args:
        schedule: a name of `SCHEDULES`.
        warmup: share of all steps over which the factor also rises linearly from 0.

    Returns:
        [stop - start] float64.
    """
    progress = np.arange(start, stop) / max(total, 1)
    table = SCHEDULES[schedule](progress)
    if warmup > 0:
        table = table * np.minimum(1.0, (np.arange(start, stop) + 1) / max(1.0, warmup * total))
    return table
