"""From the labels people have to int32 positions in a list of class names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autotrain.errors import DataError, nearest


def encode_labels(
    where: str, splits: Mapping[str, np.ndarray], class_names: Sequence[str] = ()
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Turn labels of any accepted form into positions in one list of class names.

    Args:
        where: the source's name, for messages.
        splits: labels by split, `train` first: `[n]`, `[n, 1]` or one-hot `[n, k]`; whole numbers
            from 0, booleans or text.
        class_names: names for labels 0, 1, ...; without them the names are the labels themselves.

    Returns:
        The labels, `[n]` int32 by split, and the class names.

    Raises:
        DataError: a label that cannot be used, or is unknown in training.
    """
    flat = {split: _flat(f"{where}: y_{split}", labels) for split, labels in splits.items()}
    if len({labels.dtype.kind == "U" for labels in flat.values()}) > 1:
        raise DataError(
            f"{where}: labels must be of one form in all parts, got text in some and numbers in "
            "others; save all of them in the same form"
        )
    names = _unique_names(where, class_names)
    known = _known(where, flat["train"], names)
    for split, labels in flat.items():
        _refuse_unknown(f"{where}: y_{split}", labels, known, bool(names))
    seen = np.unique(flat["train"])
    for split, labels in flat.items():
        _refuse_untrained(f"{where}: y_{split}", labels, seen)
    order = np.argsort(known)
    encoded = {
        split: order[np.searchsorted(known, labels, sorter=order)].astype(np.int32)
        for split, labels in flat.items()
    }
    return encoded, names or tuple(str(label) for label in known)


def _flat(key: str, labels: np.ndarray) -> np.ndarray:
    """One label per example: `[n]`, int64 or text."""
    if labels.dtype.kind not in "biufSU":
        raise DataError(
            f"{key}: labels must be whole numbers or text, got dtype {labels.dtype}; "
            "convert them with  y.astype(str)  or  y.astype(int)"
        )
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "biuf":
        labels = _from_one_hot(key, labels)
    if labels.ndim != 1:
        raise DataError(
            f"{key}: labels must have the shape [n], [n, 1] or one-hot [n, classes], "
            f"got {list(labels.shape)}"
        )
    return _text(key, labels) if labels.dtype.kind in "SU" else _whole(key, labels)


def _from_one_hot(key: str, labels: np.ndarray) -> np.ndarray:
    if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()):
        raise DataError(
            f"{key}: labels of shape {list(labels.shape)} must be one-hot (a single 1 in each row, "
            "0 elsewhere), and some rows are not; for several labels at once set a task such as tabular_multilabel"
        )
    return labels.argmax(axis=1)


def _text(key: str, labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind == "U":
        return labels
    try:
        return np.char.decode(labels, "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{key}: labels stored as bytes must be UTF-8: {error}; "
            "decode them before saving (numpy.char.decode)"
        ) from error


def _whole(key: str, labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind == "f":
        odd = labels[~np.isfinite(labels)]
        if odd.size:
            raise DataError(
                f"{key}: {odd.size:,} labels are missing or infinite; remove these examples"
            )
        odd = labels[labels != np.round(labels)]
        if odd.size:
            raise DataError(
                f"{key}: labels must be whole numbers (classes), got {odd[0]}; "
                "measurements are regression: set a task such as tabular_regression"
            )
    if labels.size and labels.min() < 0:
        raise DataError(
            f"{key}: labels must not be negative, got {labels.min()}; remove unlabelled examples, "
            "or number the classes from 0"
        )
    if labels.size and labels.max() > np.iinfo(np.int64).max:
        raise DataError(f"{key}: labels must be small whole numbers, got {labels.max()}")
    return labels.astype(np.int64)


def _unique_names(where: str, class_names: Sequence[str]) -> tuple[str, ...]:
    names = tuple(str(name) for name in class_names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{where}: class names must differ, got {twice[0]!r} more than once")
    return names


def _known(where: str, train: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """The labels that are allowed, in the order of their positions."""
    if not names:
        return np.unique(train)
    known = np.array(names) if train.dtype.kind == "U" else np.arange(len(names))
    missing = [names[i] for i in np.flatnonzero(~np.isin(known, train))]
    if missing:
        raise DataError(
            f"{where}: every class needs training examples, and there are none of "
            f"{_say(missing)}; take the name out of class_names, or add examples"
        )
    return known


def _refuse_unknown(key: str, labels: np.ndarray, known: np.ndarray, named: bool) -> None:
    unknown = np.setdiff1d(labels, known)
    if not (named and unknown.size):
        return
    if labels.dtype.kind != "U":
        raise DataError(
            f"{key}: with {len(known)} class names labels go from 0 to {len(known) - 1}, "
            f"got {_say(unknown)}"
        )
    hint = nearest(unknown[0], known)
    raise DataError(f"{key}: labels that are not in class_names: {_say(unknown)} {hint}".rstrip())


def _refuse_untrained(key: str, labels: np.ndarray, seen: np.ndarray) -> None:
    untrained = np.setdiff1d(labels, seen)
    if untrained.size:
        raise DataError(
            f"{key}: labels that no training example has: {_say(untrained)}; add such examples to "
            "the training part, or remove these"
        )


def _say(values: Sequence[object] | np.ndarray, most: int = 5) -> str:
    shown = ", ".join(repr(v.item() if isinstance(v, np.generic) else v) for v in values[:most])
    return shown + (f" and {len(values) - most} more" if len(values) > most else "")
