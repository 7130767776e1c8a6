"""Features that alone give the target away: fitted on the training part, judged on validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autotrain.data.dataset import Dataset
from autotrain.data.inspection.records import Finding
from autotrain.tasks import task_named

_MOST_ROWS, _MOST_FEATURES, _LEAST_ROWS = 20_000, 300, 10
# Of the way from a guess to always right: with classes, and with numbers, for which a straight line
# comes far.
_ALARM, _WARNING = {True: 0.95, False: 0.99}, {True: 0.8, False: 0.9}


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
    classes = task_named(dataset.task).has_classes
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
        if best >= _WARNING[classes]:
            yield _finding(name, best, classes)


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
    if skill >= _ALARM[classes]:
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
    """0 for a guess, 1 where the feature tells all; the smaller of training and validation."""
    classes = task_named(task).has_classes
    x, y = train
    if not classes:
        y = y.astype("float64")
    if len(np.unique(y)) < 2:
        return 0.0
    model = _fit(x, y, category, classes)
    measure = _balanced if classes else _explained
    return min(measure(model(of), truth) for of, truth in (train, validation))


def _balanced(said: np.ndarray, truth: np.ndarray) -> float:
    classes = np.unique(truth)
    if len(classes) < 2:
        return 0.0
    recall = np.mean([(said[truth == c] == c).mean() for c in classes])
    return float((recall - 1 / len(classes)) / (1 - 1 / len(classes)))


def _explained(said: np.ndarray, truth: np.ndarray) -> float:
    truth = truth.astype("float64")
    spread = ((truth - truth.mean()) ** 2).sum()
    return float(1 - ((truth - said) ** 2).sum() / spread) if spread else 0.0


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
