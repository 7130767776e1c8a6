"""Reading tables: separator, header and cells; what a cell means is decided here alone.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

if __package__:
    from autotrain.serving.input_file import InputError, plain_suffix
else:
    from input_file import InputError, plain_suffix  # type: ignore[no-redef]

SUFFIXES = (".csv", ".tsv", ".txt", ".data")
MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null")
# What pandas takes for truth values where a column has nothing else, and the levels they become.
BOOLEANS = {
    **dict.fromkeys(("True", "true", "TRUE"), "True"),
    **dict.fromkeys(("False", "false", "FALSE"), "False"),
}
_ABSENT = frozenset(MISSING)
SEPARATORS = ("\t", ";", "|", ",")  # a comma is most likely to be part of a text
_SAMPLE_ROWS = 1000
# A last line of our own, with a letter that is none: an open quote would swallow it.
_END = "\ufdd0end"


Quoting: TypeAlias = Literal[0, 1, 2, 3]  # of the module csv


class Text(NamedTuple):
    """A text that is to be read as a table.

    Attributes:
        where: how messages call it.
        lines: its lines with their ends, from the start each time.
    """

    where: str
    lines: Callable[[], Iterable[str]]


class Layout(NamedTuple):
    """How a text is a table: what separates its cells, and whether quotes quote."""

    separator: str
    quoting: Quoting = csv.QUOTE_MINIMAL


SINGLE = Layout("\x1f")  # of a table with one column: nobody separates cells by this


# What a cell means.


def is_missing(cell: str | None) -> bool:
    """Whether a cell holds nothing, or a word for nothing."""
    return cell is None or cell in _ABSENT


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


def numbers_in(name: str, cells: Sequence[str], problems: list[str]) -> np.ndarray:
    """A column as [n] float64, NaN where a cell is missing or no number.

    Args:
        name: of the column; problems: of the rows, to which that of a cell is added.
    """
    try:
        values = np.array([float(cell) for cell in cells])
        if "_" in ",".join(cells):
            raise ValueError
    except ValueError:  # some are missing, or wrong
        values = np.array([_number_or_missing(cell) for cell in cells])
        for i in np.flatnonzero(np.isnan(values)).tolist():
            if not is_missing(cells[i]) and not is_number(cells[i]):
                problems[i] = f"{name} is no number: {cells[i][:40]!r}"
    fitting = fits(values)
    if not fitting.all():
        for i in np.flatnonzero(~fitting).tolist():
            problems[i] = f"{name} must be finite and below 3e38: {cells[i][:40]!r}"
        values[~fitting] = math.nan
    return values


def _number_or_missing(cell: str) -> float:
    try:
        return number(cell)
    except ValueError:
        return math.nan


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


# What a text looks like.


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table, compressed by gzip or not."""
    return plain_suffix(path) in SUFFIXES


def column_names(count: int) -> tuple[str, ...]:
    """What columns without a name are called."""
    return tuple(f"column {i}" for i in range(1, count + 1))


def header_names(row: Sequence[str]) -> tuple[str, ...]:
    """The names that a header gives, `column 3` where it gives none."""
    return tuple(name or other for name, other in zip(row, column_names(len(row)), strict=True))


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names.

    None of its cells is a number or missing, and either a column is all numbers below it, or no
    cell of it comes again in its own column.
    """
    first, below = rows[0], rows[1:]
    if not below or any(cell in _ABSENT or is_number(cell) for cell in first[1:]):
        return False
    if is_number(first[0]):  # an index is often nameless
        return False
    again = False
    for i, name in enumerate(first):
        known = [row[i] for row in below if i < len(row) and row[i] not in _ABSENT]
        if known and all(map(is_number, known)):
            return True
        again = again or name in known
    return not again


def find_layout(text: Text) -> Layout:
    """The separator that gives most of the first 1,000 rows the same number of cells.

    Returns:
        `SINGLE` where every separator leaves single cells.
    """
    best, best_share = "", 0.0
    for separator in SEPARATORS:
        try:
            counts = Counter(map(len, _sample(text, Layout(separator))))
        except csv.Error:  # an open quote swallows the rest of the file
            counts = Counter(map(len, _sample(text, Layout(separator, csv.QUOTE_NONE))))
        cells, rows = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        share = rows / counts.total() if cells > 1 else 0.0
        if share > best_share:
            best, best_share = separator, share
    return layout_with(text, best) if best else SINGLE


def layout_with(text: Text, separator: str) -> Layout:
    """The layout that has a separator; only beside tabs can quotes be letters."""
    if separator == SINGLE.separator:
        return SINGLE
    letters = separator == "\t" and _quotes_are_letters(text.lines())
    return Layout(separator, csv.QUOTE_NONE if letters else csv.QUOTE_MINIMAL)


def _quotes_are_letters(lines: Iterable[str]) -> bool:
    """Whether one stands open, and no cell has two lines."""
    width, is_open = 0, False
    for line in lines:
        if not line.strip():
            continue
        count = line.count("\t") + 1
        if count != (width or count):
            return False
        width = count
        if not is_open and '"' in line:
            cells = [cell.strip() for cell in line.split("\t")]
            quoted = [cell for cell in cells if cell.startswith('"')]
            is_open = any(len(cell) < 2 or not cell.endswith('"') for cell in quoted)
    return is_open


# Its rows.


def rows_of(text: Text, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows that have any cell, without spaces around cells, and the line where each ends.

    Raises:
        InputError: a quote stands open at the end, or a cell is longer than 131,072 letters.
    """
    line = 0
    try:
        for line, cells in _rows(itertools.chain(text.lines(), (_END,)), layout):
            if cells[-1].endswith(_END):
                if cells == [_END]:
                    return
                break
            yield line, cells
    except csv.Error as error:
        raise InputError(f"{text.where}, after line {line}: {error}") from None
    raise InputError(f"{text.where}: a quote stands open at the end; close it, or leave it out")


def first_rows(text: Text, layout: Layout, most: int = _SAMPLE_ROWS) -> list[list[str]]:
    """The first rows that have any cell.

    Raises:
        InputError: a cell is longer than 131,072 letters.
    """
    try:
        return _sample(text, layout, most)
    except csv.Error as error:
        raise InputError(f"{text.where}: {error}; is there a quote that is never closed?") from None


def _sample(text: Text, layout: Layout, most: int = _SAMPLE_ROWS) -> list[list[str]]:
    return [row for _, row in itertools.islice(_rows(text.lines(), layout), most)]


def _rows(lines: Iterable[str], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(
        lines, delimiter=layout.separator, quoting=layout.quoting, skipinitialspace=True
    )
    begun = False
    for row in reader:
        cells = [cell.strip() for cell in row]
        # In a table of one column a quoted nothing is a text without letters.
        if any(cells) or (begun and cells and layout is SINGLE):
            begun = True
            yield reader.line_num, cells
