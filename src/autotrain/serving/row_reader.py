"""The rows of a table as a model wants them, a batch at a time.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

if __package__:
    from autotrain.serving import table_layout as layouts
    from autotrain.serving import table_reader as tables
    from autotrain.serving import table_rows as texts
    from autotrain.serving.input_file import (
        Column,
        InputError,
        Inputs,
        Rows,
        TrainingTable,
        batches,
        read_lines,
    )
    from autotrain.serving.number_forms import written
else:
    import table_layout as layouts  # type: ignore[no-redef]
    import table_reader as tables  # type: ignore[no-redef]
    import table_rows as texts  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Column,
        InputError,
        Inputs,
        Rows,
        TrainingTable,
        batches,
        read_lines,
    )
    from number_forms import written  # type: ignore[no-redef]

_MOST_ABOVE = 20  # rows above the names of columns
RowBatch: TypeAlias = tuple[list[str], Rows, list[str]]  # a `Batch` of rows


class Places(NamedTuple):
    """Where a model's columns are in a text.

    Attributes:
        columns: the position of each; width: cells of a row.
        headers: rows before the first example.
    """

    layout: texts.Layout
    columns: list[int]
    width: int
    headers: int


def read(inputs: Inputs, path: Path) -> Iterator[RowBatch]:
    """Batches of rows: by column numbers [n] float32, or what is written in a category or a text.

    Args:
        inputs: of the model: `columns`, and of the table that it was trained on `table`.

    Raises:
        InputError: it is no table, or not one for this model.
    """
    start = 0
    cells_of = _parquet_rows if path.suffix.lower() == ".parquet" else _text_rows
    for rows in batches(cells_of(inputs, path)):
        problems = [problem for _, problem in rows]
        columns = zip(*(cells for cells, _ in rows), strict=True)
        yield (
            [str(start + i) for i in range(len(rows))],
            columns_in(inputs, columns, problems),
            problems,
        )
        start += len(rows)


def columns_in(
    inputs: Inputs, columns: Iterable[Sequence[tables.Cell]], problems: list[str]
) -> Rows:
    """Cells as a model takes them, by column.

    Args:
        columns: the cells of each of the model's columns, in its order.
        problems: of the rows, to which those of cells are added.
    """
    found: Rows = {}
    wrong = [""] * len(problems)
    for column, cells in zip(columns_of(inputs), columns, strict=True):
        name = column["name"]
        if column["kind"] == "number":
            found[name] = tables.numbers_in(name, cells, wrong, column.get("form"))
        else:
            found[name] = [tables.cell_text(cell) for cell in cells]
    problems[:] = [problem or other for problem, other in zip(problems, wrong, strict=True)]
    return found


def columns_of(inputs: Inputs) -> list[Column]:
    """The columns that a model reads; `text` where its texts had no name."""
    return inputs["columns"] or [{"name": "text", "kind": "text", "levels": []}]


def find_places(inputs: Inputs, text: texts.Text) -> Places:
    """Where the columns are: by the names in the first row, or, if training had none, by position.

    Raises:
        InputError: there are not the columns that the model reads.
    """
    wanted = [source_of(column) for column in columns_of(inputs)]
    layout, titles, rows = layouts.opening_of(text)
    if not rows:
        raise InputError(f"{text.where}: the file is empty; a table needs rows")
    table = inputs.get("table")
    headed = table is not None and table["header"]
    for found, before, head in _heads(text, layout, titles, headed):
        if set(wanted) <= set(head):
            exact = found if found is layout else layouts.layout_with(text, found.separator)
            places = _by_name(wanted, text.where, exact, head, before + 1)
            return _below_units(inputs, text, places)
    if headed or not all(re.fullmatch(r"column \d+", name) for name in wanted):
        names = layouts.header_names(rows[0])
        raise _lacks(text.where, next(name for name in wanted if name not in names), names)
    columns = _by_position(wanted, table, len(rows[0]), text.where)
    return Places(layout, columns, len(rows[0]), titles + _has_names(inputs, rows[0], columns))


def source_of(column: Column) -> str:
    """The name of the column of a table that a model's column is read from."""
    return column.get("source") or column["name"]


def _heads(
    text: texts.Text, layout: texts.Layout, titles: int, headed: bool
) -> Iterator[tuple[texts.Layout, int, Sequence[str]]]:
    """Layouts, the likeliest first, rows above the names, and the names in each.

    Where training had a header, columns without a name in it are called by their position; where it
    had none, an empty cell is a missing value.
    """
    names = layouts.header_names if headed else tuple
    for other in (layout, *map(texts.Layout, (*layouts.SEPARATORS, texts.BLANKS)), texts.SINGLE):
        with contextlib.suppress(InputError):
            rows = texts.first_rows(text, other, most=_MOST_ABOVE)
            order = sorted(range(len(rows) if headed else 1), key=lambda i: i != titles)
            for i in order:
                if i < len(rows):
                    yield other, i, names(rows[i])


def _below_units(inputs: Inputs, text: texts.Text, places: Places) -> Places:
    """Past the row of units, if training had one and there is one here."""
    table = inputs.get("table")
    if table is None or not table.get("units"):
        return places
    rows = texts.first_rows(text, places.layout, most=places.headers + 1)[places.headers :]
    if rows and _has_units(inputs, [*rows[0], *[""] * places.width], places.columns):
        return Places(places.layout, places.columns, places.width, places.headers + 1)
    return places


def _by_name(
    wanted: Sequence[str], where: str, layout: texts.Layout, head: Sequence[str], headers: int
) -> Places:
    twice = [name for name in wanted if head.count(name) > 1]
    if twice:
        raise InputError(f"{where} has the column {twice[0]!r} more than once")
    return Places(layout, [head.index(name) for name in wanted], len(head), headers)


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
    cells = _number_cells(inputs, first, places)
    return not any(map(tables.is_missing, cells)) and _has_units(inputs, first, places)


def _has_units(inputs: Inputs, first: Sequence[str], places: Sequence[int]) -> bool:
    """Whether a row has words where all others have numbers, and nowhere a number."""
    words = [c for c in _number_cells(inputs, first, places) if not tables.is_nothing(c)]
    return bool(words) and not any(tables.is_number(cell) or written(cell) for cell in words)


def _number_cells(inputs: Inputs, row: Sequence[str], places: Sequence[int]) -> list[str]:
    columns = zip(columns_of(inputs), places, strict=True)
    return [row[place] for column, place in columns if column["kind"] == "number"]


def _text_rows(inputs: Inputs, path: Path) -> Iterator[tuple[list[tables.Cell], str]]:
    """The model's cells of each row, as text, and what is wrong with the row."""
    text = texts.Text(str(path), lambda: read_lines(path))
    places = find_places(inputs, text)
    for row in texts.data_rows(text, places.layout, places.headers, places.width):
        yield [row.cells[place] for place in places.columns], row.problem


def _parquet_rows(inputs: Inputs, path: Path) -> Iterator[tuple[list[tables.Cell], str]]:
    import pyarrow.parquet as parquet

    wanted = [column["name"] for column in columns_of(inputs)]
    file = parquet.ParquetFile(path)
    there = file.schema_arrow.names
    missing = [name for name in wanted if name not in there]
    if missing:
        raise _lacks(str(path), missing[0], there)
    for part in file.iter_batches(columns=wanted):
        for cells in zip(*(part[name].to_pylist() for name in wanted), strict=True):
            yield list(cells), ""
