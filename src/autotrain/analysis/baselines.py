"""What scikit-learn's usual models reach on the same split, to know what a network is worth."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autotrain.data import Arrays, DataInfo
from autotrain.errors import ConfigurationError
from autotrain.tasks.metrics import evaluate, logits

_MOST_ROWS = 20_000  # of the training part, evenly spaced
_MOST_FEATURES = 4096


def baselines(info: DataInfo, arrays: Arrays) -> dict[str, Any]:
    """Fit on the training part, evaluate on validation.

    Returns:
        `rows` that were trained on, and by name of a `models` entry its metrics and `seconds`.

    Raises:
        ConfigurationError: there is no such model for this goal.
    """
    if info.goal == "multilabel":
        raise ConfigurationError(
            "--baselines are of classification and regression, and this study predicts several labels"
        )
    step = -(-len(arrays.y_train) // _MOST_ROWS)
    x, y = np.asarray(arrays.x_train[::step]), np.asarray(arrays.y_train[::step])
    prepare = _features(info)
    x_train, x_validation = prepare(x), prepare(np.asarray(arrays.x_validation))
    targets = np.asarray(arrays.y_validation)
    if _numbers(info):
        targets = targets.reshape(len(targets), -1)
    found = {}
    for name, model in _models(info).items():
        begin = time.perf_counter()
        model.fit(x_train, y)
        outputs = _outputs(model, x_validation, info)
        seconds = time.perf_counter() - begin
        metrics = evaluate(info.goal, outputs, targets)
        found[name] = {**metrics, "seconds": seconds}
    return {"rows": len(y), "models": found}


def _numbers(info: DataInfo) -> bool:
    return info.goal == "regression"


def _outputs(model: Any, x: Any, info: DataInfo) -> np.ndarray:
    """As a network's: logits [n, classes], or numbers [n, outputs]."""
    if _numbers(info):
        predicted = np.asarray(model.predict(x))
        return predicted.reshape(len(predicted), -1)
    chances = np.zeros((x.shape[0], info.classes))
    chances[:, model.classes_] = model.predict_proba(x)
    return logits(info.goal, chances)


def _features(info: DataInfo) -> Callable[[np.ndarray], Any]:
    """From prepared inputs to a matrix: pixels, one column a level, or counts of tokens."""
    if info.kind == "text":
        return lambda tokens: _counts(tokens, info.vocabulary_size)
    if info.kind == "tabular":
        return lambda rows: _columns(rows, info)
    return lambda images: _pixels(images)


def _pixels(images: np.ndarray) -> np.ndarray:
    flat = images.reshape(len(images), -1).astype("float32")
    step = -(-flat.shape[1] // _MOST_FEATURES)
    return flat[:, ::step]


def _columns(rows: np.ndarray, info: DataInfo) -> np.ndarray:
    parts = []
    for i, column in enumerate(info.columns):
        if column.kind == "category":
            parts.append(np.eye(len(column.levels) + 1, dtype="float32")[rows[:, i].astype(int)])
        else:
            parts += [np.nan_to_num(rows[:, [i]]), np.isnan(rows[:, [i]]).astype("float32")]
    return np.concatenate(parts, axis=1)


def _counts(tokens: np.ndarray, size: int) -> Any:
    """How often each token is in a text, sparse, damped and made equally long (tf-idf without idf)."""
    from scipy import sparse
    from sklearn.preprocessing import normalize

    row = np.repeat(np.arange(len(tokens)), tokens.shape[1])
    flat = tokens.reshape(-1)
    known = flat > 0
    ones = np.ones(int(known.sum()), "float32")
    counts = sparse.csr_matrix((ones, (row[known], flat[known])), (len(tokens), size))
    counts.data = 1 + np.log(counts.data)
    return normalize(counts)


def _models(info: DataInfo) -> dict[str, Any]:
    from sklearn import dummy, ensemble, linear_model
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler(with_mean=info.kind != "text")
    if _numbers(info):
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
