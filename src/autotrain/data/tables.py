"""Tables in memory: columns of cells, read by the rules of `serving.table_reader`."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data.number_columns import find_numbers, odd_words
from autotrain.data.table_parser import ParsedTable
from autotrain.errors import DataError, nearest
from autotrain.serving.input_file import InputError, read_text
from autotrain.serving.number_forms import Form
from autotrain.serving.table_layout import (
    column_names,
    header_names,
    is_header,
    is_units,
    opening_of,
)
from autotrain.serving.table_reader import cell_text, is_missing, levels_in, number
from autotrain.serving.table_rows import SINGLE, Layout, Text

_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)(?:\.0*)?")


@dataclass(frozen=True)
class TableColumn:
    """The cells of a column, `[n]`: float64 with NaN, or objects that are text or None.

    Attributes:
        form: how its numbers are written, where it is not as usual.
        written: the cells as they are written.
    """

    values: np.ndarray
    form: Form | None = None
    written: Callable[[], Sequence[str]] | None = None

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """Cells as float64 with NaN where one is missing, or None where some are not numbers."""
        return self.values if self.values.dtype.kind == "f" else _numbers(self.values)

    @cached_property
    def labels(self) -> list[str | None]:
        """Cells as text, with None where one is missing.

        Whole numbers are without a fraction where that loses nothing: 007 and 7 are two labels.
        """
        if self.values.dtype.kind != "f":
            return [None if is_missing(cell) else cell for cell in self.values]
        cells = [cell_text(v) for v in self.values] if self.written is None else self.written()
        known = [
            None if missing else cell
            for cell, missing in zip(cells, np.isnan(self.values), strict=True)
        ]
        if all(cell is None or _WHOLE.fullmatch(cell) for cell in known):
            return [None if cell is None else cell.partition(".")[0] for cell in known]
        return known


@dataclass(frozen=True)
class Table:
    """A file's columns.

    Attributes:
        where: how messages call it.
        names: the header's, or `column 1`, `column 2`, ...
        columns: of each name.
        headed: whether the names are the file's own.
        units: whether a row below the header tells units.
        notes: what was found out about it and should be said.
    """

    where: str
    names: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    headed: bool
    units: bool = False
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> TableColumn:
        return self.columns[self.names.index(name)]

    def find(self, wanted: str | Sequence[str] | None, option: str) -> tuple[str, ...]:
        """Names of columns by name, or by position from 1 on or from -1 back; a name wins.

        Args:
            option: of the data section that says it, for messages.

        Raises:
            DataError: there is no such column, or one is said twice.
        """
        if wanted is None:
            return ()
        if isinstance(wanted, str):
            wanted = [wanted] if wanted in self.names else wanted.split(",")
        found = tuple(self._find(one.strip(), option) for one in wanted)
        if len(set(found)) < len(found):
            raise DataError(
                f"{self.where}: {option} must name each column once, got {', '.join(found)}"
            )
        return found

    def _find(self, wanted: str, option: str) -> str:
        if wanted in self.names:
            return wanted
        count = len(self.names)
        if wanted.lstrip("-").isdecimal() and 1 <= abs(int(wanted)) <= count:
            return self.names[int(wanted) - (int(wanted) > 0)]
        raise DataError(
            f"{self.where}: {option} must be a column's name or its position from 1 to {count} (or "
            f"from the end, -1 to -{count}), got {wanted!r} {nearest(wanted, self.names)}".rstrip()
            + f"; the columns are {self.listed()}"
        )

    def listed(self, most: int = 20) -> str:
        """The columns in words, with their first value where they have no name."""
        names = list(self.names[:most])
        if not self.headed:
            names = [f"{name} ({str(self[name].values[0])[:20]})" for name in names]
        more = len(self.names) - most
        return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def read_table(
    path: Path,
    where: str,
    header: bool | None = None,
    raw: bool = False,
    decimal: str | None = None,
) -> Table:
    """Read a table in UTF-8, with or without a byte-order mark, compressed or not.

    Separator, quotes, header and the meaning of cells are those of `serving.table_reader`, by which
    exported models read too; pandas only does the bulk of the parsing.

    Args:
        path: the file.
        where: how messages call it.
        header: whether the first row holds names; None finds it out.
        raw: leave every cell as the text it is, missing ones as empty text.
        decimal: the decimal mark; None finds it out.

    Raises:
        DataError: it cannot be read, or is not a table of at least two columns and one row.
    """
    try:
        content = read_text(path)
        if not content.strip():
            raise InputError(f"{where}: the file is empty; a table needs rows")
        return _table(Text(where, lambda: io.StringIO(content, newline="")), header, raw, decimal)
    except InputError as error:
        raise DataError(str(error)) from None


def _table(text: Text, header: bool | None, raw: bool, decimal: str | None) -> Table:
    layout, titles, rows = opening_of(text)
    if layout is SINGLE:
        raise DataError(
            f"{text.where}: a table has at least two columns, separated by a comma, a tab, ';', '|' or "
            "blanks, and only one was found"
        )
    headed = is_header(rows) if header is None else header
    names = _header(rows[0], text.where) if headed else column_names(_width(rows))
    units = headed and is_units(rows[1:])
    parsed = ParsedTable(text, layout, titles + headed + units, len(names), raw)
    notes = []
    if titles:
        notes.append(f"above the header {titles} {'row is' if titles == 1 else 'rows are'} skipped")
    if units:
        notes.append(
            f"the row below the header tells units ({', '.join(filter(None, rows[1]))}), and is skipped"
        )
    if not headed and header is None:
        notes.append(
            f"no header was found: columns are called {names[0]}, ...; if the first row holds names: "
            "--set data.header=true"
        )
    if parsed.footers:
        notes.append(
            f"the last {parsed.footers} {'row' if parsed.footers == 1 else 'rows'} with totals or notes left out"
        )
    if raw:
        columns = [TableColumn(np.array(parsed.written(i), object)) for i in range(len(names))]
    else:
        columns = _columns(parsed, names, layout, decimal, notes)
    return Table(text.where, names, tuple(columns), headed, units, tuple(notes))


def _columns(
    parsed: ParsedTable, names: Sequence[str], layout: Layout, decimal: str | None, notes: list[str]
) -> list[TableColumn]:
    """Columns with their numbers found; what was found out is added to the notes."""
    cells = [_cells(parsed.frame[i]) for i in parsed.frame.columns]
    words = {i: values.tolist() for i, values in enumerate(cells) if values.dtype.kind != "f"}
    plain = [
        i for i, values in enumerate(cells)
        if values.dtype.kind == "f" and (values[np.isfinite(values)] % 1 != 0).any()
    ]  # fmt: skip
    found = find_numbers(words, parsed.written, plain, layout.separator, decimal)
    for i, column in found.items():
        said = [column.note] if column.note else []
        said += [odd_words(column.odd)] if column.odd else []
        notes.append(f"{names[i]}: {', '.join(said)}")
    return [
        TableColumn(found[i].values if i in found else values, (found[i].form or None) if i in found else None,
                    partial(parsed.written, i))
        for i, values in enumerate(cells)
    ]  # fmt: skip


def _width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(map(len, rows)).most_common(1)[0][0]


def _header(row: Sequence[str], where: str) -> tuple[str, ...]:
    names = header_names(row)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{where}: columns must have names of their own, got {twice[0]!r} more than once; "
            "rename one, or say --set data.header=false if the first row is data"
        )
    return names


def _cells(series: Any) -> np.ndarray:
    """A column as pandas read it: float64 with NaN, or objects that are text or None."""
    if series.dtype.kind in "iuf":
        numbers: np.ndarray = series.to_numpy(np.float64)
        return numbers
    values = series.to_numpy(object)
    text = [v.strip() if isinstance(v, str) else None if v != v else str(v) for v in values]
    cells = np.array([None if is_missing(cell) else cell for cell in text], object)
    found = _numbers(cells)
    return np.array(levels_in(cells.tolist()), object) if found is None else found


def _numbers(cells: np.ndarray) -> np.ndarray | None:
    """Objects that are text or None as float64, or None where some are not numbers."""
    try:
        return np.array([math.nan if cell is None else number(cell) for cell in cells], np.float64)
    except (ValueError, OverflowError):
        return None
