"""What the metrics of several tasks are made of, over a whole part of the data at once, in float64.

Names and definitions are scikit-learn's; a test compares them. The quick ones are NumPy here, so
that a worker need not import scikit-learn; areas under curves are scikit-learn's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

LEAST = 1e-12  # probability, whose logarithm is taken
SLOW = ("auc", "pr_auc")  # computed only where an objective asks for them


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Logarithms of the probabilities [n, classes] of logits [n, classes]."""
    z = logits - logits.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def log_of(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities, of which none counts as less than 1e-12."""
    return np.log(np.clip(probabilities.astype("float64"), LEAST, 1.0))


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole`, 0 where there is nothing."""
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)


def by_output(hits: np.ndarray, true: np.ndarray, said: np.ndarray) -> dict[str, list[float]]:
    """Precision, recall, F1 and support of each class or label.

    Args:
        hits: examples found; true: examples that have it; said: examples said to have it.
    """
    return {
        "precision": share(hits, said).tolist(),
        "recall": share(hits, true).tolist(),
        "f1": share(2.0 * hits, true + said).tolist(),
        "support": true.astype(int).tolist(),
    }


def areas(scores: np.ndarray, truth: np.ndarray, names: Iterable[str]) -> Mapping[str, float]:
    """Areas under the ROC and the precision-recall curve, mean over classes or labels.

    A class without an example of either kind is left out of the mean, for neither curve exists.

    Args:
        scores: [n, outputs] probabilities; truth: [n, outputs] of 0 and 1.
        names: of the metrics; what is not in `SLOW` is left out.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    both = [i for i in range(truth.shape[1]) if 0 < truth[:, i].sum() < len(truth)]
    found = {}
    for name in (name for name in SLOW if name in names):
        area = roc_auc_score if name == "auc" else average_precision_score
        if both:
            found[name] = float(np.mean([area(truth[:, i], scores[:, i]) for i in both]))
        else:
            found[name] = 0.5 if name == "auc" else float(truth.mean())
    return found
