"""Numbers of which 32 bits would lose much: kept in 64, and centred in 64 before training.

An offset is near the mean of the training part, and the sum of two numbers of 32 bits, of which
exported models subtract (or add) one after the other: Keras keeps constants in 32 bits.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autotrain.data.arrays import chunks
from autotrain.data.dataset import Arrays, DataInfo, Dataset

_WIDE = np.dtype(np.float64)


def offsets_of(dataset: Dataset) -> dict[str, tuple[float, ...]]:
    """`offset` of the inputs and `target_offset`; empty where 32 bits are enough.

    Args:
        dataset: split and fitted.
    """
    x, y = dataset.x["train"], dataset.y["train"]
    found = {}
    if x.dtype == _WIDE and x.ndim == 2:
        numbers = [column.kind == "number" for column in dataset.columns]
        means = np.nanmean(dataset.x_of("train"), axis=0)
        found["offset"] = _exact(np.where(numbers, means, 0.0))
    if y.dtype == _WIDE:
        targets = dataset.y_of("train")
        found["target_offset"] = _exact(targets.reshape(len(targets), -1).mean(axis=0))
    return found


def _exact(means: np.ndarray) -> tuple[float, ...]:
    high = means.astype(np.float32)
    low = (means - high).astype(np.float32)
    return tuple((high.astype(np.float64) + low).tolist())


def centred_inputs(x: np.ndarray, info: DataInfo) -> np.ndarray:
    """Inputs [n, ...] as training reads them."""
    if not info.offset:
        return x
    out, start = np.empty(x.shape, np.float32), 0
    for piece in chunks(x):
        out[start : start + len(piece)] = piece - np.array(info.offset)
        start += len(piece)
    return out


def centred_targets(y: np.ndarray, info: DataInfo) -> np.ndarray:
    """Targets, or a teacher's outputs, as training reads them; [n] or [n, outputs]."""
    if not info.target_offset:
        return y
    offset = np.array(info.target_offset)
    return (y - (offset if y.ndim == 2 else offset[0])).astype(np.float32)


def centred(arrays: Arrays, info: DataInfo) -> Arrays:
    """Prepared arrays as training reads them; what is measured stays in the targets' own units."""
    return replace(
        arrays,
        x_train=centred_inputs(arrays.x_train, info),
        x_validation=centred_inputs(arrays.x_validation, info),
        y_train=centred_targets(arrays.y_train, info),
    )
