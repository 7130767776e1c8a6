"""Dates and times as numbers that a model can learn from.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time

import numpy as np

if __package__:
    from autotrain.serving.number_forms import Form
    from autotrain.serving.table_reader import Cell, cell_text, is_nothing
else:
    from number_forms import Form  # type: ignore[no-redef]
    from table_reader import Cell, cell_text, is_nothing  # type: ignore[no-redef]

ISO = "iso"
_EPOCH = datetime(1970, 1, 1)
_DAY = 86400.0
_YEAR = 365.25


def _days(moment: datetime) -> float:
    return (moment - _EPOCH).total_seconds() / _DAY


def _turn(share: float, function: Callable[[float], float]) -> float:
    return function(2 * math.pi * share)


def _of_year(moment: datetime) -> float:
    return (moment.timetuple().tm_yday - 1) / _YEAR


def _of_week(moment: datetime) -> float:
    return moment.weekday() / 7


def _of_day(moment: datetime) -> float:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / _DAY


# What becomes of a time: how long ago, and where on the circles of year, week and day.
PARTS: dict[str, Callable[[datetime], float]] = {
    "days": _days,
    "sine of year": lambda moment: _turn(_of_year(moment), math.sin),
    "cosine of year": lambda moment: _turn(_of_year(moment), math.cos),
    "sine of week": lambda moment: _turn(_of_week(moment), math.sin),
    "cosine of week": lambda moment: _turn(_of_week(moment), math.cos),
    "sine of day": lambda moment: _turn(_of_day(moment), math.sin),
    "cosine of day": lambda moment: _turn(_of_day(moment), math.cos),
}


def moment_of(cell: Cell, pattern: str) -> datetime | None:
    """The time in a cell, in UTC where it has a zone; None where it is missing.

    Args:
        pattern: `ISO`, or one of `datetime.strptime`.

    Raises:
        ValueError: it is no such time.
    """
    if isinstance(cell, datetime):
        found = cell
    elif isinstance(cell, date):
        found = datetime.combine(cell, time())
    else:
        text = cell_text(cell)
        if is_nothing(text):
            return None
        found = _from_iso(text) if pattern == ISO else datetime.strptime(text, pattern)
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _from_iso(text: str) -> datetime:
    if len(text) < len("2021-1-1") or "-" not in text:
        raise ValueError(text)  # digits alone are a number
    return datetime.fromisoformat(text)


def part_in(
    name: str, part: str, cells: Sequence[Cell], form: Form, problems: list[str]
) -> np.ndarray:
    """A part of each time as [n] float32, NaN where one is missing or none.

    Args:
        name: of the column; problems: of the rows, to which that of a cell is added.
        form: how times are written, and which cells are none.
    """
    values = np.full(len(cells), math.nan)
    pattern, missing = form.get("time", ISO), form.get("missing", ())
    for i, cell in enumerate(cells):
        try:
            moment = None if cell in missing else moment_of(cell, pattern)
            if moment is not None:
                values[i] = PARTS[part](moment)
        except (ValueError, OverflowError):
            problems[i] = f"{name} is no time: {str(cell)[:40]!r}"
    return values.astype("float32")
