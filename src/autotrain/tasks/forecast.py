"""The next values of a series of measurements."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from autotrain.errors import DataError
from autotrain.tasks.regression import Regression


class Forecast(Regression):
    """Numbers, one for each step ahead: outputs [n, horizon] in the series' own units.

    Examples are windows of one series in time order; see `data/series.py`.
    """

    name = "forecast"
    words = "the next numbers of a series"
    plural = "steps ahead"
    metrics = {**Regression.metrics, "mase": "minimize"}
    first_metric = "mae"
    compared = ("mae", "rmse", "mase")
    modalities = ("sequence",)
    in_time = True
    _naive_error: float | None = None

    def fitted(self, series: Mapping[str, Any]) -> Self:
        """With the error of the naive forecast on the training part, by which MASE is scaled."""
        found = copy.copy(self)
        found._naive_error = series.get("naive_error")
        return found

    def learnt(self, where: str, values: np.ndarray) -> dict[str, Any]:
        """The mean error of the naive forecast one step ahead (Hyndman and Koehler 2006)."""
        steps = np.abs(np.diff(values))
        known = steps[~np.isnan(steps)]
        if not known.size or not known.any():
            raise DataError(f"{where}: the series must vary in its training part, and never does")
        return {"naive_error": float(known.mean())}

    def evaluate(
        self, outputs: np.ndarray, targets: np.ndarray, wanted: Iterable[str] = ()
    ) -> dict[str, float]:
        """See `Task`; with the mean absolute scaled error where it is `fitted`."""
        found = super().evaluate(outputs, targets, wanted)
        if self._naive_error is None:
            return found
        return {**found, "mase": found["mae"] / self._naive_error}

    def references(
        self, values: np.ndarray, first: np.ndarray, series: Mapping[str, Any]
    ) -> dict[str, np.ndarray]:
        """The naive forecast repeats the last value; the seasonal one the last season."""
        season, ahead = series["season"], np.arange(series["horizon"])
        known = _filled(values)
        found = {"naive": np.repeat(known[first - 1, None], len(ahead), axis=1)}
        if season:
            rows = first[:, None] - season + ahead % season
            found[f"seasonal naive ({season} steps)"] = known[rows]
        return found

    def describe(self, names: Sequence[str]) -> str:
        """How far ahead."""
        steps = "step" if len(names) == 1 else "steps"
        return f"{len(names):,} {steps} ahead to predict"


def _filled(values: np.ndarray) -> np.ndarray:
    """[rows] with the value before in place of a missing one; 0 where there is none."""
    places = np.where(np.isnan(values), 0, np.arange(len(values)))
    return np.nan_to_num(values[np.maximum.accumulate(places)])


FORECAST = Forecast()
