"""Tables whose cells have types, from files and from Python, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autotrain.data.table_columns import Table, columns_of
from autotrain.data.tables import table_names
from autotrain.errors import DataError
from autotrain.serving.input_file import InputError, plain_suffix
from autotrain.serving.table_reader import Cell, cell_text, is_missing, levels_in
from autotrain.serving.typed_tables import open_typed


class _Column(NamedTuple):
    """A column as it came: numbers [n] float64 with NaN, or None; and all cells."""

    numbers: np.ndarray | None
    cells: Sequence[Cell]

    def written(self) -> list[str]:
        return [cell_text(cell) for cell in self.cells]


def read_typed(
    paths: Sequence[Path],
    where: str,
    header: bool | None = None,
    raw: bool = False,
    decimal: str | None = None,
) -> Table:
    """Read a table of one or several files, such as Parquet.

    Args:
        paths: its parts, in their order; where: how messages call it.
        header, raw, decimal: as of `read_table`.

    Raises:
        DataError: it cannot be read, or has no rows.
    """
    parts = []
    for path in paths:
        try:
            parts.append(_read(path, header))
        except InputError as error:
            raise DataError(str(error)) from None
    names, headed, columns = parts[0]
    for path, (others, _, more) in zip(paths[1:], parts[1:], strict=True):
        if set(others) != set(names):
            odd = sorted({*others} ^ {*names})[0]
            raise DataError(
                f"{path}: all parts of a table must have the same columns, and {odd!r} is not in all"
            )
        columns = [
            _joined(one, more[others.index(name)]) for name, one in zip(names, columns, strict=True)
        ]
    table_names(names, where)
    if not len(columns) or not len(columns[0].cells):
        raise DataError(f"{where}: a table needs rows, and there are none")
    notes = [f"{len(paths)} files are one table"] if len(paths) > 1 else []
    if raw:
        texts = [np.array(column.written(), object) for column in columns]
    else:
        texts = [_values(column) for column in columns]
    found = columns_of(texts, names, [c.written for c in columns], "", decimal, notes, raw)
    return Table(where, tuple(names), tuple(found), headed, notes=tuple(notes))


def _read(path: Path, header: bool | None) -> tuple[Sequence[str], bool, list[_Column]]:
    if plain_suffix(path) == ".parquet":
        import pyarrow.parquet as parquet

        try:
            table = parquet.read_table(path)
        except (OSError, ValueError) as error:  # pyarrow's are of these kinds
            raise InputError(f"{path}: cannot be read ({error}); copy or save it again") from None
        return table.column_names, True, [_of_arrow(column) for column in table.columns]
    found = open_typed(path, header)
    rows = list(found.rows)
    columns = list(zip(*rows, strict=True)) or [() for _ in found.names]
    return found.names, found.headed, [_Column(_numbers(cells), cells) for cells in columns]


def _of_arrow(column: Any) -> _Column:
    import pyarrow as arrow

    kind = column.type
    cells = _Lazy(column)
    if arrow.types.is_integer(kind) or arrow.types.is_floating(kind):
        return _Column(column.to_numpy(zero_copy_only=False).astype(np.float64), cells)
    return _Column(_numbers(cells), cells)


class _Lazy(Sequence[Cell]):
    """The cells of a column of Arrow, made when they are asked for."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, i: Any) -> Any:
        return self._column[i].as_py()

    def __iter__(self) -> Any:
        return iter(self._column.to_pylist())


def _joined(one: _Column, other: _Column) -> _Column:
    cells = [*one.cells, *other.cells]
    if one.numbers is None or other.numbers is None:
        return _Column(_numbers(cells), cells)
    return _Column(np.concatenate([one.numbers, other.numbers]), cells)


def _numbers(cells: Sequence[Cell]) -> np.ndarray | None:
    """Cells that are numbers, or missing, all of them; text and truth values are none."""
    numeric = (int, float, np.number)
    found = [cell for cell in cells if cell_text(cell)]
    if not all(isinstance(c, numeric) and not isinstance(c, (bool, np.bool_)) for c in found):
        return None
    return np.array([float(c) if cell_text(c) else np.nan for c in cells], np.float64)  # type: ignore[arg-type]


def _values(column: _Column) -> np.ndarray:
    if column.numbers is not None:
        return column.numbers
    words = [None if is_missing(text) else text for text in column.written()]
    return np.array(levels_in(words), object)
