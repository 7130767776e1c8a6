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

    def references(self, x: np.ndarray, series: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The naive forecast repeats the last value; the seasonal one the last season."""
        lookback, horizon = series["lookback"], series["horizon"]
        past = _filled(np.asarray(x[:, :lookback, 0], "float64"))
        found = {"naive": np.repeat(past[:, -1:], horizon, axis=1)}
        season = series["season"]
        if season:
            ahead = np.arange(horizon) % season
            found[f"seasonal naive ({season} steps)"] = past[:, lookback - season + ahead]
        return found

    def describe(self, names: Sequence[str]) -> str:
        """How far ahead."""
        steps = "step" if len(names) == 1 else "steps"
        return f"{len(names):,} {steps} ahead to predict"


def _filled(past: np.ndarray) -> np.ndarray:
    """[n, steps] with the value before in place of a missing one; 0 where there is none."""
    places = np.where(np.isnan(past), 0, np.arange(past.shape[1]))
    np.maximum.accumulate(places, axis=1, out=places)
    return np.nan_to_num(np.take_along_axis(past, places, axis=1))


FORECAST = Forecast()
