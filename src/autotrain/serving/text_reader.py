"""Reading texts for a model: a text a line, or a column of a table.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

if __package__:
    from autotrain.serving import row_reader
    from autotrain.serving import table_rows as tables
    from autotrain.serving.input_file import (
        Batch,
        InputError,
        Inputs,
        batches,
        plain_suffix,
        read_lines,
    )
else:
    import row_reader  # type: ignore[no-redef]
    import table_rows as tables  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Batch,
        InputError,
        Inputs,
        batches,
        plain_suffix,
        read_lines,
    )


def read(inputs: Inputs, path: Path) -> Iterator[Batch]:
    """Batches of texts, without spaces around them, as in training.

    A text of a file without columns is called by the number of its line, from 1 on; empty lines are
    left out. A file is a table by its name (.csv, .tsv, .parquet), or by a first row that has the
    model's column beside others.

    Raises:
        InputError: it cannot be read, or lacks the column.
    """
    if plain_suffix(path) in (".csv", ".tsv", ".parquet") or _has_column(inputs, path):
        name = row_reader.columns_of(inputs)[0]["name"]
        for names, cells, problems in row_reader.read(inputs, path):
            yield names, cells[name], problems
        return
    lines = ((str(i), line.strip()) for i, line in enumerate(read_lines(path), 1))
    for batch in batches(item for item in lines if item[1]):
        yield [name for name, _ in batch], [text for _, text in batch], [""] * len(batch)


def _has_column(inputs: Inputs, path: Path) -> bool:
    """Whether a text is a table that names the model's column."""
    text = tables.Text(str(path), lambda: read_lines(path))
    try:
        places = row_reader.find_places(inputs, text)
    except InputError:
        return False  # whoever reads it next says why
    return bool(places.headers) and places.width > 1
