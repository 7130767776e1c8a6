"""A table in time order as windows: what was, and the next values of the target.

A window is `lookback` rows of all columns, and `horizon` more of those whose future is known; its
target are the next `horizon` values. Windows overlap, so parts are cut by time, and a window is of a
part only if all its rows are (`Windows.rows`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autotrain.data.dataset import Column, Dataset, Windows
from autotrain.data.tables import Table
from autotrain.errors import DataError
from autotrain.serving.input_file import InputError
from autotrain.serving.sequence_reader import NUMBERS, in_order, read_times, windows
from autotrain.space import DataSpec
from autotrain.tasks import Task

_LOOKBACK_HORIZONS = 4  # how many horizons are looked back where nothing is said


@dataclass(frozen=True)
class _Plan:
    """Which columns are what, and how far a window reaches."""

    target: str
    past: tuple[str, ...]
    known: tuple[str, ...]
    time: str | None
    lookback: int
    horizon: int
    season: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that a model reads, the target first."""
        return (self.target, *self.past, *self.known)


def from_series(table: Table, target: Sequence[str], spec: DataSpec, task: Task) -> Dataset:
    """The windows of a table.

    Args:
        target: names of the columns to predict.

    Raises:
        DataError: several targets, text where numbers are needed, times that are not in one order, or
            options that do not fit.
    """
    where = table.where
    ignored = table.find(spec.ignore, "ignore")
    names = [name for name in table.names if name not in ignored]
    time, order, about = _time(table, names, target, spec)
    plan, left_out = _plan(table, names, target, time, spec)
    columns = [np.asarray(table[name].numbers)[order] for name in plan.columns]
    values = np.stack(columns, axis=1)
    if np.isinf(values).any():
        raise DataError(f"{where}: numbers of a series must be finite, and some are infinite")
    span = plan.lookback + plan.horizon
    if len(values) < span:
        raise DataError(
            f"{where}: {len(values):,} rows are too few for a window of {span:,} (lookback "
            f"{plan.lookback:,} and horizon {plan.horizon:,}): add rows, or make data.lookback or "
            "data.horizon smaller"
        )
    x = windows(values.astype("float32"), plan.lookback, plan.horizon, len(plan.known))
    ahead = np.lib.stride_tricks.sliding_window_view(values[plan.lookback :, 0], plan.horizon)
    whole = np.flatnonzero(~np.isnan(ahead).any(axis=1))
    if not whole.size:
        raise DataError(
            f"{where}: the target {plan.target!r} has no {plan.horizon:,} values in a row"
        )
    outputs = [f"{plan.target} +{i + 1}" for i in range(plan.horizon)]
    encoded, names_of = task.encode(where, {"train": ahead[whole]}, outputs)
    series = {
        "target": plan.target, "known": list(plan.known), "time": plan.time,
        "lookback": plan.lookback, "horizon": plan.horizon, "season": plan.season, **about,
    }  # fmt: skip
    return Dataset(
        x={"train": x if len(whole) == len(x) else x[whole]},
        y=encoded,
        class_names=names_of,
        modality="sequence",
        task=task.name,
        columns=tuple(Column(name) for name in plan.columns),
        left_out=left_out,
        dropped=int(len(ahead) - len(whole)),
        header=table.headed,
        width=len(table.names),
        series=series,
        windows=Windows(values[:, 0], whole + plan.lookback, plan.lookback, plan.horizon),
    )


def _plan(
    table: Table, names: Sequence[str], target: Sequence[str], time: str | None, spec: DataSpec
) -> tuple[_Plan, dict[str, str]]:
    where, known = table.where, table.find(spec.known, "known")
    if len(target) != 1:
        raise DataError(f"{where}: a forecast has one target, got {', '.join(target)}")
    if spec.horizon is None:
        raise DataError(
            f"{where}: data.horizon must say how many steps ahead are predicted: --set data.horizon=7"
        )
    if {*known} & {*target, time}:
        raise DataError(f"{where}: data.known names columns besides target and time")
    for name in (*target, *known):
        if table[name].numbers is None:
            raise DataError(
                f"{where}: a forecast reads numbers, and the column {name!r} holds text; write it as "
                "numbers"
            )
    others = [name for name in names if name not in {*target, *known, time}]
    past = [name for name in others if table[name].numbers is not None]
    left_out = {name: "text, and series are of numbers" for name in others if name not in past}
    lookback = spec.lookback or _LOOKBACK_HORIZONS * spec.horizon
    sizes = lookback, spec.horizon, spec.season or 0
    return _Plan(target[0], tuple(past), known, time, *sizes), left_out


def _time(
    table: Table, names: Sequence[str], target: Sequence[str], spec: DataSpec
) -> tuple[str | None, np.ndarray, dict[str, Any]]:
    """The column of times, the order of rows, and what else is known of it.

    Without one that is named, the first column of text that holds times is taken.
    """
    where, found = table.where, table.find(spec.time, "time")
    if len(found) > 1:
        raise DataError(f"{where}: data.time must be one column, got {', '.join(found)}")
    others = [n for n in names if n not in target and table[n].numbers is None]
    for name in found or others:
        try:
            numeric = table[name].numbers is not None
            times, form = read_times(table[name].labels, NUMBERS if numeric else None)
            if times is not None:
                order = in_order(f"{where}: {name}", times)
                return name, order, {"time_format": form, "gaps": _gaps(times[order])}
        except InputError as error:
            raise DataError(str(error)) from None
    if found:
        raise DataError(
            f"{where}: the column {found[0]!r} must hold times such as 2024-05-31 or 2024-05-31 06:30, "
            f"got {next((c for c in table[found[0]].labels if c), 'nothing')!r}"
        )
    rows = np.arange(len(table[names[0]].values))
    return None, rows, {"time_format": "", "gaps": 0}


def _gaps(times: np.ndarray) -> int:
    """Steps that are longer than one and a half of the usual one."""
    steps = np.diff(times)
    return int((steps > 1.5 * np.median(steps)).sum())


def restricted(dataset: Dataset, columns: Sequence[str], x: np.ndarray) -> np.ndarray:
    """Windows with the columns that a model reads only, in its order.

    Raises:
        DataError: one is not there.
    """
    there = [column.name for column in dataset.columns]
    missing = [name for name in columns if name not in there]
    if missing:
        raise DataError(f"the data lacks the column {missing[0]!r}, which the model reads")
    return x[:, :, [there.index(name) for name in columns]]


def spec_like(source: str, series: Mapping[str, Any]) -> DataSpec:
    """How data for a model of a series is to be read."""
    spec = DataSpec(source=source, target=(series["target"],), time=series["time"])
    sizes = {name: series[name] for name in ("horizon", "lookback")}
    known = tuple(series["known"]) or None
    return replace(spec, **sizes, season=series["season"] or None, known=known)
