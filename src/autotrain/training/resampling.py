"""Which examples an epoch trains on, and in which order: a pure function of seed and epoch."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from autotrain.errors import InfeasibleError, MissingExtraError
from autotrain.trial import Params, derive_seed


def epoch_order(
    labels: np.ndarray, sampling: str, batch: int, generator: np.random.Generator
) -> np.ndarray:
    """Indices of one epoch, shuffled, in whole batches: [steps, batch].

    Args:
        labels: [n] class numbers, if classes are balanced; else only their number is read.
        sampling: `over` draws from rare classes again until all are as large as the largest,
            `under` leaves out examples until all are as small as the smallest; each epoch leaves
            out others.
    """
    order = generator.permutation(len(labels))
    if sampling in ("over", "under"):
        order = generator.permutation(_balanced(np.asarray(labels), sampling, generator))
    batches = max(1, len(order) // batch)
    return np.resize(order, batches * batch).reshape(batches, batch)


def _balanced(labels: np.ndarray, sampling: str, generator: np.random.Generator) -> np.ndarray:
    groups = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    sizes = [len(group) for group in groups]
    size = max(sizes) if sampling == "over" else min(sizes)
    return np.concatenate([_drawn(group, size, generator) for group in groups])


def _drawn(group: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """Every example as often as it goes, and the rest without repetition."""
    whole, rest = divmod(size, len(group))
    return np.concatenate([np.tile(group, whole), generator.choice(group, rest, replace=False)])


def extended(
    x: np.ndarray, y: np.ndarray, params: Params, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Training data, with `sampling: smote` made larger by new examples of the rare classes.

    Chawla et al. 2002, as imbalanced-learn does it: between an example and one of its neighbours.

    That the data is a table with two examples of each class is a rule of `feasibility`.

    Raises:
        InfeasibleError: values are missing.
        MissingExtraError: imbalanced-learn is not installed.
    """
    if params.get("sampling") != "smote":
        return x, y
    if not np.isfinite(x).all():
        raise InfeasibleError(
            "sampling=smote needs a table without missing values: use sampling=over"
        )
    try:
        over_sampling: Any = importlib.import_module("imblearn.over_sampling")
    except ImportError:
        raise MissingExtraError("sampling: smote", "imbalance") from None
    rarest = int(np.bincount(y)[np.unique(y)].min())
    maker = over_sampling.SMOTE(
        k_neighbors=min(5, rarest - 1), random_state=derive_seed(seed, "smote") % 2**32
    )
    more_x, more_y = maker.fit_resample(np.asarray(x), np.asarray(y))
    return more_x.astype(x.dtype), more_y.astype(y.dtype)
