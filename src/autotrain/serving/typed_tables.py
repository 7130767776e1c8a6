"""Tables whose cells have types: Parquet, Feather, JSON lines, Excel.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain. Parquet and Feather need
pyarrow, Excel openpyxl.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

if __package__:
    from autotrain.serving.input_file import InputError, plain_suffix, read_lines
    from autotrain.serving.table_layout import column_names, header_names, is_header, title_rows
    from autotrain.serving.table_reader import Cell, cell_text
else:
    from input_file import InputError, plain_suffix, read_lines  # type: ignore[no-redef]
    from table_layout import (  # type: ignore[no-redef]
        column_names,
        header_names,
        is_header,
        title_rows,
    )
    from table_reader import Cell, cell_text  # type: ignore[no-redef]

_ARROW = (".feather", ".arrow", ".ipc")
_JSON = (".jsonl", ".ndjson")
_EXCEL = (".xlsx", ".xlsm")
TYPED_SUFFIXES = (".parquet", *_ARROW, *_JSON, *_EXCEL)
_SAMPLE_ROWS = 1000


class TypedTable(NamedTuple):
    """A table as it is read.

    Attributes:
        names: of its columns; headed: whether they are the file's own.
        rows: the cells of each row.
    """

    names: tuple[str, ...]
    rows: Iterator[Sequence[Cell]]
    headed: bool = True


def is_typed(path: Path) -> bool:
    """Whether a file's name is that of such a table."""
    return plain_suffix(path) in TYPED_SUFFIXES


def open_typed(path: Path, header: bool | None = None) -> TypedTable:
    """The columns and rows of a file.

    Args:
        header: whether the first row of a sheet holds names; None finds it out.

    Raises:
        InputError: it cannot be read.
    """
    suffix = plain_suffix(path)
    try:
        if suffix in _JSON:
            return _json_lines(path)
        if suffix in _EXCEL:
            return _excel(path, header)
        return _parquet(path) if suffix == ".parquet" else _feather(path)
    except ImportError as error:
        package = str(error.name).partition(".")[0]
        raise InputError(
            f"{path}: {suffix} files need {package}, which is not installed: pip install {package}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:  # pyarrow's are of these kinds
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({error}); copy or save it again") from None


def _parquet(path: Path) -> TypedTable:
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(path)
    names = tuple(file.schema_arrow.names)
    return TypedTable(names, _rows_of(names, file.iter_batches()))


def _feather(path: Path) -> TypedTable:
    from pyarrow import feather

    table = feather.read_table(path)
    return TypedTable(tuple(table.column_names), _rows_of(table.column_names, table.to_batches()))


def _rows_of(names: Sequence[str], parts: Any) -> Iterator[Sequence[Cell]]:
    for part in parts:
        yield from zip(*(part.column(i).to_pylist() for i in range(len(names))), strict=True)


def _json_lines(path: Path) -> TypedTable:
    names: dict[str, None] = {}
    for record in _records(path):
        names.update(dict.fromkeys(record))
    return TypedTable(
        tuple(names), ([_of_json(record.get(name)) for name in names] for record in _records(path))
    )


def _records(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number:,}: this is no JSON ({error})") from None
        if not isinstance(record, dict):
            raise InputError(
                f"{path}, line {number:,}: a line must be an object of columns, got {line[:40].strip()}"
            )
        yield record


def _of_json(value: Any) -> Cell:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def _excel(path: Path, header: bool | None) -> TypedTable:
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: cannot be read ({error}); copy or save it again") from None
    sheet = book.worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    rows = [row for row in rows if any(cell_text(cell) for cell in row)]
    if not rows:
        raise InputError(f"{path}: the sheet {sheet.title!r} is empty; a table needs rows")
    width = max(len(row) for row in rows)
    rows = [[*row, *[None] * (width - len(row))] for row in rows]
    words = [[cell_text(cell) for cell in row] for row in rows[:_SAMPLE_ROWS]]
    titles = title_rows(words)
    headed = is_header(words[titles:]) if header is None else header
    names = header_names(words[titles]) if headed else column_names(width)
    return TypedTable(names, iter(rows[titles + headed :]), headed)
