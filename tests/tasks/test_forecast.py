"""Forecasts: errors scaled by the naive forecast's, and what needs no training."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.errors import DataError
from autotrain.tasks.forecast import FORECAST

SERIES = {"horizon": 3, "season": 2}


def test_mase_is_the_mae_over_the_naive_error_of_the_training_part():
    learnt = FORECAST.learnt("here", np.array([1.0, 3.0, 2.0, np.nan, 5.0, 5.0]))
    assert learnt == {"naive_error": 1.0}  # of the steps 2, 1 and 0
    task = FORECAST.fitted({"naive_error": 2.0})
    outputs, targets = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 3.0], [6.0, 4.0]])
    found = task.evaluate(outputs, targets)
    assert found["mae"] == 1.0
    assert found["mase"] == 0.5
    assert "mase" not in FORECAST.evaluate(outputs, targets)


def test_a_series_that_never_varies_is_refused():
    with pytest.raises(DataError, match="must vary in its training part"):
        FORECAST.learnt("here", np.ones(9))


def test_naive_forecasts_repeat_the_last_value_and_the_last_season():
    values = np.array([1.0, 2.0, 3.0, np.nan, 5.0, 6.0, 7.0])
    found = FORECAST.references(values, np.array([2, 3, 4]), SERIES)
    assert found["naive"].tolist() == [[2, 2, 2], [3, 3, 3], [3, 3, 3]]
    assert found["seasonal naive (2 steps)"].tolist() == [[1, 2, 1], [2, 3, 2], [3, 3, 3]]
    assert list(FORECAST.references(values, np.array([2]), {**SERIES, "season": 0})) == ["naive"]


def test_naive_forecasts_read_nothing_from_their_first_target_on():
    values, first = np.arange(20.0), np.array([10])
    wanted = FORECAST.references(values, first, SERIES)
    values[10:] = 99
    found = FORECAST.references(values, first, SERIES)
    assert {name: f.tolist() for name, f in found.items()} == {
        name: w.tolist() for name, w in wanted.items()
    }
