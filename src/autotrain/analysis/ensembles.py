"""A few models whose mean is better than the best of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from autotrain.tasks import Task

_ROUNDS = 50


def greedy(
    task: Task, metric: str, outputs: Sequence[np.ndarray], targets: np.ndarray, most: int
) -> dict[int, float]:
    """Choose members one after another, each the one that helps most, again if need be.

    Caruana et al. 2004, "Ensemble selection from libraries of models": forward selection with
    replacement, here until nothing helps any more.

    Args:
        outputs: [n, ...] of each candidate on validation, the best candidate first.
        most: different members.

    Returns:
        The weight of each chosen candidate by its position; they sum to 1.
    """
    known = task.metric(metric)
    assert known is not None
    chosen: Counter[int] = Counter()

    def score(members: Counter[int]) -> tuple[float, float]:
        """The metric, and for equal ones the loss."""
        size = members.total()
        parts = [outputs[i] for i in members]
        found = task.mean(parts, [n / size for n in members.values()])
        values = task.evaluate(found, targets, [metric])
        return known.sign * values[metric], -values["loss"]

    top = (-np.inf, -np.inf)
    for _ in range(_ROUNDS):
        allowed = range(len(outputs)) if len(chosen) < most else list(chosen)
        scores = {i: score(chosen + Counter([i])) for i in allowed}
        choice = max(scores, key=lambda i: (scores[i], -i))
        if scores[choice] <= top:
            break
        top = scores[choice]
        chosen[choice] += 1
    return {i: count / chosen.total() for i, count in sorted(chosen.items())}
