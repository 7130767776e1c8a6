"""The next values of a series of measurements."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np

from autotrain.errors import DataError
from autotrain.tasks.metrics import mean_of
from autotrain.tasks.regression import NumberAnswers, Regression


class ForecastAnswers(NumberAnswers):
    """Predicted numbers [n, horizon] with the true ones.

    Attributes:
        naive_error: of the naive forecast on the training part; None where it is not known.
    """

    def __init__(
        self, predictions: np.ndarray, targets: np.ndarray, naive_error: float | None
    ) -> None:
        super().__init__(predictions, targets)
        self.naive_error = naive_error

    @cached_property
    def scaled(self) -> np.ndarray:
        """[n, horizon] absolute errors in naive ones."""
        return np.abs(self.errors) / (self.naive_error or np.nan)


def _unscaled(answers: ForecastAnswers) -> str:
    return "" if answers.naive_error else "the error of the naive forecast is not known"


class Forecast(Regression):
    """Numbers, one for each step ahead: outputs [n, horizon] in the series' own units.

    Examples are windows of one series in time order; see `data/series.py`.
    """

    name = "forecast"
    words = "the next numbers of a series"
    plural = "steps ahead"
    plain = {
        **Regression.plain,
        "mase": mean_of("minimize", lambda a: a.scaled.mean(axis=1), undefined=_unscaled),
    }
    quick = (*Regression.quick, "mase")
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

    def answers(self, outputs: np.ndarray, targets: np.ndarray) -> ForecastAnswers:
        """See `Task`; they know the naive forecast's error where the task is `fitted`."""
        return ForecastAnswers(outputs, targets, self._naive_error)

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
