"""One stratified split per study: train, validation and a locked test part."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from autotrain.data.dataset import PARTS, Source
from autotrain.errors import DataError

_MANY_CLASSES = 20  # whole numbers of more values are likely to be measurements
_MOST_GROUPS, _LEAST_OF_GROUP = 10, 6


@dataclass(frozen=True)
class Part:
    """Rows of an array pair that make one part; `rows` None means all of them, in their order."""

    x: np.ndarray
    y: np.ndarray
    rows: np.ndarray | None = None

    def labels(self) -> np.ndarray:
        """Targets of the part's rows."""
        return self.y if self.rows is None else self.y[self.rows]


def split(source: Source, validation: float, test: float, seed: int) -> dict[str, Part]:
    """Split a source into `train`, `validation` and `test`, keeping the parts that it came with.

    The test part is taken from all training data first, validation from what is left. Both are
    stratified (scikit-learn's `train_test_split`): by class, with at least one example of each; by
    the rarest label that an example has; or by tenths of the (first) number to predict.

    Args:
        source: checked arrays.
        validation: fraction in (0, 0.5] of the data left after the test part.
        test: fraction in (0, 0.5] of all data.
        seed: of both splits.

    Raises:
        DataError: a fraction out of range, too few examples, or a class or label that cannot be in
            every part, or in the training part.
    """
    for name, fraction in (("validation", validation), ("test", test)):
        if not 0 < fraction <= 0.5:
            raise DataError(
                f"data.{name} must be a fraction above 0 and at most 0.5, got {fraction}; "
                "0.2 is usual"
            )
    own_val, own_test = source.x_val is not None, source.x_test is not None
    _check_counts(source, ["train"] + ["validation"] * (not own_val) + ["test"] * (not own_test))
    parts: dict[str, Part] = {}
    strata = _STRATA[source.goal](source.y_train)
    rows = np.arange(len(strata))
    if source.x_test is None or source.y_test is None:
        rows, held = _hold_out(strata, rows, test, seed, keep=1 if own_val else 2)
        parts["test"] = Part(source.x_train, source.y_train, held)
    else:
        parts["test"] = Part(source.x_test, source.y_test)
    if source.x_val is None or source.y_val is None:
        rows, held = _hold_out(strata, rows, validation, seed, keep=1)
        parts["validation"] = Part(source.x_train, source.y_train, held)
    else:
        parts["validation"] = Part(source.x_val, source.y_val)
    whole = own_val and own_test
    parts["train"] = Part(source.x_train, source.y_train, None if whole else rows)
    _check_labels(source, parts["train"])
    return {name: parts[name] for name in PARTS}


def _tenths(y: np.ndarray) -> np.ndarray:
    """Up to ten equally large groups by size of the first number, of six examples at least."""
    first = y.reshape(len(y), -1)[:, 0]
    ranks = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    return ranks * min(_MOST_GROUPS, max(1, len(y) // _LEAST_OF_GROUP)) // len(y)


def _rarest_labels(y: np.ndarray) -> np.ndarray:
    """For each example the rarest of its labels, counted from 1, and 0 where it has none."""
    order = np.argsort(-y.sum(axis=0), kind="stable")
    strata = np.zeros(len(y), np.int64)
    for label in order:  # the rarest comes last and overwrites the others
        strata[y[:, label] == 1] = label + 1
    few = np.bincount(strata) < len(PARTS)
    strata[few[strata]] = 0
    if 0 < (strata == 0).sum() < len(PARTS):  # such a group cannot be split: join the largest
        strata[strata == 0] = np.argmax(np.bincount(strata))
    return strata


_STRATA = {
    "classification": lambda y: y,
    "multilabel": _rarest_labels,
    "regression": _tenths,
}


def _check_labels(source: Source, train: Part) -> None:
    if source.goal != "multilabel":
        return
    lacking = np.flatnonzero(train.labels().sum(axis=0) == 0)
    if lacking.size:
        names = ", ".join(repr(source.class_names[i]) for i in lacking[:5])
        raise DataError(
            f"every label must hold for some training examples, and for none holds {names}; add "
            "such examples, or leave the label out"
        )


def _check_counts(source: Source, parts: list[str]) -> None:
    if source.goal != "classification":
        if len(source.y_train) < len(parts):
            raise DataError(
                f"at least {len(parts)} examples are needed, one each for {', '.join(parts)}, got "
                f"{len(source.y_train)}; add examples"
            )
        return
    counts = np.bincount(source.y_train, minlength=len(source.class_names))
    few = np.flatnonzero(counts < len(parts))
    if not few.size:
        return
    shown = ", ".join(f"{source.class_names[i]!r} has {counts[i]}" for i in few[:5])
    more = f" and {few.size - 5:,} classes more have too few" if few.size > 5 else ""
    measured = ""
    numbers = all(name.lstrip("-").isdecimal() for name in source.class_names)
    if few.size > len(counts) / 2 or (numbers and len(counts) > _MANY_CLASSES):
        measured = "; if the labels are measurements, set a task such as tabular_regression"
    raise DataError(
        f"every class needs at least {len(parts)} examples, one each for {', '.join(parts)}: "
        f"{shown}{more}; add examples, or leave such classes out{measured}"
    )


def _hold_out(
    y: np.ndarray, rows: np.ndarray, fraction: float, seed: int, keep: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into (kept, held): at least `keep` of every class kept, at least one held."""
    from sklearn.model_selection import train_test_split

    labels = y[rows]
    classes = np.unique(labels)
    # scikit-learn refuses parts with fewer examples than classes.
    size = max(math.ceil(fraction * len(rows)), len(classes))
    kept, held = train_test_split(rows, test_size=size, stratify=labels, random_state=seed % 2**32)
    # It rounds by class, so that a rare class can miss a part altogether.
    for label in classes:
        of_class = held[y[held] == label]
        if not of_class.size:
            kept, held = _move(kept, held, kept[y[kept] == label][:1])
        lack = keep - int((y[kept] == label).sum())
        if lack > 0:
            held, kept = _move(held, kept, of_class[-lack:])
    return kept, held


def _move(giver: np.ndarray, taker: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return giver[~np.isin(giver, rows)], np.concatenate([taker, rows])
