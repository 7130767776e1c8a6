"""Tables in memory: columns of cells, read by the rules of `serving.table_reader`."""

from __future__ import annotations

import io
import math
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.errors import DataError, nearest
from autotrain.serving.input_file import InputError, read_text
from autotrain.serving.table_reader import (
    MISSING,
    SINGLE,
    Layout,
    Text,
    column_names,
    find_layout,
    first_rows,
    header_names,
    is_header,
    is_missing,
    levels_in,
    number,
    rows_of,
)


@dataclass(frozen=True)
class TableColumn:
    """The cells of a column, `[n]`: float64 with NaN, or objects that are text or None."""

    values: np.ndarray

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """Cells as float64 with NaN where one is missing, or None where some are not numbers."""
        return self.values if self.values.dtype.kind == "f" else _numbers(self.values)

    @cached_property
    def labels(self) -> list[str | None]:
        """Cells as text, with None where one is missing; whole numbers without a fraction."""
        if self.values.dtype.kind != "f":
            return [None if is_missing(cell) else cell for cell in self.values]
        return [
            None if np.isnan(v) else str(int(v)) if float(v).is_integer() else str(v)
            for v in self.values
        ]


@dataclass(frozen=True)
class Table:
    """A file's columns.

    Attributes:
        where: how messages call it.
        names: the header's, or `column 1`, `column 2`, ...
        columns: of each name.
        headed: whether the names are the file's own.
    """

    where: str
    names: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    headed: bool

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


def read_table(path: Path, where: str, header: bool | None = None, raw: bool = False) -> Table:
    """Read a table in UTF-8, with or without a byte-order mark, compressed by gzip or not.

    Separator, quotes, header and the meaning of cells are those of `serving.table_reader`, by which
    exported models read too; pandas only does the bulk of the parsing.

    Args:
        path: the file.
        where: how messages call it.
        header: whether the first row holds names; None finds it out.
        raw: leave every cell as the text it is, missing ones as empty text.

    Raises:
        DataError: it cannot be read, or is not a table of at least two columns and one row.
    """
    try:
        content = read_text(path)
        if not content.strip():
            raise InputError(f"{where}: the file is empty; a table needs rows")
        text = Text(where, lambda: io.StringIO(content, newline=""))
        layout = find_layout(text)
        rows = first_rows(text, layout)
    except InputError as error:
        raise DataError(str(error)) from None
    if layout is SINGLE:
        raise DataError(
            f"{where}: a table has at least two columns, separated by a comma, a tab, ';' or '|', "
            "and only one was found"
        )
    headed = is_header(rows) if header is None else header
    names = _header(rows[0], where) if headed else column_names(len(rows[0]))
    if headed:
        content = _below_header(content, layout)
    frame = _parse(content, where, layout, len(names), raw)
    columns = tuple(TableColumn(_cells(frame[i], raw)) for i in range(len(names)))
    return Table(where, names, columns, headed)


def cells_of(values: Sequence[Any] | np.ndarray, raw: bool = False) -> np.ndarray:
    """A column that was read elsewhere, as the cells of a `TableColumn`.

    Args:
        values: numbers, or words with None where one is missing.
        raw: leave words as they are, such as NA.
    """
    if np.asarray(values).dtype.kind in "iuf":
        return np.asarray(values, np.float64)
    words = ["" if v is None or v != v else str(v).strip() for v in values]
    if raw:
        return np.array(words, object)
    return _typed([None if is_missing(word) else word for word in words])


def _header(row: Sequence[str], where: str) -> tuple[str, ...]:
    names = header_names(row)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{where}: columns must have names of their own, got {twice[0]!r} more than once; "
            "rename one, or say header: false if the first row is data"
        )
    return names


def _below_header(content: str, layout: Layout) -> str:
    """The text with an empty line for each of the header, so that messages count lines right."""
    lines = io.StringIO(content, newline="")
    line, _ = next(rows_of(Text("", lambda: lines), layout))
    return "\n" * line + lines.read()


def _parse(content: str, where: str, layout: Layout, width: int, raw: bool) -> Any:
    import pandas as pd

    options: dict[str, Any] = {"na_values": list(MISSING), "keep_default_na": False}
    if raw:
        options = {"dtype": str, "na_filter": False}
    try:
        with warnings.catch_warnings():
            # It warns where the first row is longer than the header, and cuts all rows.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(content),
                header=None,
                names=range(width),
                index_col=False,
                sep=layout.separator,
                quoting=layout.quoting,
                skipinitialspace=True,
                low_memory=False,
                **options,
            )
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame()
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError, OverflowError) as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        if isinstance(error, pd.errors.ParserWarning):
            reason = "the row below the header has more"
        raise DataError(
            f"{where}: every row of a table must have as many cells as the first ({reason}); mend "
            "the row, or put quotes around cells that hold a separator"
        ) from error
    if frame.empty:
        raise DataError(f"{where}: a table needs rows, and there are none below its header")
    return frame


def _cells(series: Any, raw: bool) -> np.ndarray:
    """A column as pandas read it: float64 with NaN, or objects that are text or None."""
    if series.dtype.kind in "iuf":
        numbers: np.ndarray = series.to_numpy(np.float64)
        return numbers
    values = series.to_numpy(object)
    if raw:
        return np.array([v.strip() if isinstance(v, str) else "" for v in values], object)
    text = [v.strip() if isinstance(v, str) else None if v != v else str(v) for v in values]
    return _typed([None if is_missing(cell) else cell for cell in text])


def _typed(cells: list[str | None]) -> np.ndarray:
    """Numbers where all cells are such, else levels."""
    found = _numbers(np.array(cells, object))
    return np.array(levels_in(cells), object) if found is None else found


def _numbers(cells: np.ndarray) -> np.ndarray | None:
    """Objects that are text or None as float64, or None where some are not numbers."""
    try:
        return np.array([math.nan if cell is None else number(cell) for cell in cells], np.float64)
    except (ValueError, OverflowError):
        return None
