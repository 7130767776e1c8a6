"""The cells of a model's column as the numbers, levels or texts that it stands for.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

if __package__:
    from autotrain.serving.input_file import Column
    from autotrain.serving.table_reader import Cell, cell_text, numbers_in
    from autotrain.serving.times import part_in
else:
    from input_file import Column  # type: ignore[no-redef]
    from table_reader import Cell, cell_text, numbers_in  # type: ignore[no-redef]
    from times import part_in  # type: ignore[no-redef]


def source_of(column: Column) -> str:
    """The name of the column of a table that a model's column is read from."""
    return column.get("source") or column["name"]


def read_numbers(column: Column, cells: Sequence[Cell], problems: list[str]) -> np.ndarray:
    """A column of numbers as [n] float32, NaN where a cell is missing or wrong.

    Args:
        problems: of the rows, to which that of a cell is added.
    """
    form, part = column.get("form"), column.get("part")
    if part:
        return part_in(source_of(column), part, cells, form or {}, problems)
    return numbers_in(column["name"], cells, problems, form)


def read_cells(
    column: Column, cells: Sequence[Cell], problems: list[str]
) -> np.ndarray | list[str]:
    """A column as a model takes it: numbers, or what is written in a category or a text."""
    if column["kind"] == "number":
        return read_numbers(column, cells, problems)
    return [cell_text(cell) for cell in cells]
