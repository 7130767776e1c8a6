"""The rows of a table as a model wants them, a batch at a time.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

if __package__:
    from autotrain.serving.columns import read_cells
    from autotrain.serving.input_file import Inputs, Rows, batches, read_lines
    from autotrain.serving.places import by_names, columns_of, find_places, numbered, places_in
    from autotrain.serving.table_reader import Cell, cell_text
    from autotrain.serving.table_rows import Text, data_rows
    from autotrain.serving.typed_tables import is_typed, open_typed
else:
    from columns import read_cells  # type: ignore[no-redef]
    from input_file import Inputs, Rows, batches, read_lines  # type: ignore[no-redef]
    from places import by_names, columns_of, find_places, numbered, places_in  # type: ignore[no-redef]
    from table_reader import Cell, cell_text  # type: ignore[no-redef]
    from table_rows import Text, data_rows  # type: ignore[no-redef]
    from typed_tables import is_typed, open_typed  # type: ignore[no-redef]

RowBatch: TypeAlias = tuple[list[str], Rows, list[str]]  # a `Batch` of rows
More: TypeAlias = dict[str, list[str]]  # further columns of a batch of rows, as they are written


class Opened(NamedTuple):
    """A table that a model is given.

    Attributes:
        head: names of all its columns; places: positions of those that the model reads.
        rows: the cells of each, and why it is no example; empty where it is one.
    """

    head: Sequence[str]
    places: Sequence[int]
    rows: Iterator[tuple[Sequence[Cell], str]]


def read(inputs: Inputs, path: Path) -> Iterator[RowBatch]:
    """Batches of rows: by column numbers [n] float32, or what is written in a category or a text.

    Args:
        inputs: of the model: `columns`, and of the table that it was trained on `table`.

    Raises:
        InputError: it is no table, or not one for this model.
    """
    return (batch for batch, _ in read_with(inputs, path, ()))


def read_with(
    inputs: Inputs, path: Path, more: Sequence[str] | None
) -> Iterator[tuple[RowBatch, More]]:
    """Batches of rows, and of each what is written in further columns.

    Args:
        more: names of these; None for all columns of the table.

    Raises:
        InputError: as `read`, or there is no such column.
    """
    table = _open_typed(inputs, path) if is_typed(path) else _open_text(inputs, path)
    return _batches(inputs, table, more, str(path))


def read_columns(
    inputs: Inputs, columns: Mapping[str, Sequence[Cell]], more: Sequence[str] | None = ()
) -> Iterator[tuple[RowBatch, More]]:
    """The same of columns in memory, by name.

    Raises:
        InputError: a column is not there.
    """
    head = [str(name) for name in columns]
    places = places_in(inputs, head, True, "the frame")
    rows = ((cells, "") for cells in zip(*columns.values(), strict=True))
    return _batches(inputs, Opened(head, places, rows), more, "the frame")


def _batches(
    inputs: Inputs, table: Opened, more: Sequence[str] | None, where: str
) -> Iterator[tuple[RowBatch, More]]:
    further = list(table.head) if more is None else list(more)
    called = [_called(name, table.head) for name in further]
    others = by_names(called, table.head, where, "which is asked for")
    start = 0
    for rows in batches(table.rows):
        problems = [problem for _, problem in rows]
        columns = ([cells[place] for cells, _ in rows] for place in table.places)
        found = _columns_in(inputs, columns, problems)
        written = {
            name: [cell_text(cells[place]) for cells, _ in rows]
            for name, place in zip(further, others, strict=True)
        }
        yield ([str(start + i) for i in range(len(rows))], found, problems), written
        start += len(rows)


def _called(name: str, head: Sequence[str]) -> str:
    """The name of a column that may be said by its position, from 1 on, or from -1 back."""
    if name not in head and name.lstrip("-").isdecimal() and 1 <= abs(int(name)) <= len(head):
        return head[int(name) - (int(name) > 0)]
    return name


def _columns_in(inputs: Inputs, columns: Iterable[Sequence[Cell]], problems: list[str]) -> Rows:
    """Cells as a model takes them, by column; what is wrong with them is added to the problems."""
    found: Rows = {}
    wrong = [""] * len(problems)
    for column, cells in zip(columns_of(inputs), columns, strict=True):
        found[column["name"]] = read_cells(column, cells, wrong)
    problems[:] = [problem or other for problem, other in zip(problems, wrong, strict=True)]
    return found


def _open_text(inputs: Inputs, path: Path) -> Opened:
    text = Text(str(path), lambda: read_lines(path))
    places = find_places(inputs, text)
    rows = data_rows(text, places.layout, places.headers, places.width)
    return Opened(places.head, places.columns, ((row.cells, row.problem) for row in rows))


def _open_typed(inputs: Inputs, path: Path) -> Opened:
    trained = inputs.get("table")
    table = open_typed(path, None if trained is None else trained["header"])
    places = places_in(inputs, table.names, table.headed, str(path))
    names = table.names if table.headed else numbered(trained, len(table.names))
    return Opened(names, places, ((row, "") for row in table.rows))
