"""Reading tables: a text as rows of cells, and which of these are examples.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

if __package__:
    from autotrain.serving.input_file import InputError
    from autotrain.serving.number_forms import written
else:
    from input_file import InputError  # type: ignore[no-redef]
    from number_forms import written  # type: ignore[no-redef]

BLANKS = "\x1f"  # stands for the blanks between the cells of a table without another separator
LONGEST_CELL = 10_000_000  # letters; an open quote makes a cell of the rest of the file
_SAMPLE_ROWS = 1000
# A last line of our own, with a letter that is none: an open quote would swallow it.
_END = "\ufdd0end"
_BLANK = re.compile(r'"[^"]*"|[ \t]+')
# How the last rows of a table begin that are no rows.
_TOTALS = frozenset(
    [
        "total",
        "totals",
        "grand total",
        "sum",
        "sums",
        "subtotal",
        "mean",
        "average",
        "avg",
        "median",
    ]
    + [
        "min",
        "max",
        "count",
        "std dev",
        "summe",
        "gesamt",
        "insgesamt",
        "mittelwert",
        "durchschnitt",
    ]
    + [
        "somme",
        "total général",
        "totale",
        "suma",
        "media",
        "moyenne",
        "итого",
        "всего",
        "合计",
        "总计",
    ]
)

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


SINGLE = Layout("\x1e")  # of a table with one column: nobody separates cells by this


def rows_of(text: Text, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows that have any cell, without spaces around cells, and the line where each ends.

    Raises:
        InputError: a quote stands open at the end, or a cell is longer than ten million letters.
    """
    line = 0
    try:
        for end, cells in _rows(itertools.chain(text.lines(), (_END,)), layout):
            if cells[-1].endswith(_END):
                if cells == [_END]:
                    return
                break
            line = end
            yield line, cells
    except csv.Error as error:
        raise InputError(f"{text.where}, after line {line}: {error}") from None
    raise InputError(
        f"{text.where}: a quote stands open at the end, since line {line + 1:,}; close it, or leave "
        "it out"
    )


def first_rows(text: Text, layout: Layout, most: int = _SAMPLE_ROWS) -> list[list[str]]:
    """The first rows that have any cell.

    Raises:
        InputError: a cell is longer than ten million letters.
    """
    try:
        return _sample(text, layout, most)
    except csv.Error as error:
        raise InputError(f"{text.where}: {error}; is there a quote that is never closed?") from None


def _sample(text: Text, layout: Layout, most: int = _SAMPLE_ROWS) -> list[list[str]]:
    return [row for _, row in itertools.islice(_rows(text.lines(), layout), most)]


def _rows(lines: Iterable[str], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    separator = layout.separator
    if separator == BLANKS:
        lines = map(between_blanks, lines)
    reader = csv.reader(lines, delimiter=separator, quoting=layout.quoting, skipinitialspace=True)
    begun = False
    for row in reader:
        cells = [cell.strip() for cell in row]
        # In a table of one column a quoted nothing is a text without letters.
        if any(cells) or (begun and cells and layout is SINGLE):
            begun = True
            yield reader.line_num, cells


def between_blanks(line: str) -> str:
    """A line with `BLANKS` for each run of blanks that is not in quotes."""
    end = line[len(line.rstrip("\r\n")) :]
    return _BLANK.sub(lambda m: m[0] if m[0][0] == '"' else BLANKS, line.strip()) + end


class Row(NamedTuple):
    """An example of a table: the line where it ends, its cells, and why it is none after all."""

    line: int
    cells: list[str]
    problem: str = ""


def data_rows(text: Text, layout: Layout, before: int, width: int) -> Iterator[Row]:
    """The rows below the header; those at the end that sum up or are notes have a problem.

    Args:
        before: rows that come first and are no examples; width: cells of a row.

    Raises:
        InputError: a row has more or fewer cells, or as `rows_of`.
    """
    held: list[tuple[int, list[str]]] = []
    begun: set[str] = set()  # words for totals that rows in the midst begin with
    for line, row in itertools.islice(rows_of(text, layout), before, None):
        if is_footer(row, width):
            held.append((line, row))
            continue
        for earlier in held:
            begun.add(_first(earlier[1]))
            yield _checked(text, width, *earlier)
        held = []
        yield _checked(text, width, line, row)
    for line, row in held:
        if _first(row) in begun:
            yield _checked(text, width, line, row)
        else:
            cells = [*row, *[""] * width][:width]
            yield Row(line, cells, "this row below the others is a total or a note, and no example")


def is_footer(row: Sequence[str], width: int) -> bool:
    """Whether a row, if it is among the last, sums the others up, or is a note below them."""
    filled = [cell for cell in row if cell]
    if width < 2 or not filled:
        return False
    if len(filled) == 1 and len(row) < width:
        return " " in filled[0] and written(filled[0]) is None
    if _first(row) not in _TOTALS:
        return False
    return len(filled) < width and all(written(cell) for cell in filled[1:])


def _first(row: Sequence[str]) -> str:
    return next((cell.casefold().rstrip(" :") for cell in row if cell), "")


def _checked(text: Text, width: int, line: int, row: list[str]) -> Row:
    """A row of the right width; empty cells beyond it are nothing."""
    if len(row) > width and not any(row[width:]):
        row = row[:width]
    if len(row) != width:
        raise InputError(
            f"{text.where}, line {line:,}: every row of a table must have as many cells as the "
            f"first, {width:,}, and this has {len(row):,}; mend the row, or put quotes around cells "
            "that hold a separator"
        )
    return Row(line, row)
