"""Numbers: metrics equal scikit-learn's, several models answer with their mean."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from autotrain.tasks.regression import REGRESSION

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("outputs", [1, 3])
def test_regression_metrics_equal_scikit_learns(outputs):
    truth = RNG.normal(size=(200, outputs)) * 5 + 20
    guess = truth + RNG.normal(size=truth.shape)
    ours = REGRESSION.evaluate(
        guess, truth[:, 0] if outputs == 1 else truth, ("mape", "pinball_0.9", "pinball_.05")
    )
    assert ours == pytest.approx({
        "loss": sk.mean_squared_error(truth, guess),
        "mse": sk.mean_squared_error(truth, guess),
        "rmse": sk.root_mean_squared_error(truth, guess),
        "mae": sk.mean_absolute_error(truth, guess),
        "r2": sk.r2_score(truth, guess),
        "mape": sk.mean_absolute_percentage_error(truth, guess),
        "pinball_0.9": sk.mean_pinball_loss(truth, guess, alpha=0.9),
        "pinball_.05": sk.mean_pinball_loss(truth, guess, alpha=0.05),
    })  # fmt: skip


def test_numbers_one_by_one_equal_scikit_learns():
    rng = np.random.default_rng(6)
    targets = rng.normal(size=(50, 3)).astype("float32")
    predictions = targets + rng.normal(size=(50, 3)) * [0.1, 1.0, 2.0]
    found = REGRESSION.by_class(predictions, targets)
    for name, function in [
        ("rmse", sk.root_mean_squared_error),
        ("mae", sk.mean_absolute_error),
        ("r2", sk.r2_score),
    ]:
        right = function(targets, predictions, multioutput="raw_values")
        assert found[name] == pytest.approx(right), name


def test_members_answer_with_their_mean():
    one, two = np.random.default_rng(0).normal(0, 3, (2, 6, 4)).astype("float32")
    np.testing.assert_allclose(REGRESSION.mean([one, two]), (one + two) / 2, rtol=1e-5)


def test_a_difference_is_a_share_of_the_spread():
    wanted = np.array([[0.0], [50.0], [100.0]])
    found = wanted + np.array([[0.0], [0.5], [20.0]])
    assert REGRESSION.difference(found, wanted) == (0.2, 2 / 3)


def test_data_may_leave_a_metric_undefined():
    y, guess = np.array([0.0, 0.0, 0.0]), np.ones((3, 1))
    found = REGRESSION.undefined(y, ["mape", "r2", "mae"], 1)
    assert found == {
        "mape": "it divides by the true values, and 3 of them are 0",
        "r2": "all true values are the same",
    }
    assert "r2" not in REGRESSION.evaluate(guess, y, ["mape"])
    assert REGRESSION.by_class(guess, y)["r2"] == [None]


def test_a_quantile_lies_between_0_and_1():
    assert REGRESSION.metric("pinball_0.0") is None
    assert REGRESSION.metric("pinball_1.0") is None
