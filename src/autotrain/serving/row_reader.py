"""The rows of a table as a model wants them, a batch at a time.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

if __package__:
    from autotrain.serving import table_reader as tables
    from autotrain.serving.input_file import (
        Column,
        InputError,
        Inputs,
        Rows,
        TrainingTable,
        batches,
        read_lines,
    )
else:
    import table_reader as tables  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Column,
        InputError,
        Inputs,
        Rows,
        TrainingTable,
        batches,
        read_lines,
    )

RowBatch: TypeAlias = tuple[list[str], Rows, list[str]]  # a `Batch` of rows


class Places(NamedTuple):
    """Where a model's columns are in a text.

    Attributes:
        columns: the position of each; width: cells of a row.
        headers: rows before the first example.
    """

    layout: tables.Layout
    columns: list[int]
    width: int
    headers: int


def read(inputs: Inputs, path: Path) -> Iterator[RowBatch]:
    """Batches of rows: by column numbers [n] float64, or what is written in a category or a text.

    Args:
        inputs: of the model: `columns`, and of the table that it was trained on `table`.

    Raises:
        InputError: it is no table, or not one for this model.
    """
    columns, start = columns_of(inputs), 0
    cells_of = _parquet_rows if path.suffix.lower() == ".parquet" else _text_rows
    for rows in batches(cells_of(inputs, path)):
        found: Rows = {}
        problems = [""] * len(rows)
        for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
            name = column["name"]
            is_number = column["kind"] == "number"
            found[name] = tables.numbers_in(name, cells, problems) if is_number else list(cells)
        yield [str(start + i) for i in range(len(rows))], found, problems
        start += len(rows)


def columns_of(inputs: Inputs) -> list[Column]:
    """The columns that a model reads; `text` where its texts had no name."""
    return inputs["columns"] or [{"name": "text", "kind": "text", "levels": []}]


def find_places(inputs: Inputs, text: tables.Text) -> Places:
    """Where the columns are: by the names in the first row, or, if training had none, by position.

    Raises:
        InputError: there are not the columns that the model reads.
    """
    wanted = [column["name"] for column in columns_of(inputs)]
    layout = tables.find_layout(text)
    first = next((row for _, row in tables.rows_of(text, layout)), None)
    if first is None:
        raise InputError(f"{text.where}: the file is empty; a table needs rows")
    table = inputs.get("table")
    headed = table is not None and table["header"]
    for found, head in _heads(text, layout, first, headed):
        if set(wanted) <= set(head):
            exact = found if found is layout else tables.layout_with(text, found.separator)
            return _by_name(wanted, text.where, exact, head)
    if headed or not all(re.fullmatch(r"column \d+", name) for name in wanted):
        names = tables.header_names(first)
        raise _lacks(text.where, next(name for name in wanted if name not in names), names)
    places = _by_position(wanted, table, len(first), text.where)
    return Places(layout, places, len(first), _has_names(inputs, first, places))


def _heads(
    text: tables.Text, layout: tables.Layout, first: Sequence[str], headed: bool
) -> Iterator[tuple[tables.Layout, Sequence[str]]]:
    """Layouts, the likeliest first, and the names that the first row gives in each.

    Where training had a header, columns without a name in it are called by their position; where it
    had none, an empty cell is a missing value.
    """
    names = tables.header_names if headed else tuple
    yield layout, names(first)
    for other in (*map(tables.Layout, tables.SEPARATORS), tables.SINGLE):
        with contextlib.suppress(InputError):
            for row in tables.first_rows(text, other, most=1):
                yield other, names(row)


def _by_name(
    wanted: Sequence[str], where: str, layout: tables.Layout, head: Sequence[str]
) -> Places:
    twice = [name for name in wanted if head.count(name) > 1]
    if twice:
        raise InputError(f"{where} has the column {twice[0]!r} more than once")
    return Places(layout, [head.index(name) for name in wanted], len(head), 1)


def _lacks(where: str, name: str, there: Sequence[str]) -> InputError:
    return InputError(
        f"{where} lacks the column {name!r}, which the model reads; it has: {', '.join(there)}"
    )


def _by_position(
    wanted: Sequence[str], table: TrainingTable | None, width: int, where: str
) -> list[int]:
    """Places of columns that are called by their position in the table of training.

    A new table has as many columns, or those without what is predicted.
    """
    places = [_position(name) for name in wanted]
    before, targets = (table["width"], table["targets"]) if table else (width, [])
    if width == before - len(targets):
        taken = [_position(name) for name in targets]
        places = [place - sum(target < place for target in taken) for place in places]
    elif width != before:
        raise InputError(
            f"{where} has {width} columns, and the model was trained on a table of {before} without "
            f"a header: give all of them, or the {before - len(targets)} besides "
            f"{' and '.join(targets)}, which it predicts"
        )
    if max(places) >= width:
        raise InputError(f"{where} lacks the column {max(places) + 1}; it has {width} columns")
    return places


def _position(name: str) -> int:
    return int(name.removeprefix("column ")) - 1


def _has_names(inputs: Inputs, first: Sequence[str], places: Sequence[int]) -> bool:
    """Whether the first row of a table holds names that nobody knows: no number where all are."""
    columns = zip(columns_of(inputs), places, strict=True)
    cells = [first[place] for column, place in columns if column["kind"] == "number"]
    known = any(tables.is_missing(cell) or tables.is_number(cell) for cell in cells)
    return bool(cells) and not known


def _text_rows(inputs: Inputs, path: Path) -> Iterator[list[str]]:
    """The model's cells of each row, as text."""
    text = tables.Text(str(path), lambda: read_lines(path))
    places = find_places(inputs, text)
    rows = tables.rows_of(text, places.layout)
    for line, row in itertools.islice(rows, places.headers, None):
        if len(row) > places.width or len(row) <= max(places.columns):
            raise InputError(
                f"{path}, line {line}: {len(row)} cells, and the header has {places.width}"
            )
        yield [row[place] for place in places.columns]


def _parquet_rows(inputs: Inputs, path: Path) -> Iterator[list[str]]:
    import pyarrow.parquet as parquet

    wanted = [column["name"] for column in columns_of(inputs)]
    file = parquet.ParquetFile(path)
    there = file.schema_arrow.names
    missing = [name for name in wanted if name not in there]
    if missing:
        raise _lacks(str(path), missing[0], there)
    for part in file.iter_batches(columns=wanted):
        for cells in zip(*(part[name].to_pylist() for name in wanted), strict=True):
            yield ["" if cell is None else _plain(cell) for cell in cells]


def _plain(cell: object) -> str:
    """As a table's text has it: whole numbers without a fraction."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
