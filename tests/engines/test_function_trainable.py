"""Objectives of the user's own: a returned value is a trial's last word."""

from __future__ import annotations

import pytest

import autotrain
from autotrain.space import Space

SPACE = Space.from_dict(
    {
        "name": "own",
        "objective": {"metric": "value", "direction": "minimize"},
        "parameters": {"x": {"float": [0.0, 1.0]}},
    }
)


@pytest.mark.parametrize("pruner", ["asha", "median", "none"])
@pytest.mark.parametrize("form", ["number", "mapping"])
def test_a_trial_that_returns_its_value_is_complete(tmp_path, pruner, form):
    def objective(params, reporter):
        return params["x"] if form == "number" else {"value": params["x"], "more": 1.0}

    study = autotrain.search(
        SPACE, objective=objective, trials=12, epochs=20, pruner=pruner, workers=0, seed=1,
        display="none", runs=tmp_path,
    )  # fmt: skip
    assert {trial.status.value for trial in study.trials} == {"COMPLETE"}
    assert study.best_value == min(trial.params["x"] for trial in study.trials)


def test_what_reports_and_is_told_to_stop_is_pruned_still(tmp_path):
    def objective(params, reporter):
        for _ in range(reporter.epochs):
            reporter.report(value=params["x"])
        return params["x"]

    study = autotrain.search(
        SPACE, objective=objective, trials=12, epochs=9, pruner="asha", workers=0, seed=1,
        display="none", runs=tmp_path,
    )  # fmt: skip
    assert {"PRUNED", "COMPLETE"} <= {trial.status.value for trial in study.trials}
