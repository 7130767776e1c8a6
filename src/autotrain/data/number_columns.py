"""Which columns of text are numbers in another form, and in which: decided for a file as a whole.

`serving.number_forms` says what a form is and reads by it, in training and in use.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from autotrain.serving.number_forms import (
    NOTHING,
    PERCENT,
    STYLES,
    Form,
    Written,
    in_style,
    is_grouped,
    written,
)
from autotrain.serving.table_reader import cell_number, is_missing, is_number

_NEARLY_ALL = 0.9  # of the cells that hold something
_MOST_ODD = 100  # different cells that are no numbers
_SHOWN = 3

Cells = Sequence[str | None]


class Found(NamedTuple):
    """A column of numbers in another form.

    Attributes:
        values: [n] float64, NaN where a cell is missing.
        odd: cells that hold no number, counted.
        note: how it was read, in words; empty where only cells are missing.
    """

    form: Form
    values: np.ndarray
    odd: Counter[str]
    note: str


def find_numbers(
    columns: Mapping[int, Cells],
    texts: Callable[[int], Cells],
    plain: Sequence[int],
    separator: str,
    decimal: str | None,
) -> dict[int, Found]:
    """The columns that are numbers in another form than Python's.

    Args:
        columns: by position, those that are not all plain numbers: text, None where one is missing.
        texts: the cells of a column as they are written.
        plain: positions of columns of plain numbers with a fraction.
        separator: of the cells.
        decimal: the decimal mark, where the user said it.
    """
    found: dict[int, Found] = {}
    open_ = {}
    for i, cells in columns.items():
        counted = Counter(c for c in cells if c is not None and not is_missing(c))
        if _is_plain(counted):
            found[i] = _found(cells, {}, Counter(dict(_odd(counted))), "")
        elif candidates := _candidates(counted):
            open_[i] = candidates
    marks = {mark for styles in open_.values() for mark in {style[0] for style in styles}}
    if not marks and decimal is None:
        return found
    mark = decimal or _decimal(open_, [texts(i) for i in plain] if open_ else [], separator)
    for i, styles in open_.items():
        style = next(
            (style for style in styles if style[0] == mark), None if decimal else styles[0]
        )
        if style is not None:
            found[i] = _in_style(columns[i], style)
    if mark == ",":
        found |= _grouped_by_points({i: texts(i) for i in plain})
    return found


def odd_words(odd: Counter[str]) -> str:
    """Cells that are no numbers, with their count, in words."""
    shown = ", ".join(repr(cell[:20]) for cell, _ in odd.most_common(_SHOWN))
    more = f" and {len(odd) - _SHOWN} more" if len(odd) > _SHOWN else ""
    return f"{odd.total():,} {'cell' if odd.total() == 1 else 'cells'} ({shown}{more}) taken as missing"


def _odd(counted: Counter[str]) -> list[tuple[str, int]]:
    return [(cell, count) for cell, count in counted.items() if not is_number(cell)]


def _is_plain(counted: Counter[str]) -> bool:
    """Whether nearly all cells are plain numbers, and the others few, or words for nothing."""
    odd = _odd(counted)
    unknown = sum(count for cell, count in odd if cell.casefold() not in NOTHING)
    numbers = counted.total() - sum(count for _, count in odd)
    return (
        numbers * 2 >= counted.total() > 0
        and numbers >= _NEARLY_ALL * (numbers + unknown)
        and len(odd) <= _MOST_ODD
    )


def _candidates(counted: Counter[str]) -> list[tuple[str, str]]:
    """Styles in which nearly all cells are numbers, those with the fewest exceptions."""
    known = {c: n for c, n in counted.items() if c.casefold() not in NOTHING}
    parts = {cell: found for cell in known if (found := written(cell)) is not None}
    total = sum(known.values())
    if not parts or sum(known[cell] for cell in parts) < _NEARLY_ALL * total:
        return []
    if len({p.affix for p in parts.values() if p.affix} | _shares(parts)) > 1:
        return []  # several currencies, or shares beside numbers: no one number
    counts = {
        style: sum(known[cell] for cell, found in parts.items() if in_style(found.body, *style))
        for style in STYLES
    }
    best = max(counts.values())
    if best < _NEARLY_ALL * total or len(known) - len(parts) > _MOST_ODD:
        return []
    return [style for style, count in counts.items() if count == best]


def _shares(parts: Mapping[str, Written]) -> set[str]:
    """What stands beside nothing, if something else is per cent."""
    affixes = {found.affix for found in parts.values()}
    return {""} & affixes if affixes & set(PERCENT) else set()


def _decimal(
    columns: Mapping[int, Sequence[tuple[str, str]]], plain: Sequence[Cells], separator: str
) -> str:
    """The decimal mark of a file: what most columns can only be read with."""
    votes: Counter[str] = Counter()
    for styles in columns.values():
        marks = {mark for mark, _ in styles}
        if len(marks) == 1:
            votes.update(marks)
    votes["."] += sum(not _can_be_grouped(cells) for cells in plain)
    if votes["."] == votes[","]:
        return "," if separator == ";" else "."  # ';' separates where a comma is the decimal mark
    return "." if votes["."] > votes[","] else ","


def _can_be_grouped(cells: Cells) -> bool:
    """Whether points in plain numbers can all be thousands separators."""
    bodies = [written(cell) for cell in cells if not is_missing(cell) and cell]
    return all(b is not None and in_style(b.body, ",", ".") for b in bodies)


def _grouped_by_points(columns: Mapping[int, Cells]) -> dict[int, Found]:
    """Columns that read as plain numbers, and have points for thousands in a file of commas."""
    return {
        i: _in_style(cells, (",", ".")) for i, cells in columns.items() if _can_be_grouped(cells)
    }


def _in_style(cells: Cells, style: tuple[str, str]) -> Found:
    parts = [
        (cell, written(cell)) for cell in dict.fromkeys(cells) if not is_missing(cell) and cell
    ]
    inside = [p for _, p in parts if p is not None and in_style(p.body, *style)]
    form: Form = {"decimal": style[0], "affixes": sorted({p.affix for p in inside})}
    if any(is_grouped(p.body, style[1]) for p in inside):
        form["thousands"] = style[1]
    counted = Counter(cell for cell in cells if cell is not None and not is_missing(cell))
    odd = Counter({c: counted[c] for c, p in parts if p is None or not in_style(p.body, *style)})
    example = next(
        (c for c, p in parts if p is not None and in_style(p.body, *style) and not is_number(c)),
        next(c for c, p in parts if p is not None),
    )
    value = cell_number(example, form)
    return _found(cells, form, odd, f"{example!r} is read as {value:.12g}")


def _found(cells: Cells, form: Form, odd: Counter[str], note: str) -> Found:
    others = [cell for cell in odd if cell.casefold() not in NOTHING]
    if others:
        form = {**form, "missing": sorted(others)}
    known = {cell: cell_number(cell, form) for cell in dict.fromkeys(cells) if cell is not None}
    values = np.array([math.nan if cell is None else known[cell] for cell in cells], np.float64)
    return Found(form, values, odd, note)
