"""From arrays as they came to a checked `Dataset`: ranks, types, lengths, values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autotrain.data.dataset import Column, Dataset
from autotrain.errors import DataError
from autotrain.serving.table_layout import column_names
from autotrain.tasks import task_named

_CHUNK_BYTES = 16 * 2**20
_WIDE_INTEGER_BYTES = 4
_SPLITS = {"train": "train", "val": "validation", "test": "test"}  # by their short names


def assemble(
    where: str,
    arrays: Mapping[str, np.ndarray],
    class_names: Sequence[str] = (),
    feature_names: Sequence[str] = (),
    task: str = "classification",
) -> Dataset:
    """Check arrays and bring them into the forms that training takes.

    Args:
        where: the source's name, for messages.
        arrays: `x_train`, `y_train` and, where the source has them, `x_val`, `y_val`, `x_test`,
            `y_test`. Inputs are `[n, h, w]`, `[n, h, w, channels]` (images) or `[n, features]`,
            where NaN stands for a missing value.
        class_names: names of labels 0, 1, ..., or of the numbers to predict; empty where they
            name themselves.
        feature_names: names of a table's columns, or empty.
        task: what is predicted, a name of `TASKS`.

    Raises:
        DataError: an array of another rank or type, of a wrong length, or with unusable values.
    """
    x = {short: arrays[f"x_{short}"] for short in _SPLITS if f"x_{short}" in arrays}
    y = {short: arrays[f"y_{short}"] for short in x}
    for short in x:
        _check_pair(where, short, x[short], y[short])
    tabular = x["train"].ndim == 2
    x = {short: v[..., np.newaxis] if v.ndim == 3 else v for short, v in x.items()}
    _check_agreement(where, x)
    inputs = {k: _float32(v) for k, v in x.items()} if tabular else _as_images(where, x)
    for short, values in inputs.items():
        _check_finite(f"{where}: x_{short}", values, missing=tabular)
    targets, names = task_named(task).encode(where, y, class_names)
    features = x["train"].shape[1]
    if tabular and feature_names and len(feature_names) != features:
        raise DataError(
            f"{where}: feature_names must name each of the {features} columns, "
            f"got {len(feature_names)} names"
        )
    named = feature_names or column_names(features)
    return Dataset(
        x={_SPLITS[short]: values for short, values in inputs.items()},
        y={_SPLITS[short]: values for short, values in targets.items()},
        class_names=names,
        modality="tabular" if tabular else "image",
        task=task,
        columns=tuple(Column(str(name)) for name in named) if tabular else (),
    )


def chunks(array: np.ndarray, rows: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """The array (or the given rows of it, in their order) as contiguous pieces of some 16 MB."""
    total = len(array) if rows is None else len(rows)
    row_bytes = max(1, array.dtype.itemsize * int(np.prod(array.shape[1:])))
    step = max(1, _CHUNK_BYTES // row_bytes)
    for start in range(0, total, step):
        part = slice(start, start + step)
        yield np.ascontiguousarray(array[part] if rows is None else array[rows[part]])


def _check_pair(where: str, short: str, x: np.ndarray, y: np.ndarray) -> None:
    key = f"{where}: x_{short}"
    if x.dtype.kind not in "biuf":
        raise DataError(
            f"{key}: inputs must be numbers, got dtype {x.dtype}; "
            "turn every feature into numbers before saving"
        )
    if x.ndim not in (2, 3, 4):
        raise DataError(
            f"{key}: inputs must be images [n, height, width] or [n, height, width, channels], or "
            f"a table [n, features], got the shape {list(x.shape)}"
        )
    if x.size == 0:
        raise DataError(f"{key}: is empty, its shape is {list(x.shape)}; add examples to it")
    if y.ndim == 0 or len(x) != len(y):
        raise DataError(
            f"{where}: x_{short} and y_{short} must be equally long, got {len(x):,} inputs and "
            f"{len(y) if y.ndim else 'no list of'} labels"
        )


def _check_agreement(where: str, x: Mapping[str, np.ndarray]) -> None:
    """All splits have one shape per example, and images have their channels last."""
    shape = x["train"].shape[1:]
    for short, values in x.items():
        if values.shape[1:] != shape:
            raise DataError(
                f"{where}: all parts must have one shape per example, got {list(shape)} in x_train "
                f"and {list(values.shape[1:])} in x_{short}"
            )
    # Three channels first and more than four last is never a picture with its channels last.
    if len(shape) == 3 and shape[0] in (1, 3) and shape[2] > 4:
        raise DataError(
            f"{where}: images must have their channels last, got [n, {shape[0]}, {shape[1]}, "
            f"{shape[2]}], channels first; save  x.transpose(0, 2, 3, 1)  instead"
        )


def _as_images(where: str, splits: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pixels in few bytes; one type for all splits, because they share one preparation."""
    wide = [v for v in splits.values() if _is_wide(v)]
    bytes_do = all(v.min() >= 0 and v.max() <= 255 for v in wide)
    images = {short: _pixels(v, bytes_do) for short, v in splits.items()}
    for short, values in images.items():
        if values.dtype != images["train"].dtype:
            raise DataError(
                f"{where}: all parts must have one dtype, got {splits['train'].dtype} in x_train "
                f"and {splits[short].dtype} in x_{short}; save them alike (and with the same range)"
            )
    return images


def _is_wide(values: np.ndarray) -> bool:
    return values.dtype.kind in "iu" and values.dtype.itemsize >= _WIDE_INTEGER_BYTES


def _pixels(values: np.ndarray, bytes_do: bool) -> np.ndarray:
    if values.dtype.kind == "b":
        # 0 and 255, so that a mask has the range of every other 8-bit image.
        return values.astype(np.uint8) * np.uint8(255)
    if _is_wide(values):
        return values.astype(np.uint8) if bytes_do else _float32(values)
    if values.dtype.kind == "f":
        return _float32(values)
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _float32(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # what is too large becomes infinite and is refused below
        return values.astype(np.float32, copy=False)


def _check_finite(key: str, values: np.ndarray, missing: bool) -> None:
    """Refuse infinity, and NaN where nothing can be missing."""
    if values.dtype.kind != "f":
        return
    wrong = np.isinf if missing else lambda piece: ~np.isfinite(piece)
    found = [wrong(piece).reshape(len(piece), -1).any(axis=1) for piece in chunks(values)]
    bad = np.flatnonzero(np.concatenate(found))
    if bad.size:
        raise DataError(
            f"{key}: inputs must be finite numbers, got {'' if missing else 'NaN or '}infinity in "
            f"{bad.size:,} of {len(values):,} examples, first in example {bad[0]:,}; "
            "fill or remove them"
        )
