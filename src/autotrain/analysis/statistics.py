"""How sure a metric is, and whether two entries can be told apart on the same examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autotrain.tasks import Task

LEVEL = 0.95
_DRAWS = 1000
_SLOW_DRAWS = 200  # of metrics that are no mean over examples


def resampled(task: Task, metric: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """[draws] the metric on examples drawn with replacement (bootstrap, Efron 1979).

    The draws depend on the number of examples alone, so those of two entries are pairs. A draw may
    lack a class, without which a metric is undefined; then it is NaN.

    Args:
        outputs, targets: as for `Task.evaluate`.
    """
    count = len(targets)
    draw = np.random.default_rng(count)
    each = task.each(metric, outputs, targets)
    if each is not None:
        return np.array([each[draw.integers(0, count, count)].mean() for _ in range(_DRAWS)])
    rows = (draw.integers(0, count, count) for _ in range(_SLOW_DRAWS))
    return np.array(
        [task.evaluate(outputs[i], targets[i], [metric]).get(metric, np.nan) for i in rows]
    )


def interval(draws: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of the draws on which the metric is defined."""
    known = draws[~np.isnan(draws)]
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def tied(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether paired draws of two entries cannot be told apart: the interval of their difference
    holds zero."""
    low, high = interval(one - other)
    return low <= 0.0 <= high


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean over seeds, by Student's t; empty of width for one seed."""
    from scipy import stats

    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, mean
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values))
    return mean - half, mean + half


def same_mean(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether the means over seeds of two entries cannot be told apart (Welch 1947)."""
    from scipy import stats

    if min(len(one), len(other)) < 2 or np.std(one) + np.std(other) == 0:
        return bool(np.mean(one) == np.mean(other))
    return bool(stats.ttest_ind(one, other, equal_var=False).pvalue > 1 - LEVEL)


def ranks(entries: Sequence[object], alike: Callable[[Any, Any], bool] = tied) -> list[int]:
    """Ranks of entries that stand in their order; who is like the first of a rank shares it."""
    found: list[int] = []
    leader = 0
    for place, mine in enumerate(entries):
        if place and not alike(entries[leader], mine):
            leader = place
        found.append(leader + 1)
    return found
