"""Sequences [n, time, features] as a model wants them; of a series its end, which is to go on.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np

if __package__:
    from autotrain.serving import row_reader
    from autotrain.serving.input_file import Batch, Column, InputError, Inputs, Series
else:
    import row_reader  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Batch,
        Column,
        InputError,
        Inputs,
        Series,
    )

NUMBERS = "numbers"
_ISO = "ISO 8601"
# Besides ISO 8601. Of days and months that are both below 13, the order of the rows decides.
_FORMATS = (
    _ISO, "%Y-%m", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y", "%b %Y", "%m/%Y",
)  # fmt: skip


def read(inputs: Inputs, path: Path) -> Iterator[Batch]:
    """The end of a series in a table, as one window; arrays are read by `input_file.read_arrays`.

    Raises:
        InputError: the model reads arrays only, the file is no table for it, or it is too short.
    """
    series = inputs.get("series")
    if series is None:
        steps, features = inputs["shape"]
        raise InputError(
            f"{path}: this model reads sequences of {steps} steps with {features} features, as arrays "
            "[n, time, features] in a .npy file or as `x` in a .npz file"
        )
    names = [column["name"] for column in inputs["columns"]]
    values, times, problems = _columns(inputs, series, path)
    order = np.arange(len(values))
    if series["time"]:
        form = series["time_format"]
        found = next(
            (t for t in (_parsed(times, form), _parsed(times, _ISO)) if t is not None), None
        )
        if found is None:
            raise InputError(
                f"{path}: the column {series['time']!r} must hold times as in training "
                f"({form}) or as 2024-05-31, got {times[0] if times else 'none'!r}"
            )
        order = in_order(f"{path}: {series['time']}", found)
    values, problems = values[order], [problems[i] for i in order]
    window, last = _end(values, series, names, path)
    rows = slice(max(0, last - series["lookback"] + 1), last + 1 + series["horizon"])
    name = times[order[last]] if series["time"] else str(last)
    yield [name], window[None], [next(filter(None, problems[rows]), "")]


def _columns(inputs: Inputs, series: Series, path: Path) -> tuple[np.ndarray, list[str], list[str]]:
    """Numbers [rows, columns], the cells of the times, and for each row its problem."""
    time: list[Column] = []
    if series["time"]:
        time = [{"name": series["time"], "kind": "text", "levels": []}]
    parts, cells, problems = [], [], []
    wanted = cast(Inputs, {**inputs, "columns": [*time, *inputs["columns"]]})
    for _, rows, wrong in row_reader.read(wanted, path):
        numbers = [np.asarray(rows[column["name"]]) for column in inputs["columns"]]
        parts.append(np.stack(numbers, axis=1).astype("float32"))
        cells += [str(cell) for cell in rows[series["time"]]] if series["time"] else []
        problems += wrong
    if not parts:
        raise InputError(f"{path}: a series needs rows, and there are none")
    return np.concatenate(parts), cells, problems


def _end(
    values: np.ndarray, series: Series, names: Sequence[str], path: Path
) -> tuple[np.ndarray, int]:
    """The last window, and its last row with a value of the target."""
    lookback, horizon = series["lookback"], series["horizon"]
    there = np.flatnonzero(~np.isnan(values[:, 0]))
    last = int(there[-1]) if there.size else -1
    if last + 1 < lookback:
        raise InputError(
            f"{path}: the model looks back {lookback} rows from the last value of "
            f"{series['target']!r}, and there are {last + 1}; give it more of the series"
        )
    rows = values[last + 1 - lookback : last + 1]
    if not series["known"]:
        return rows, last
    ahead = values[last + 1 : last + 1 + horizon]
    first = len(names) - len(series["known"])
    if len(ahead) < horizon or np.isnan(ahead[:, first:]).all(axis=1).any():
        raise InputError(
            f"{path}: {', '.join(series['known'])} must be known for {horizon} rows after the last value "
            f"of {series['target']!r}, got {len(ahead)} rows; add them, with {series['target']!r} empty"
        )
    whole = np.concatenate([rows, ahead])
    return windows(whole, lookback, horizon, len(series["known"]))[0], last


def windows(values: np.ndarray, lookback: int, horizon: int, known: int) -> np.ndarray:
    """All windows of a series [rows, columns], [n, steps, columns] each; a view where it can be.

    Where the last `known` columns are known ahead, a window has `horizon` more steps, in which all
    other columns are missing.
    """
    sliding = np.lib.stride_tricks.sliding_window_view
    if not known:
        views = sliding(values, lookback, axis=0).swapaxes(1, 2)
        return views[: max(0, len(values) - lookback - horizon + 1)]
    found = sliding(values, lookback + horizon, axis=0).swapaxes(1, 2).copy()
    found[:, lookback:, : values.shape[1] - known] = np.nan
    return found


def read_times(
    cells: Sequence[str | None], form: str | None = None
) -> tuple[np.ndarray | None, str]:
    """Times as [n] numbers with their form, or None where they are none.

    Args:
        form: the one that they have; by default it is found out.

    Raises:
        InputError: days and months cannot be told apart.
    """
    found = {}
    for name in _FORMATS if form is None else (form,):
        times = _parsed(cells, name)
        if times is not None:
            found[name] = times
    rising = [name for name, times in found.items() if (np.diff(times) > 0).all()]
    chosen = (rising or list(found))[:1]
    alike = len({tuple(np.argsort(times, kind="stable")) for times in found.values()}) <= 1
    if len(found) > 1 and len(rising) != 1 and not alike:
        raise InputError(
            f"times such as {cells[0]!r} can be read as {' or '.join(found)}: write them as 2024-05-31"
        )
    return (found[chosen[0]], chosen[0]) if chosen else (None, "")


def _parsed(cells: Sequence[str | None], form: str) -> np.ndarray | None:
    parse: Callable[[str], datetime] = datetime.fromisoformat
    if form != _ISO:
        parse = lambda cell: datetime.strptime(cell, form)  # noqa: E731
    try:
        if form == NUMBERS:
            return np.array([float(cell or "") for cell in cells])
        moments = [parse(cell or "") for cell in cells]
    except ValueError:
        return None
    whole = (m if m.tzinfo else m.replace(tzinfo=UTC) for m in moments)
    return np.array([moment.timestamp() for moment in whole])


def in_order(where: str, times: np.ndarray) -> np.ndarray:
    """[n] the rows in the order of their times.

    Raises:
        InputError: a time comes twice.
    """
    order = np.argsort(times, kind="stable")
    twice = np.flatnonzero(np.diff(times[order]) == 0)
    if twice.size:
        rows = order[twice[0] : twice[0] + 2] + 1
        raise InputError(
            f"{where}: each time must come once, and rows {rows[0]:,} and {rows[1]:,} have the same; a "
            "file holds one series: keep one, or take their mean"
        )
    return order
