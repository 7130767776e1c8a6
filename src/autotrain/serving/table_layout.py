"""What a text looks like as a table: its separator, and the rows that come before the examples.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

if __package__:
    from autotrain.serving.input_file import InputError
    from autotrain.serving.number_forms import NOTHING, written
    from autotrain.serving.table_reader import is_missing, is_number
    from autotrain.serving.table_rows import BLANKS, SINGLE, Layout, Text, first_rows
else:
    from input_file import InputError  # type: ignore[no-redef]
    from number_forms import NOTHING, written  # type: ignore[no-redef]
    from table_reader import is_missing, is_number  # type: ignore[no-redef]
    from table_rows import BLANKS, SINGLE, Layout, Text, first_rows  # type: ignore[no-redef]

SEPARATORS = ("\t", ";", "|", ",")  # a comma is most likely to be part of a text
_MOST_TITLES = 20
_MOSTLY = 0.9  # of the cells of a column of numbers are numbers
_SAID = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # the first line that Excel understands


class Opening(NamedTuple):
    """How a text is a table.

    Attributes:
        titles: rows above the header, or above the first example.
        rows: the first ones below those.
    """

    layout: Layout
    titles: int
    rows: list[list[str]]


def opening_of(text: Text) -> Opening:
    """Separator, titles and first rows of a text.

    Raises:
        InputError: a cell is beyond all measure.
    """
    layout = find_layout(text)
    rows = first_rows(text, layout)
    titles = _titles(rows)
    return Opening(layout, titles, rows[titles:])


# Separators.


def find_layout(text: Text) -> Layout:
    """The separator that gives most of the first 1,000 rows the same number of cells.

    Returns:
        `SINGLE` where every separator leaves single cells.
    """
    said = _SAID.fullmatch(next(iter(text.lines()), "").strip("\ufeff"))
    if said is not None:
        return layout_with(text, said[1])
    best, best_share = "", 0.0
    for separator in SEPARATORS:
        try:
            counts = Counter(map(len, first_rows(text, Layout(separator))))
        except InputError:  # an open quote swallows the rest of the file
            counts = Counter(map(len, first_rows(text, Layout(separator, csv.QUOTE_NONE))))
        cells, rows = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        share = rows / counts.total() if cells > 1 else 0.0
        if share > best_share:
            best, best_share = separator, share
    if best:
        return layout_with(text, best)
    return Layout(BLANKS) if _is_split_by_blanks(text) else SINGLE


def _is_split_by_blanks(text: Text) -> bool:
    """Whether blanks stand between columns of which half are numbers, and not between words."""
    rows = first_rows(text, Layout(BLANKS))
    counts = Counter(map(len, rows))
    width, count = counts.most_common(1)[0] if counts else (0, 0)
    if width < 2 or count < _MOSTLY * len(rows):
        return False
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    numbers = sum(_is_numeric(column[1:] or column) for column in columns)
    return numbers * 2 >= width


def layout_with(text: Text, separator: str) -> Layout:
    """The layout that has a separator; only beside tabs can quotes be letters."""
    if separator in (SINGLE.separator, BLANKS):
        return SINGLE if separator == SINGLE.separator else Layout(BLANKS)
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


# The rows above the examples.


def _titles(rows: Sequence[Sequence[str]]) -> int:
    """Rows above a header that hold a title, a comment, or what Excel says of separators."""
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    if width < 2:
        return 0
    found = 0
    for row in rows[:_MOST_TITLES]:
        filled = sum(map(bool, row))
        if filled != 1 or not (len(row) < width or (width > 2 and row[0])):
            break
        found += 1
    told = bool(found) and all(
        row[0].startswith("#") or _SAID.match(row[0]) for row in rows[:found]
    )
    return found if told or (found < len(rows) and is_header(rows[found:])) else 0


def column_names(count: int) -> tuple[str, ...]:
    """What columns without a name are called."""
    return tuple(f"column {i}" for i in range(1, count + 1))


def header_names(row: Sequence[str]) -> tuple[str, ...]:
    """The names that a header gives, `column 3` where it gives none."""
    return tuple(name or other for name, other in zip(row, column_names(len(row)), strict=True))


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names.

    Where none of its cells is a number or missing, it does if a column is all numbers below it, or
    no cell of it comes again in its own column. Where some are, more must speak for it: see
    `_is_odd_header`.
    """
    first, below = rows[0], rows[1:]
    if not below:
        return False
    columns = [[row[i] for row in below if i < len(row)] for i in range(len(first))]
    known = [[cell for cell in column if not is_missing(cell)] for column in columns]
    # An index is often nameless.
    if is_number(first[0]) or any(is_number(cell) or is_missing(cell) for cell in first[1:]):
        return _is_odd_header(first, known)
    again = False
    for name, cells in zip(first, known, strict=True):
        if _is_numeric(cells):
            return True
        again = again or name in cells
    return not again


def _is_odd_header(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Whether names such as 2019, or empty ones, stand above columns of another kind.

    All numbers among them are whole and outside of what their columns hold; no name comes again in
    its own column; and one stands above numbers or above words that come again, or the first is
    empty, as above an index.
    """
    speaks = False
    for i, (name, cells) in enumerate(zip(first, columns, strict=True)):
        if is_number(name):
            if not name.isdecimal() or not _is_outside(int(name), cells):
                return False
        elif is_missing(name):
            if name and i:
                return False
            speaks = speaks or not i
        else:
            if name in cells:
                return False
            speaks = speaks or _is_numeric(cells) or len(set(cells)) * 2 <= len(cells)
    return speaks


def _is_outside(name: int, cells: Sequence[str]) -> bool:
    numbers = [float(cell) for cell in cells if is_number(cell)]
    return not numbers or not min(numbers) <= name <= max(numbers)


def _is_numeric(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are numbers, in whatever form; words for nothing do not count."""
    known = [cell for cell in cells if cell.casefold() not in NOTHING and not is_missing(cell)]
    numbers = sum(written(cell) is not None or is_number(cell) for cell in known)
    return bool(known) and numbers >= _MOSTLY * len(known)


def is_units(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row below a header tells units: words above nothing but numbers."""
    if len(rows) < 3:
        return False
    first, below = rows[0], rows[1:]
    above = [
        cell
        for i, cell in enumerate(first)
        if _is_numeric([row[i] for row in below if i < len(row)])
    ]
    words = [cell for cell in above if not is_missing(cell) and cell.casefold() not in NOTHING]
    return bool(words) and not any(is_number(cell) or written(cell) for cell in above)
