"""What scikit-learn's usual models reach on the same split, to know what a network is worth."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data import (
    Arrays,
    DataInfo,
    centred_inputs,
    centred_targets,
    modality_named,
    open_series,
    task_of,
)
from autotrain.errors import ConfigurationError
from autotrain.tasks import Task

_MOST_ROWS = 20_000  # of the training part, evenly spaced


def baselines(info: DataInfo, arrays: Arrays, wanted: Sequence[str] = ()) -> dict[str, Any]:
    """Fit on the training part, evaluate on validation.

    Args:
        wanted: metrics beside those that any model of the task has, such as a study's objectives.

    Returns:
        `rows` that were trained on, and by name of a `models` entry its metrics and `seconds`.

    Raises:
        ConfigurationError: there is no such model for this task.
    """
    task, modality = task_of(info), modality_named(info.modality)
    if task.has_classes and not task.exclusive:
        raise ConfigurationError(
            "--baselines are of classification and regression, and this study predicts several labels"
        )
    step = -(-len(arrays.y_train) // _MOST_ROWS)
    x, y = np.asarray(arrays.x_train[::step]), np.asarray(arrays.y_train[::step])
    x_train = modality.features(info, centred_inputs(x, info))
    x_validation = modality.features(info, centred_inputs(np.asarray(arrays.x_validation), info))
    targets = np.asarray(arrays.y_validation)
    found = {}
    for name, model in _models(task, modality.sparse_features).items():
        begin = time.perf_counter()
        model.fit(x_train, centred_targets(y, info))
        outputs = _outputs(model, x_validation, task, info.classes)
        if info.target_offset:
            outputs = outputs + np.array(info.target_offset)
        seconds = time.perf_counter() - begin
        metrics = task.evaluate(outputs, targets, (*task.metrics, *wanted))
        found[name] = {**metrics, "seconds": seconds}
    return {"rows": len(y), "models": found}


def references(info: DataInfo, folder: Path, arrays: Arrays) -> dict[str, dict[str, float]]:
    """By name the metrics, on validation, of forecasts that need no training; none for other tasks.

    Args:
        folder: of the prepared data.
    """
    if not info.series:
        return {}
    task, targets = task_of(info), np.asarray(arrays.y_validation)
    values, first = open_series(folder)
    found = task.references(values, first, info.series)
    return {name: task.evaluate(outputs, targets) for name, outputs in found.items()}


def _outputs(model: Any, x: Any, task: Task, outputs: int) -> np.ndarray:
    """As a network's: logits [n, classes], or numbers [n, outputs]."""
    if not task.has_classes:
        predicted = np.asarray(model.predict(x))
        return predicted.reshape(len(predicted), -1)
    chances = np.zeros((x.shape[0], outputs))
    chances[:, model.classes_] = model.predict_proba(x)
    return task.logits(chances)


def _models(task: Task, sparse: bool) -> dict[str, Any]:
    from sklearn import dummy, ensemble, linear_model
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler(with_mean=not sparse)
    if not task.has_classes:
        return {
            "mean of the training part": dummy.DummyRegressor(),
            "ridge regression": make_pipeline(scale, linear_model.Ridge()),
            "random forest": ensemble.RandomForestRegressor(random_state=0),
        }
    return {
        "most frequent class": dummy.DummyClassifier(strategy="prior"),
        "logistic regression": make_pipeline(scale, linear_model.LogisticRegression(max_iter=300)),
        "random forest": ensemble.RandomForestClassifier(random_state=0),
    }
