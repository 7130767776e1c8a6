"""Columns that number or name their rows: a model that reads them learns the file by heart."""

from __future__ import annotations

import re

import numpy as np

_LEAST_ROWS = 10
_UNNAMED = re.compile(r"column \d+|unnamed: \d+.*|index|level_\d+|\.\.\.\d+", re.IGNORECASE)
_ROW = re.compile(
    r"#|idx|row|rows?[ _.-]?(number|num|no|nr|id|index)\.?|rownames?|(serial|sl|sr|s)[ _.]*(no|number)\.?|"
    r"(no|nr|num|number|obs|observation|record)\.?|laufende nummer|lfd\.? ?nr\.?",
    re.IGNORECASE,
)
_ID = re.compile(r"(.*[ _.-])?(id|ids|uid|uuid|guid|key|identifier|passenger_?id)|.*[a-z](Id|ID)")


def row_numbers(name: str, values: np.ndarray, headed: bool) -> bool:
    """Whether a column of numbers only numbers the rows of its file.

    An unnamed one does if all its whole numbers differ, in a table without names and under the name
    of an identifier only if they count the rows in their order.

    Args:
        name: of the column; values: [n] float64 in the order of the file.
        headed: whether the table has names.
    """
    if not _all_differ(values):
        return False
    if headed and _UNNAMED.fullmatch(name):
        return True
    if headed and _ROW.fullmatch(name):
        return _is_dense(values)
    return _counts(values) and (not headed or is_identifier(name))


def suspicion(name: str, values: np.ndarray) -> str:
    """Why a column of numbers that is kept may be an identifier; empty where it is none."""
    if not _all_differ(values):
        return ""
    if _counts(values):
        return f"{name!r} counts the rows"
    if _is_dense(values):
        return f"{name!r} holds each whole number of its range once, as a row number does"
    return (
        f"{name!r} looks like an identifier, all its values differ" if is_identifier(name) else ""
    )


def is_identifier(name: str) -> bool:
    """Whether a column is called like an identifier."""
    return _ID.fullmatch(name) is not None or _ID.fullmatch(name.lower()) is not None


def _all_differ(values: np.ndarray) -> bool:
    """Whether these are whole numbers, none missing, no two alike."""
    if len(values) < _LEAST_ROWS or not np.isfinite(values).all() or (values % 1 != 0).any():
        return False
    return len(np.unique(values)) == len(values)


def _counts(values: np.ndarray) -> bool:
    return bool((np.diff(values) == 1).all())


def _is_dense(values: np.ndarray) -> bool:
    return float(values.max() - values.min()) + 1 == len(values)
