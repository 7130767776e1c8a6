"""Reading CSV and TSV files: separator, header and missing values, then columns of cells."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data.arrays import column_names
from autotrain.errors import DataError, nearest

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".data")
MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null")
_ABSENT = frozenset((None, *MISSING))
_SEPARATORS = ("\t", ";", "|", ",")  # a comma is most likely to be part of a text
_SAMPLE_ROWS = 1000


@dataclass(frozen=True)
class TableColumn:
    """The cells of a column, `[n]`: float64 with NaN, or objects that are text or None."""

    values: np.ndarray

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """Cells as float64 with NaN where one is missing, or None where some are not numbers."""
        if self.values.dtype.kind == "f":
            return self.values
        return _numbers(self.values)

    @cached_property
    def labels(self) -> list[str | None]:
        """Cells as text, with None where one is missing; whole numbers without a fraction."""
        if self.values.dtype.kind != "f":
            return [None if cell in _ABSENT else cell for cell in self.values]
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


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table, compressed by gzip or not."""
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return plain.suffix.lower() in TABLE_SUFFIXES


def read_table(path: Path, where: str, header: bool | None = None, raw: bool = False) -> Table:
    """Read a table in UTF-8, with or without a byte-order mark.

    The separator (tab, `;`, `|` or `,`) is the one that gives most of the first 1,000 rows the same
    number of cells. The first row is the header if none of its cells is a number or missing, and
    either a column is all numbers below it, or no cell of it comes again in its own column.
    Spaces around cells are no part of them; the cells in `MISSING` are missing.

    Args:
        path: the file.
        where: how messages call it.
        header: whether the first row holds names; None finds it out.
        raw: leave every cell as the text it is, missing ones as empty text.

    Raises:
        DataError: it cannot be read, or is not a table of at least two columns and one row.
    """
    text = _read_text(path, where)
    separator, quoting = _format(text, where)
    rows = _first_rows(text, separator, quoting)
    headed = _is_header(rows) if header is None else header
    width = len(rows[0])
    names = _header_names(rows[0], where) if headed else column_names(width)
    if headed:
        text = _below_header(text, separator, quoting)
    frame = _parse(text, where, sep=separator, quoting=quoting, names=range(width), raw=raw)
    columns = tuple(TableColumn(_cells(frame[i], raw)) for i in range(width))
    return Table(where, names, columns, headed)


def _parse(text: str, where: str, *, raw: bool, **options: Any) -> Any:
    import pandas as pd

    if raw:
        options |= {"dtype": str, "na_filter": False}
    else:
        options |= {"na_values": list(MISSING), "keep_default_na": False, "low_memory": False}
    try:
        with warnings.catch_warnings():
            # It warns where the first row is longer than the header, and cuts all rows.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text), header=None, index_col=False, skipinitialspace=True, **options
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


def _numbers(cells: np.ndarray) -> np.ndarray | None:
    """Objects that are text or None as float64, or None where some are not numbers."""
    if any("_" in cell for cell in cells if cell is not None):
        return None  # 2020_21 is a number in Python only
    values = np.array([np.nan if cell in _ABSENT else cell for cell in cells], object)
    try:
        return values.astype(np.float64)
    except (ValueError, TypeError, OverflowError):
        return None


def _read_text(path: Path, where: str) -> str:
    try:
        raw = path.read_bytes()
        if path.suffix.lower() == ".gz":
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(
            f"{where}: text must be UTF-8, and line {line:,} is not (byte {raw[error.start]:#04x}); "
            "save the file as UTF-8"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{where}: cannot be read ({error}); copy or save it again") from error
    if "\0" in text:
        raise DataError(f"{where}: a table is text in UTF-8, and this file holds zero bytes")
    if not text.strip():
        raise DataError(f"{where}: the file is empty; a table needs rows")
    return text


def _format(text: str, where: str) -> tuple[str, Any]:
    """The separator, and whether quotes quote."""
    best, best_share = "", 0.0
    for separator in _SEPARATORS:
        try:
            counts = Counter(len(row) for row in _first_rows(text, separator, csv.QUOTE_MINIMAL))
        except csv.Error:  # an open quote swallows the rest of the file
            counts = Counter(len(row) for row in _first_rows(text, separator, csv.QUOTE_NONE))
        cells, rows = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        share = rows / counts.total() if cells > 1 else 0.0
        if share > best_share:
            best, best_share = separator, share
    if not best:
        raise DataError(
            f"{where}: a table has at least two columns, separated by a comma, a tab, ';' or '|', "
            "and only one was found"
        )
    return best, csv.QUOTE_NONE if _quotes_are_text(text, best) else csv.QUOTE_MINIMAL


def _quotes_are_text(text: str, separator: str) -> bool:
    """In files with tabs quotes often mean nothing: one stands open, and no cell has two lines."""
    if separator != "\t" or '"' not in text:
        return False
    lines = [line.split("\t") for line in text.split("\n") if line.strip()]
    if len({len(cells) for cells in lines}) > 1:
        return False
    cells = (cell.strip() for cells in lines for cell in cells)
    return any(c.startswith('"') and (len(c) < 2 or not c.endswith('"')) for c in cells)


def _first_rows(text: str, separator: str, quoting: Any) -> list[list[str]]:
    return list(itertools.islice(_rows(text, separator, quoting), _SAMPLE_ROWS))


def _rows(text: str, separator: str, quoting: Any) -> Any:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, quoting=quoting, skipinitialspace=True
    )
    return ([cell.strip() for cell in row] for row in reader if any(cell.strip() for cell in row))


def _below_header(text: str, separator: str, quoting: Any) -> str:
    """The text with an empty line for each of the header, so that messages count lines right."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, quoting=quoting, skipinitialspace=True)
    next(row for row in reader if any(cell.strip() for cell in row))
    return "\n" * reader.line_num + lines.read()


def _is_header(rows: list[list[str]]) -> bool:
    first, below = rows[0], rows[1:]
    if not below or any(cell in MISSING or _is_number(cell) for cell in first[1:]):
        return False
    if _is_number(first[0]):  # an index is often nameless
        return False
    again = False
    for i, name in enumerate(first):
        known = [row[i] for row in below if i < len(row) and row[i] not in MISSING]
        if known and all(map(_is_number, known)):
            return True
        again = again or name in known
    return not again


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _header_names(row: list[str], where: str) -> tuple[str, ...]:
    names = tuple(name or other for name, other in zip(row, column_names(len(row)), strict=True))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{where}: columns must have names of their own, got {twice[0]!r} more than once; "
            "rename one, or say header: false if the first row is data"
        )
    return names


def _cells(series: Any, raw: bool) -> np.ndarray:
    if series.dtype.kind in "iuf":
        return series.to_numpy(np.float64)
    values = series.to_numpy(object)
    if raw:
        return np.array([v.strip() if isinstance(v, str) else "" for v in values], object)
    text = [v.strip() if isinstance(v, str) else None if v != v else str(v) for v in values]
    cells = np.array([None if v in _ABSENT else v for v in text], object)
    numbers = _numbers(cells)
    return cells if numbers is None else numbers
