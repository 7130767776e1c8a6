"""What is to be predicted, for each goal: class numbers, 0 and 1 for each label, or numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from autotrain.data.labels import encode
from autotrain.errors import DataError

_Encoded: TypeAlias = tuple[dict[str, np.ndarray], tuple[str, ...]]


def encode_targets(
    where: str, parts: Mapping[str, np.ndarray], names: Sequence[str], goal: str
) -> _Encoded:
    """Turn targets as they came into what training takes, and name the outputs.

    Args:
        where: the source's name, for messages.
        parts: targets by part, `train` first.
        names: of the classes, labels or numbers; empty where they name themselves.
        goal: `classification`, `multilabel` or `regression`.

    Returns:
        By part: `[n]` int32, `[n, labels]` float32 of 0 and 1, or `[n]` or `[n, outputs]` float32;
        and one name per class, label or number.

    Raises:
        DataError: targets that do not suit the goal.
    """
    return _GOALS[goal](where, parts, names)


def _multilabel(where: str, parts: Mapping[str, np.ndarray], names: Sequence[str]) -> _Encoded:
    encoded = {}
    for part, y in parts.items():
        key = f"{where}: y_{part}"
        if y.ndim != 2 or y.shape[1] == 0 or y.dtype.kind not in "biuf":
            raise DataError(
                f"{key}: several labels at once are numbers of the shape [n, labels], got dtype "
                f"{y.dtype} and shape {list(y.shape)}; for one class per example set a task "
                "such as tabular_classification"
            )
        odd = y[~np.isin(y, (0, 1))]
        if odd.size:
            raise DataError(f"{key}: a label is 0 or 1, got {odd.flat[0]}; write 1 where it holds")
        encoded[part] = y.astype(np.float32)
    return encoded, _names(where, encoded, names, "label")


def _regression(where: str, parts: Mapping[str, np.ndarray], names: Sequence[str]) -> _Encoded:
    encoded = {}
    for part, y in parts.items():
        key = f"{where}: y_{part}"
        if y.dtype.kind not in "biuf":
            raise DataError(
                f"{key}: regression predicts numbers, got dtype {y.dtype}; for classes set a task "
                "such as tabular_classification"
            )
        if y.ndim not in (1, 2) or 0 in y.shape[1:]:
            raise DataError(
                f"{key}: numbers to predict have the shape [n] or [n, outputs], got {list(y.shape)}"
            )
        with np.errstate(over="ignore"):  # what is too large becomes infinite and is refused
            numbers = y.astype(np.float32)
        bad = np.flatnonzero(~np.isfinite(numbers.reshape(len(y), -1)).all(axis=1))
        if bad.size:
            raise DataError(
                f"{key}: {bad.size:,} targets are missing or infinite, first in example "
                f"{bad[0]:,}; remove these examples"
            )
        encoded[part] = numbers[:, 0] if y.ndim == 2 and y.shape[1] == 1 else numbers
    named = _names(where, encoded, names, "number")
    constant = np.flatnonzero(np.ptp(encoded["train"].reshape(-1, len(named)), axis=0) == 0)
    if constant.size:
        raise DataError(
            f"{where}: regression needs a target that varies, and {named[constant[0]]!r} is always "
            f"{encoded['train'].flat[constant[0]]}"
        )
    return encoded, named


def _names(
    where: str, parts: Mapping[str, np.ndarray], names: Sequence[str], what: str
) -> tuple[str, ...]:
    """One name per output; without any they are called by their position."""
    outputs = {part: 1 if y.ndim == 1 else y.shape[1] for part, y in parts.items()}
    count = outputs["train"]
    for part, other in outputs.items():
        if other != count:
            raise DataError(
                f"{where}: all parts must have the same targets, got {count} in y_train and "
                f"{other} in y_{part}"
            )
    if not names:
        return ("target",) if count == 1 else tuple(str(i + 1) for i in range(count))
    if len(names) != count or len(set(names)) < count:
        raise DataError(
            f"{where}: class_names must give each {what} a name of its own, there are {count}, "
            f"got {', '.join(names)}"
        )
    return tuple(names)


_GOALS: dict[str, Callable[[str, Mapping[str, np.ndarray], Sequence[str]], _Encoded]] = {
    "classification": encode,
    "multilabel": _multilabel,
    "regression": _regression,
}
