"""What follows from the order of scores: areas under curves, and recall at a precision.

The same numbers as scikit-learn's `roc_auc_score` and `average_precision_score`, without its import,
which takes a worker longer than most epochs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """For each distinct score, the largest first: examples of at least this score.

    Attributes:
        hits: [m] those that are of the class; false: [m] the others.
        scores: [m] falling.
    """

    hits: np.ndarray
    false: np.ndarray
    scores: np.ndarray

    @property
    def precision(self) -> np.ndarray:
        """[m] the share that is of the class."""
        return self.hits / (self.hits + self.false)

    @property
    def recall(self) -> np.ndarray:
        """[m] the share of the class that is among them."""
        return self.hits / self.hits[-1]


def curve(truth: np.ndarray, scores: np.ndarray) -> Curve:
    """Of one class against the rest.

    Args:
        truth: [n] bool, with at least one of the class; scores: [n].
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(truth[order])[ends]
    return Curve(hits, ends + 1 - hits, ranked[ends])


def roc_area(truth: np.ndarray, scores: np.ndarray) -> float:
    """The area under true over false positives."""
    found = curve(truth, scores)
    width = np.diff(found.false / found.false[-1], prepend=0.0)
    height = found.recall - np.diff(found.recall, prepend=0.0) / 2
    return float((width * height).sum())


def precision_recall_area(truth: np.ndarray, scores: np.ndarray) -> float:
    """The average precision: precision by the recall that each score adds."""
    found = curve(truth, scores)
    return float((np.diff(found.recall, prepend=0.0) * found.precision).sum())
