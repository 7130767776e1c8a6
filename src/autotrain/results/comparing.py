"""How sure a metric is, and whether two entries can be told apart on the same examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autotrain.training.metrics import evaluate

LEVEL = 0.95
_DRAWS = 1000
_SLOW_DRAWS = 200  # of metrics that are no mean over examples


def resampled(goal: str, metric: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """[draws] the metric on examples drawn with replacement (bootstrap, Efron 1979).

    The draws depend on the number of examples alone, so those of two entries are pairs.

    Args:
        outputs, targets: as for `evaluate`.
    """
    count = len(targets)
    draw = np.random.default_rng(count)
    per_example = _per_example(goal, metric, outputs, targets)
    if per_example is not None:
        return np.array([per_example[draw.integers(0, count, count)].mean() for _ in range(_DRAWS)])
    rows = (draw.integers(0, count, count) for _ in range(_SLOW_DRAWS))
    return np.array([evaluate(goal, outputs[i], targets[i], [metric])[metric] for i in rows])


def _per_example(
    goal: str, metric: str, outputs: np.ndarray, targets: np.ndarray
) -> np.ndarray | None:
    """[n] what each example adds to a metric that is their mean; None for others."""
    if (goal, metric) == ("classification", "accuracy"):
        hits: np.ndarray = (outputs.argmax(axis=1) == targets).astype("float64")
        return hits
    if (goal, metric) == ("multilabel", "exact_accuracy"):
        whole: np.ndarray = ((outputs > 0) == (targets > 0)).all(axis=1).astype("float64")
        return whole
    return None


def interval(draws: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of the draws."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def tied(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether paired draws of two entries cannot be told apart: the interval of their difference
    holds zero."""
    low, high = interval(one - other)
    return low <= 0.0 <= high


def ranks(draws: Sequence[np.ndarray]) -> list[int]:
    """Ranks of entries that stand in their order; who is tied with the first of a rank shares it."""
    found: list[int] = []
    leader = 0
    for place, mine in enumerate(draws):
        if place and not tied(draws[leader], mine):
            leader = place
        found.append(leader + 1)
    return found
