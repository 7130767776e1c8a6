"""Where the columns that a model reads are in a table: by name, or by position.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

if __package__:
    from autotrain.serving import table_layout as layouts
    from autotrain.serving import table_reader as tables
    from autotrain.serving import table_rows as texts
    from autotrain.serving.columns import source_of
    from autotrain.serving.input_file import Column, InputError, Inputs, TrainingTable
    from autotrain.serving.number_forms import is_written_number
else:
    import table_layout as layouts  # type: ignore[no-redef]
    import table_reader as tables  # type: ignore[no-redef]
    import table_rows as texts  # type: ignore[no-redef]
    from columns import source_of  # type: ignore[no-redef]
    from input_file import Column, InputError, Inputs, TrainingTable  # type: ignore[no-redef]
    from number_forms import is_written_number  # type: ignore[no-redef]

_MOST_ABOVE = 20  # rows above the names of columns


class Places(NamedTuple):
    """Where a model's columns are in a text.

    Attributes:
        head: the names of all columns; columns: the position of each that the model reads.
        headers: rows before the first example.
    """

    layout: texts.Layout
    head: Sequence[str]
    columns: list[int]
    headers: int

    @property
    def width(self) -> int:
        """Cells of a row."""
        return len(self.head)


def by_names(
    wanted: Sequence[str], head: Sequence[str], where: str, why: str = "which the model reads"
) -> list[int]:
    """Positions of columns.

    Raises:
        InputError: one is not there, or more than once.
    """
    for name in wanted:
        if name not in head:
            there = ", ".join(head)
            raise InputError(f"{where} lacks the column {name!r}, {why}; it has: {there}")
        if list(head).count(name) > 1:
            raise InputError(f"{where} has the column {name!r} more than once")
    return [list(head).index(name) for name in wanted]


def places_in(inputs: Inputs, head: Sequence[str], named: bool, where: str) -> list[int]:
    """Positions of a model's columns in a table, by name, or by position where training had no names.

    Args:
        named: whether the table has names of its own.

    Raises:
        InputError: they are not there.
    """
    wanted = [source_of(column) for column in columns_of(inputs)]
    table = inputs.get("table")
    if (named and set(wanted) <= set(head)) or table is None or table["header"]:
        return by_names(wanted, head, where)
    return _by_position(wanted, table, len(head), where)


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
            places = Places(exact, head, by_names(wanted, head, text.where), before + 1)
            return _below_units(inputs, text, places)
    if headed or not all(re.fullmatch(r"column \d+", name) for name in wanted):
        head = layouts.header_names(rows[0])
        by_names([name for name in wanted if name not in head] or wanted, head, text.where)
    columns = _by_position(wanted, table, len(rows[0]), text.where)
    has_names = _has_names(inputs, rows[0], columns)
    head = rows[0] if has_names else numbered(table, len(rows[0]))
    return Places(layout, head, columns, titles + has_names)


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
    rows = texts.first_rows(text, places.layout)[places.headers :]
    if rows and (
        layouts.is_units(rows)
        or _has_units(inputs, [*rows[0], *[""] * places.width], places.columns)
    ):
        return Places(places.layout, places.head, places.columns, places.headers + 1)
    return places


def numbered(table: TrainingTable | None, width: int) -> Sequence[str]:
    """The columns of a table without names, called by their positions in training."""
    if table is None or width == table["width"]:
        return layouts.column_names(width)
    names = layouts.column_names(table["width"])
    return [name for name in names if name not in table["targets"]]


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
    return bool(words) and not any(
        tables.is_number(cell) or is_written_number(cell) for cell in words
    )


def _number_cells(inputs: Inputs, row: Sequence[str], places: Sequence[int]) -> list[str]:
    columns = zip(columns_of(inputs), places, strict=True)
    plain = (
        place for column, place in columns if column["kind"] == "number" and not column.get("part")
    )
    return [row[place] for place in plain]
