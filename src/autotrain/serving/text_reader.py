"""Reading texts for a model: a text a line, or a column of a table.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

if __package__:
    from autotrain.serving import row_reader
    from autotrain.serving.input_file import (
        Batch,
        InputError,
        Inputs,
        batches,
        plain_suffix,
        read_lines,
    )
    from autotrain.serving.places import columns_of, find_places
    from autotrain.serving.table_rows import Text
    from autotrain.serving.typed_tables import is_typed
else:
    import row_reader  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Batch,
        InputError,
        Inputs,
        batches,
        plain_suffix,
        read_lines,
    )
    from places import columns_of, find_places  # type: ignore[no-redef]
    from table_rows import Text  # type: ignore[no-redef]
    from typed_tables import is_typed  # type: ignore[no-redef]


def read(inputs: Inputs, path: Path) -> Iterator[Batch]:
    """Batches of texts, without spaces around them, as in training.

    A text of a file without columns is called by the number of its line, from 1 on; empty lines are
    left out. A file is a table by its name (.csv, .tsv, .parquet ...), by a first row that has the
    model's column beside others, or if it has the columns of a training table without names.

    Raises:
        InputError: it cannot be read, or lacks the column.
    """
    return (batch for batch, _ in read_with(inputs, path, ()))


def read_with(
    inputs: Inputs, path: Path, more: Sequence[str] | None
) -> Iterator[tuple[Batch, row_reader.More]]:
    """Batches of texts, and of each what is written in further columns.

    Args:
        more: names of these; None for all columns of the table.

    Raises:
        InputError: as `read`, or there is no such column.
    """
    table = plain_suffix(path) in (".csv", ".tsv") or is_typed(path) or _has_column(inputs, path)
    if table:
        return texts_of(inputs, row_reader.read_with(inputs, path, more))
    if more:
        raise InputError(f"{path} holds a text a line and no columns, and {more[0]!r} is asked for")
    return ((batch, {}) for batch in _lines(path))


def texts_of(
    inputs: Inputs, rows: Iterator[tuple[row_reader.RowBatch, row_reader.More]]
) -> Iterator[tuple[Batch, row_reader.More]]:
    """The texts among rows."""
    column = columns_of(inputs)[0]["name"]
    for (names, cells, problems), more in rows:
        yield (names, list(cells[column]), problems), more


def _lines(path: Path) -> Iterator[Batch]:
    lines = ((str(i), line.strip()) for i, line in enumerate(read_lines(path), 1))
    for batch in batches(item for item in lines if item[1]):
        yield [name for name, _ in batch], [text for _, text in batch], [""] * len(batch)


def _has_column(inputs: Inputs, path: Path) -> bool:
    """Whether a text is a table that names the model's column, or has it where training had it."""
    try:
        places = find_places(inputs, Text(str(path), lambda: read_lines(path)))
    except InputError:
        return False  # whoever reads it next says why
    table = inputs.get("table")
    separator = table.get("separator") if table else None
    known = bool(places.headers) or places.layout.separator == separator
    return known and places.width > 1
