"""Reading tables that are text, by the rules of `serving.table_reader`."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data.table_columns import Table, columns_of, numbers_of
from autotrain.data.table_parser import ParsedTable, below
from autotrain.errors import DataError
from autotrain.serving.input_file import InputError, read_text
from autotrain.serving.table_layout import (
    column_names,
    header_names,
    is_header,
    is_units,
    opening_of,
)
from autotrain.serving.table_reader import is_missing, levels_in
from autotrain.serving.table_rows import SINGLE, Text

_NO_HEADER = "no header was found: columns are called {}, ...; if the first row holds names: --set data.header=true"


def read_table(
    paths: Path | Sequence[Path],
    where: str,
    header: bool | None = None,
    raw: bool = False,
    decimal: str | None = None,
) -> Table:
    """Read a table in UTF-8, with or without a byte-order mark, compressed or not.

    Separator, quotes, header and the meaning of cells are those of `serving.table_reader`, by which
    exported models read too; pandas only does the bulk of the parsing.

    Args:
        paths: the file, or the parts of the table in their order.
        where: how messages call it.
        header: whether the first row holds names; None finds it out.
        raw: leave every cell as the text it is, missing ones as empty text.
        decimal: the decimal mark; None finds it out.

    Raises:
        DataError: it cannot be read, or is not a table of at least two columns and one row.
    """
    several = [paths] if isinstance(paths, Path) else list(paths)
    try:
        content, *others = [
            _content(path, where if len(several) == 1 else str(path)) for path in several
        ]
        if others:
            content = _joined(content, others, header)
        table = _table(Text(where, lambda: io.StringIO(content, newline="")), header, raw, decimal)
    except InputError as error:
        raise DataError(str(error)) from None
    if others:
        return replace(table, notes=(f"{len(several)} files are one table", *table.notes))
    return table


def _content(path: Path, where: str) -> str:
    content = read_text(path)
    if not content.strip():
        raise InputError(f"{where}: the file is empty; a table needs rows")
    return content


def _joined(first: str, others: Sequence[str], header: bool | None) -> str:
    """The parts of a table as one text: the names of each but the first are left out."""
    opening = opening_of(Text("", lambda: io.StringIO(first, newline="")))
    headed = is_header(opening.rows) if header is None else header
    parts = [first]
    for content in others:
        text = Text("", partial(io.StringIO, content, newline=""))
        titles, rows = opening_of(text)[1:]
        again = headed and rows[:1] == opening.rows[:1]
        parts.append(below(text, opening.layout, titles + again).lstrip("\n"))
    return "".join(part if part.endswith("\n") else part + "\n" for part in parts)


def _table(text: Text, header: bool | None, raw: bool, decimal: str | None) -> Table:
    layout, titles, rows = opening_of(text)
    if layout is SINGLE:
        raise DataError(
            f"{text.where}: a table has at least two columns, separated by a comma, a tab, ';', '|' or "
            "blanks, and only one was found"
        )
    headed = is_header(rows) if header is None else header
    names = header_names(rows[0]) if headed else column_names(_width(rows))
    table_names(names, text.where)
    units = headed and is_units(rows[1:])
    parsed = ParsedTable(text, layout, titles + headed + units, len(names), raw)
    told = ", ".join(filter(None, rows[1])) if units else ""
    unclear = not headed and header is None
    notes = [
        *_said(titles, "the row above the header is skipped",
               "the {} rows above the header are skipped"),
        *([f"the row below the header tells units ({told}), and is skipped"] if units else []),
        *([_NO_HEADER.format(names[0])] if unclear else []),
        *_said(parsed.footers, "the last row, a total or a note, is left out",
               "the last {} rows, totals or notes, are left out"),
    ]  # fmt: skip
    places = range(len(names))
    written = [partial(parsed.written, i) for i in places]
    if raw:
        cells = [np.array(of_column(), object) for of_column in written]
    else:
        cells = [_cells(parsed.frame[i]) for i in places]
    columns = columns_of(cells, names, written, layout.separator, decimal, notes, raw)
    return Table(text.where, names, tuple(columns), headed, units, layout.separator, tuple(notes))


def _said(count: int, one: str, several: str) -> list[str]:
    """A sentence about so many."""
    return [one if count == 1 else several.format(f"{count:,}")] if count else []


def _width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(map(len, rows)).most_common(1)[0][0]


def table_names(names: Sequence[str], where: str) -> None:
    """Check the names of columns.

    Raises:
        DataError: two have one name.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{where}: columns must have names of their own, got {twice[0]!r} more than once; "
            "rename one, or say --set data.header=false if the first row is data"
        )


def _cells(series: Any) -> np.ndarray:
    """A column as pandas read it: float64 with NaN, or objects that are text or None."""
    if series.dtype.kind in "iuf":
        numbers: np.ndarray = series.to_numpy(np.float64)
        return numbers
    codes, found = series.factorize()  # each different cell is looked at once
    text = [v.strip() if isinstance(v, str) else str(v) for v in found.tolist()]
    cells = np.array([*(None if is_missing(cell) else cell for cell in text), None], object)
    values = numbers_of(cells)
    if values is not None:
        return values[codes]
    levels: np.ndarray = np.array(levels_in(cells.tolist()), object)[codes]
    return levels
