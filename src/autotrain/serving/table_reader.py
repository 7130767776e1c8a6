"""Reading tables: what a cell means is decided here alone.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

if __package__:
    from autotrain.serving.input_file import plain_suffix
    from autotrain.serving.number_forms import NOTHING, Form, as_number
else:
    from input_file import plain_suffix  # type: ignore[no-redef]
    from number_forms import NOTHING, Form, as_number  # type: ignore[no-redef]

SUFFIXES = (".csv", ".tsv", ".txt", ".data")
MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null")
# What pandas takes for truth values where a column has nothing else, and the levels they become.
BOOLEANS = {
    **dict.fromkeys(("True", "true", "TRUE"), "True"),
    **dict.fromkeys(("False", "false", "FALSE"), "False"),
}
_ABSENT = frozenset(MISSING)

Cell: TypeAlias = object  # text, or a value of a typed source; None where there is nothing


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table in text, compressed or not."""
    return plain_suffix(path) in SUFFIXES


def is_missing(cell: str | None) -> bool:
    """Whether a cell holds nothing, or a word for nothing."""
    return cell is None or cell in _ABSENT


def is_nothing(cell: str) -> bool:
    """Whether a cell of a column of numbers holds nothing, or any word for it."""
    return cell in _ABSENT or cell.casefold() in NOTHING


def number(cell: str) -> float:
    """The number in a cell, NaN where it is missing.

    Raises:
        ValueError: it is something else; so is 2020_21, which is a number in Python only.
    """
    if cell in _ABSENT:
        return math.nan
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def is_number(cell: str) -> bool:
    """Whether a cell reads as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def fits(values: np.ndarray) -> np.ndarray:
    """[n] whether float64 numbers are finite, or missing, in the 32 bits that models read."""
    with np.errstate(over="ignore"):
        fitting: np.ndarray = ~np.isinf(values.astype("float32"))
    return fitting


def numbers_in(
    name: str, cells: Sequence[Cell], problems: list[str], form: Form | None = None
) -> np.ndarray:
    """A column as [n] float32, NaN where a cell is missing or no number.

    Args:
        name: of the column; problems: of the rows, to which that of a cell is added.
        form: how its numbers are written in text, where it is not as usual.
    """
    values = _plain_numbers(cells) if form is None else None
    if values is None:  # some are missing, or wrong, or written in another way
        values = np.full(len(cells), math.nan)
        for i, cell in enumerate(cells):
            try:
                values[i] = cell_number(cell, form)
            except ValueError:
                problems[i] = f"{name} is no number: {str(cell)[:40]!r}"
    fitting = fits(values)
    if not fitting.all():
        for i in np.flatnonzero(~fitting).tolist():
            problems[i] = f"{name} must be finite and below 3e38: {str(cells[i])[:40]!r}"
        values[~fitting] = math.nan
    return values.astype("float32")


def _plain_numbers(cells: Sequence[Cell]) -> np.ndarray | None:
    """Cells that are numbers in Python's own form, all of them."""
    try:
        if "_" in "".join([cell for cell in cells if isinstance(cell, str)]):
            return None
        return np.array([float(cell) for cell in cells])  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return None


def cell_number(cell: Cell, form: Form | None) -> float:
    """The number in a cell of a column of numbers, NaN where it is missing.

    Raises:
        ValueError: it is no number.
    """
    if not isinstance(cell, str):
        return typed_number(cell)
    if is_nothing(cell):
        return math.nan
    if form is None:
        return number(cell)
    if cell in form.get("missing", ()):
        return math.nan
    return as_number(cell, form) if "affixes" in form else number(cell)


def typed_number(cell: Cell) -> float:
    """A value of a typed source as a number, NaN where it is none of the kinds of nothing.

    Raises:
        ValueError: it is no number.
    """
    if cell is None:
        return math.nan
    try:
        return float(cell)  # type: ignore[arg-type]
    except TypeError:  # pandas' NA is of this kind, and so are dates and lists
        if type(cell).__name__ in ("NAType", "NaTType"):
            return math.nan
        raise ValueError(str(cell)) from None
    except OverflowError:
        return math.inf


def cell_text(cell: Cell) -> str:
    """A value as a table's text has it: whole numbers without a fraction, nothing as empty text."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(cell, (float, np.floating)):
        if math.isnan(cell):
            return ""
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace").strip()
    return str(cell).strip()


def levels_in(cells: Sequence[str | None]) -> Sequence[str | None]:
    """The cells of a category, None where one is missing, as the levels that they stand for.

    They are as they are written, except in a column of nothing but truth values.
    """
    if any(cell is not None and cell not in BOOLEANS for cell in cells):
        return cells
    return [None if cell is None else BOOLEANS[cell] for cell in cells]


def spellings(levels: Sequence[str]) -> dict[str, str]:
    """What a cell can be, and its level, for a column that has these levels by `levels_in`."""
    if levels and set(levels) <= set(BOOLEANS.values()):
        return {cell: level for cell, level in BOOLEANS.items() if level in levels}
    return {level: level for level in levels}
