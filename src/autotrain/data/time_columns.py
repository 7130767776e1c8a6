"""Which columns of text are dates or times, and how they are written."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from autotrain.serving.number_forms import Form
from autotrain.serving.table_reader import Cell, is_nothing
from autotrain.serving.times import ISO, moment_of

_NEARLY_ALL = 0.9  # of the cells are times
_TRIED = 200  # different cells by which a pattern is chosen
_DATES = ["%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y.%m.%d", "%d %b %Y"]
_MORE_DATES = ["%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y"]
_TIMES = ["", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S"]
PATTERNS = (
    ISO,
    *(date + time for date in (*_DATES, *_MORE_DATES) for time in _TIMES),
    "%H:%M",
    "%H:%M:%S",
    "%I:%M %p",
)


class FoundTimes(NamedTuple):
    """How a column's times are written.

    Attributes:
        odd: cells that hold no time, counted.
        note: how they are read, in words.
    """

    pattern: str
    odd: Counter[str]
    note: str


def find_times(cells: Sequence[str | None], counts: Counter[str]) -> FoundTimes | None:
    """How the times of a column are written; None where it holds something else.

    Args:
        counts: of the cells that are not missing.
    """
    counted = Counter({cell: n for cell, n in counts.items() if not is_nothing(cell)})
    some = list(counted)[:_TRIED]
    least = _NEARLY_ALL * len(some)
    if not some or sum(any(map(str.isdigit, cell)) for cell in some) < least:
        return None
    fitting = [pattern for pattern in PATTERNS if _fits(pattern, some, least)]
    if not fitting:
        return None
    odds = {pattern: Counter(_odd(counted, pattern)) for pattern in fitting}
    best = min(fitting, key=lambda pattern: (odds[pattern].total(), not _in_order(cells, pattern)))
    if odds[best].total() > (1 - _NEARLY_ALL) * counted.total():
        return None
    example = next(cell for cell in counted if cell not in odds[best])
    return FoundTimes(best, odds[best], f"{example!r} is read as {_said(example, best)}")


def moments_in(cells: Sequence[Cell], form: Form) -> list[datetime | None]:
    """The times of a column, None where one is missing or none."""
    pattern, missing = form.get("time", ISO), form.get("missing", ())
    return [None if cell in missing else moment_of(cell, pattern) for cell in cells]


def spelled_time(parts: Mapping[str, float], form: Form) -> str:
    """A time of which these are the parts, to the second, as a column of this form has it."""
    if any(map(math.isnan, parts.values())):
        return ""
    days = parts.get("days", 0.0)
    if "sine of day" in parts and "cosine of day" in parts:
        of_day = math.atan2(parts["sine of day"], parts["cosine of day"]) / (2 * math.pi) % 1
        days = round(days - of_day) + of_day  # `days` alone is coarse in 32 bits
    moment = datetime(1970, 1, 1) + timedelta(seconds=round(days * 86400))
    pattern = form.get("time", ISO)
    return moment.isoformat(" ") if pattern == ISO else moment.strftime(pattern)


def _fits(pattern: str, cells: Sequence[str], least: float) -> bool:
    left = len(cells) - least
    for cell in cells:
        if _moment(cell, pattern) is None:
            left -= 1
            if left < 0:
                return False
    return True


def _odd(counted: Counter[str], pattern: str) -> dict[str, int]:
    return {cell: n for cell, n in counted.items() if _moment(cell, pattern) is None}


def _in_order(cells: Sequence[str | None], pattern: str) -> bool:
    """Whether the first times come one after another, as in most files; tells days from months."""
    moments = [_moment(cell, pattern) for cell in cells[:_TRIED] if cell is not None]
    known = [moment for moment in moments if moment is not None]
    return known == sorted(known) or known == sorted(known, reverse=True)


def _moment(cell: str, pattern: str) -> datetime | None:
    try:
        return moment_of(cell, pattern)
    except (ValueError, OverflowError):
        return None


def _said(cell: str, pattern: str) -> str:
    moment = moment_of(cell, pattern)
    assert moment is not None
    return (
        moment.isoformat(" ", "minutes")
        if "%Y" in pattern or pattern == ISO
        else moment.strftime("%H:%M:%S" if "%y" not in pattern else "%Y-%m-%d")
    )
