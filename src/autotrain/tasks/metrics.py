"""Metrics over a whole data part at once, from what a model puts out, in float64.

Names and definitions are scikit-learn's; a test compares them. The quick ones are NumPy here, so
that a worker need not import scikit-learn; areas under curves are scikit-learn's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

METRICS: dict[str, dict[str, str]] = {
    "classification": {
        "loss": "minimize",
        "accuracy": "maximize",
        "balanced_accuracy": "maximize",
        "macro_f1": "maximize",
        "auc": "maximize",
        "pr_auc": "maximize",
    },
    "multilabel": {
        "loss": "minimize",
        "accuracy": "maximize",
        "exact_accuracy": "maximize",
        "macro_f1": "maximize",
        "auc": "maximize",
        "pr_auc": "maximize",
    },
    "regression": {
        "loss": "minimize",
        "mse": "minimize",
        "rmse": "minimize",
        "mae": "minimize",
        "r2": "maximize",
    },
}
TRAINING_METRIC = {"classification": "accuracy", "multilabel": "accuracy", "regression": "mae"}
_LEAST = 1e-12  # probability, whose logarithm is taken
SLOW = ("auc", "pr_auc")  # computed only where an objective asks for them


def metrics_of(goal: str) -> dict[str, str]:
    """All metrics that a trial reports, with their directions."""
    directions = METRICS[goal]
    own = TRAINING_METRIC[goal]
    return {
        **{f"val_{name}": direction for name, direction in directions.items()},
        own: directions[own],
        "loss": "minimize",
        "parameters": "minimize",
    }


def evaluate(
    goal: str, outputs: np.ndarray, targets: np.ndarray, wanted: Iterable[str] = ()
) -> dict[str, float]:
    """The metrics of a goal.

    Args:
        outputs: classification: logits [n, classes]; multilabel: logits [n, labels]; regression:
            predictions [n, numbers] in the targets' own units.
        targets: [n] class numbers, [n, labels] of 0 and 1, or [n, numbers].
        wanted: further metrics, of those that take long.
    """
    outputs = outputs.astype("float64")
    values = _EVALUATORS[goal](outputs, np.asarray(targets))
    for name in SLOW:
        if name in wanted and name in METRICS[goal]:
            values[name] = _area(goal, name, outputs, np.asarray(targets))
    return values


def probabilities(goal: str, logits: np.ndarray) -> np.ndarray:
    """Softmax of classification's logits, the sigmoid of those of labels."""
    if goal == "multilabel":
        return np.exp(-np.logaddexp(0.0, -logits))
    return np.exp(_log_softmax(logits))


def logits(goal: str, chances: np.ndarray) -> np.ndarray:
    """Outputs whose probabilities these are, for models that give nothing else; see `evaluate`.

    Args:
        chances: [n, outputs]; none counts as less than 1e-12.
    """
    logs = np.log(np.clip(chances.astype("float64"), _LEAST, 1.0))
    if goal == "multilabel":
        logs -= np.log(np.clip(1.0 - chances.astype("float64"), _LEAST, 1.0))
    return np.asarray(logs)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    z = logits - logits.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _classification(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    loss = -_log_softmax(logits)[np.arange(len(labels)), labels].mean()
    hits, true, predicted = _class_counts(logits, labels)
    seen = true > 0
    either = true + predicted > 0  # as scikit-learn, which averages over labels that occur
    return {
        "loss": float(loss),
        "accuracy": float(hits.sum() / len(labels)),
        "balanced_accuracy": float((hits[seen] / true[seen]).mean()),
        "macro_f1": float((2 * hits[either] / (true + predicted)[either]).mean()),
    }


def _multilabel(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    truth = labels.astype("float64")
    loss = np.logaddexp(0.0, logits) - truth * logits
    right = (logits > 0) == (truth > 0)
    hits, true, predicted = _label_counts(logits, labels)
    f1 = _share(2.0 * hits, true + predicted)
    return {
        "loss": float(loss.mean()),
        "accuracy": float(right.mean()),
        "exact_accuracy": float(right.all(axis=1).mean()),
        "macro_f1": float(f1.mean()),
    }


def _regression(predictions: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    each = _numbers(predictions, targets)
    mse = float(np.square(each["rmse"]).mean())
    return {
        "loss": mse,
        "mse": mse,
        **{name: float(values.mean()) for name, values in each.items()},
    }


def by_class(goal: str, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float]]:
    """What each class, label or number to predict contributes.

    Args:
        outputs, targets: as for `evaluate`.

    Returns:
        A list with an entry per output for each of precision, recall, f1 and support (the examples
        that have it), or for numbers of rmse, mae and r2.
    """
    outputs, targets = outputs.astype("float64"), np.asarray(targets)
    if goal == "regression":
        return {name: values.tolist() for name, values in _numbers(outputs, targets).items()}
    counts = _class_counts if goal == "classification" else _label_counts
    hits, true, predicted = counts(outputs, targets)
    return {
        "precision": _share(hits, predicted).tolist(),
        "recall": _share(hits, true).tolist(),
        "f1": _share(2.0 * hits, true + predicted).tolist(),
        "support": true.astype(int).tolist(),
    }


def _class_counts(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, ...]:
    """Per class: examples found, examples that have it, examples said to have it."""
    classes = logits.shape[1]
    counts = np.bincount(labels * classes + logits.argmax(axis=1), minlength=classes**2)
    confusion = counts.reshape(classes, classes)
    return np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)


def _label_counts(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, ...]:
    """The same per label."""
    chosen, true = logits > 0, labels > 0
    return (chosen & true).sum(axis=0), true.sum(axis=0), chosen.sum(axis=0)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole`, 0 where there is nothing."""
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)


def _numbers(predictions: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """Per number to predict: rmse, mae and r2."""
    truth = targets.astype("float64").reshape(predictions.shape)
    errors = predictions - truth
    spread = np.square(truth - truth.mean(axis=0)).sum(axis=0)
    missed = np.square(errors).sum(axis=0)
    return {
        "rmse": np.sqrt(np.square(errors).mean(axis=0)),
        "mae": np.abs(errors).mean(axis=0),
        "r2": np.where(spread > 0, 1 - missed / np.where(spread > 0, spread, 1), 0.0),
    }


_EVALUATORS: dict[str, Any] = {
    "classification": _classification,
    "multilabel": _multilabel,
    "regression": _regression,
}


def _area(goal: str, name: str, logits: np.ndarray, targets: np.ndarray) -> float:
    """Area under the ROC or the precision-recall curve, mean over classes or labels.

    With two classes it is that of the second. A class without an example of either kind is left
    out of the mean, for neither curve exists.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    scores = probabilities(goal, logits)
    truth = targets
    if goal == "classification":
        truth = np.eye(scores.shape[1])[targets]
        if scores.shape[1] == 2:
            truth, scores = truth[:, 1:], scores[:, 1:]
    area = roc_auc_score if name == "auc" else average_precision_score
    both = [i for i in range(truth.shape[1]) if 0 < truth[:, i].sum() < len(truth)]
    if not both:
        return 0.5 if name == "auc" else float(truth.mean())
    return float(np.mean([area(truth[:, i], scores[:, i]) for i in both]))
