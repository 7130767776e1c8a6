"""Tables in memory: named columns of cells, with the numbers and times in them found."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autotrain.data.number_columns import Found, find_numbers, odd_words
from autotrain.data.time_columns import FoundTimes, find_times
from autotrain.errors import DataError, nearest
from autotrain.serving.number_forms import Form
from autotrain.serving.table_reader import cell_number, cell_text, is_missing, number

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
        return self.values if self.values.dtype.kind == "f" else numbers_of(self.values)

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
        separator: what is between the cells of a text.
        notes: what was found out about it and should be said.
    """

    where: str
    names: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    headed: bool
    units: bool = False
    separator: str = ""
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


def target_column(cells: Sequence[str], form: Form | None) -> TableColumn:
    """Cells with the truth, as a column whose numbers are written as in training."""
    if form is None:
        return TableColumn(np.array([None if is_missing(c) else c for c in cells], object))
    values = [math.nan if is_missing(c) else cell_number(c, form) for c in cells]
    return TableColumn(np.array(values), form, lambda: cells)


def columns_of(
    cells: Sequence[np.ndarray],
    names: Sequence[str],
    written: Sequence[Callable[[], Sequence[str]]],
    separator: str,
    decimal: str | None,
    notes: list[str],
    raw: bool,
) -> list[TableColumn]:
    """Columns with the numbers and times in their texts found.

    Args:
        cells: of each column: float64 with NaN, or objects that are text or None.
        written: the cells of each as they are written.
        separator: of cells; decimal: the decimal mark, where the user said it.
        notes: to which is added what was found out.
        raw: leave all texts as they are.
    """
    if raw:
        return [TableColumn(values) for values in cells]
    words = {i: values.tolist() for i, values in enumerate(cells) if values.dtype.kind != "f"}
    plain = [
        i for i, values in enumerate(cells)
        if values.dtype.kind == "f" and (values[np.isfinite(values)] % 1 != 0).any()
    ]  # fmt: skip
    counts = {i: Counter(column) for i, column in words.items()}
    for counted in counts.values():
        counted.pop(None, None)
    numbers = find_numbers(words, counts, lambda i: written[i](), plain, separator, decimal)
    rest = {i: column for i, column in words.items() if i not in numbers}
    times = {i: told for i, column in rest.items() if (told := find_times(column, counts[i]))}
    columns = []
    for i, values in enumerate(cells):
        form: Form | None = None
        found: Found | FoundTimes | None = numbers.get(i) or times.get(i)
        if found is not None:
            said = [found.note, odd_words(found.odd) if found.odd else ""]
            notes.append(f"{names[i]}: {', '.join(filter(None, said))}")
        if i in numbers:
            values, form = numbers[i].values, numbers[i].form or None
        elif i in times:
            form = {"time": times[i].pattern}
            if times[i].odd:
                form["missing"] = sorted(times[i].odd)
        columns.append(TableColumn(values, form, written[i]))
    return columns


def numbers_of(cells: np.ndarray) -> np.ndarray | None:
    """Objects that are text or None as float64, or None where some are not numbers."""
    try:
        return np.array([math.nan if cell is None else number(cell) for cell in cells], np.float64)
    except (ValueError, OverflowError):
        return None
