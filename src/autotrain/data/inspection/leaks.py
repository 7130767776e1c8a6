"""Features that alone give the target away: fitted on the training part, judged on validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autotrain.data.dataset import Dataset
from autotrain.data.inspection.records import Finding
from autotrain.tasks import task_named

_MOST_ROWS, _MOST_FEATURES, _LEAST_ROWS = 20_000, 300, 20
_ALARM, _WARNING = 0.95, 0.8  # of the way from a guess to always right


def leak_findings(
    dataset: Dataset, features: Mapping[str, tuple[bool, np.ndarray, np.ndarray]]
) -> Iterator[Finding]:
    """What each feature alone can tell.

    Args:
        features: by name: whether it is a category, and its values in training and in validation.
    """
    y, y_validation = dataset.y_of("train"), dataset.y_of("validation")
    if len(y_validation) < _LEAST_ROWS:
        return
    few = np.linspace(0, len(y) - 1, min(len(y), _MOST_ROWS)).astype(int)
    few_validation = slice(_MOST_ROWS)
    for name, (category, x, x_validation) in list(features.items())[:_MOST_FEATURES]:
        best = max(
            _skill(
                dataset.task,
                category,
                (x[few], target[few]),
                (x_validation[few_validation], truth[few_validation]),
            )
            for target, truth in zip(_single(y), _single(y_validation), strict=True)
        )
        if best >= _WARNING:
            yield _finding(name, best, task_named(dataset.task).has_classes)


def sampled(dataset: Dataset, features: int) -> list[str]:
    """What of it was not looked at, in words."""
    rows = len(dataset.y_of("train"))
    found = []
    if rows > _MOST_ROWS:
        found.append(f"leaks: {_MOST_ROWS:,} of {rows:,} training rows, evenly spaced")
    if features > _MOST_FEATURES:
        found.append(f"leaks: the first {_MOST_FEATURES} of {features:,} columns")
    return found


def _finding(name: str, skill: float, classes: bool) -> Finding:
    measure = "balanced accuracy above chance" if classes else "R2"
    known = "if it is not known before the target is, leave it out"
    if skill >= _ALARM:
        text = f"alone it predicts the target on validation ({measure} {skill:.3f}): {known}"
        return Finding("alarm", "leak", text, name, leave_out=True)
    text = f"alone it nearly predicts the target on validation ({measure} {skill:.3f}): {known}"
    return Finding("warning", "strong feature", text, name)


def _single(y: np.ndarray) -> list[np.ndarray]:
    return [y] if y.ndim == 1 else list(y.T)


def _skill(
    task: str,
    category: bool,
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
) -> float:
    """0 for a guess, 1 where the feature tells all."""
    (x, y), (x_validation, truth) = train, validation
    if task_named(task).has_classes:
        classes = np.unique(truth)
        if len(classes) < 2 or len(np.unique(y)) < 2:
            return 0.0
        said = _fit(x, y, category, True)(x_validation)
        recall = np.mean([(said[truth == c] == c).mean() for c in classes])
        return float((recall - 1 / len(classes)) / (1 - 1 / len(classes)))
    centre = y.astype("float64").mean()
    y, truth = y - centre, truth.astype("float64") - centre
    spread = ((truth - truth.mean()) ** 2).sum()
    if not spread:
        return 0.0
    said = _fit(x, y, category, False)(x_validation)
    return float(1 - ((truth - said) ** 2).sum() / spread)


def _fit(x: np.ndarray, y: np.ndarray, category: bool, classes: bool) -> Any:
    """What says the target by one feature: the best of each level, or a small tree."""
    if category:
        return _by_level(x.astype(int), y, classes)
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    leaves = max(64, 4 * len(np.unique(y))) if classes else 64
    tree: Any = (
        DecisionTreeClassifier(max_leaf_nodes=leaves, class_weight="balanced", random_state=0)
        if classes
        else DecisionTreeRegressor(max_leaf_nodes=leaves, random_state=0)
    )
    tree.fit(_known(x, x), y)
    return lambda new: tree.predict(_known(new, x))


def _by_level(codes: np.ndarray, y: np.ndarray, classes: bool) -> Any:
    """The class that is most over-represented at each level, or its mean."""
    size = int(codes.max()) + 1
    if classes:
        names, places = np.unique(y, return_inverse=True)
        counts = np.zeros((size, len(names)))
        np.add.at(counts, (codes, places), 1)
        said = names[(counts / counts.sum(axis=0)).argmax(axis=1)]
    else:
        total = np.bincount(codes, weights=y, minlength=size)
        said = total / np.maximum(np.bincount(codes, minlength=size), 1)
    return lambda new: said[np.where(new < size, new, 0).astype(int)]


def _known(x: np.ndarray, training: np.ndarray) -> np.ndarray:
    """[n, 1], missing numbers as one below all others."""
    lowest = np.nanmin(training) if np.isfinite(training).any() else 0.0
    return np.where(np.isnan(x), lowest - 1, x).reshape(-1, 1)
