"""Metrics over a whole data part, from logits, in float64."""

from __future__ import annotations

import numpy as np


def classification(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Cross-entropy and accuracy.

    Args:
        logits: [n, classes]; labels: [n] integers.
    """
    z = logits.astype("float64")
    z = z - z.max(axis=1, keepdims=True)
    log_probabilities = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_probabilities[np.arange(len(labels)), labels].mean()
    return {"loss": float(loss), "accuracy": float((logits.argmax(axis=1) == labels).mean())}
