"""Columns that give the target away: what one column alone predicts on the validation part."""

from __future__ import annotations

from typing import Any

import numpy as np

from autotrain.data.dataset import Dataset
from autotrain.tasks import task_named

_MOST_COLUMNS, _MOST_ROWS, _LEAST_ROWS = 200, 5000, 10
_LEAVES = 64  # of the tree that stands for what one column can tell
_ACCURACY, _R2 = 0.99, 0.999


def leaking(dataset: Dataset) -> dict[str, str]:
    """Columns of a fitted table from each of which alone the target follows, and how well."""
    task = task_named(dataset.task)
    y, y_validation = dataset.y_of("train"), dataset.y_of("validation")
    if y.ndim > 1 or len(y_validation) < _LEAST_ROWS:
        return {}
    chosen = np.linspace(0, len(y) - 1, min(len(y), _MOST_ROWS)).astype(int)
    x, x_validation = dataset.x_of("train")[chosen], dataset.x_of("validation")[:_MOST_ROWS]
    y, y_validation = y[chosen], y_validation[:_MOST_ROWS]
    found = {}
    for i, column in enumerate(dataset.columns[:_MOST_COLUMNS]):
        tree = _tree(task.has_classes)
        tree.fit(_known(x[:, [i]]), y)
        scores = (
            tree.score(_known(x[:, [i]]), y),
            tree.score(_known(x_validation[:, [i]]), y_validation),
        )
        if min(scores) >= (_ACCURACY if task.has_classes else _R2):
            name = "accuracy" if task.has_classes else "R2"
            found[column.source or column.name] = f"{name} {scores[1]:.3f}"
    usual = np.bincount(y_validation).max() / len(y_validation) if task.has_classes else 0.0
    return found if usual < _ACCURACY else {}  # where nearly all have one class, anything tells it


def _tree(classes: bool) -> Any:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    model = DecisionTreeClassifier if classes else DecisionTreeRegressor
    return model(max_leaf_nodes=_LEAVES, random_state=0)


def _known(x: np.ndarray) -> np.ndarray:
    """Missing numbers as one below all others."""
    lowest = np.nanmin(x) if np.isfinite(x).any() else 0.0
    return np.where(np.isnan(x), lowest - 1, x)
