"""What tasks with a column for each output share: their names, and their columns of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from autotrain.errors import DataError


class Cells(Protocol):
    """A column of a table."""

    @property
    def numbers(self) -> np.ndarray | None:
        """[n] float64 with NaN where one is missing; None where some cell is no number."""

    @property
    def labels(self) -> list[str | None]:
        """[n] the cells as text, None where one is missing; whole numbers without a fraction."""


def named(
    where: str, splits: Mapping[str, np.ndarray], names: Sequence[str], what: str
) -> tuple[str, ...]:
    """One name for each output; without any they are called by their position.

    Args:
        splits: encoded targets [n] or [n, outputs], `train` among them.
        what: the word for an output, for messages.

    Raises:
        DataError: splits with different outputs, or names that do not fit.
    """
    outputs = {split: 1 if y.ndim == 1 else y.shape[1] for split, y in splits.items()}
    count = outputs["train"]
    for split, other in outputs.items():
        if other != count:
            raise DataError(
                f"{where}: all parts must have the same targets, got {count} in y_train and "
                f"{other} in y_{split}"
            )
    if not names:
        return ("target",) if count == 1 else tuple(str(i + 1) for i in range(count))
    if len(names) != count or len(set(names)) < count:
        raise DataError(
            f"{where}: class_names must give each {what} a name of its own, there are {count}, "
            f"got {', '.join(names)}"
        )
    return tuple(names)


def stacked(columns: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
    """Columns [n] of numbers as `Task.read` gives them: rows that miss one are left out."""
    numbers = np.stack(list(columns.values()), axis=1)
    known = ~np.isnan(numbers).any(axis=1)
    return known, numbers[known], tuple(columns)


def first_text(cells: Cells) -> str:
    """The first cell that is not a number, of a column that has one."""
    for label in cells.labels:
        try:
            if label is not None and "_" not in label:
                float(label)
                continue
        except ValueError:
            pass
        if label is not None:
            return label
    raise AssertionError("all cells are numbers")
