"""Searches recorded by version 0.1.0 before its parts were moved: the same proposals, the same ends.

`fixtures/searches.json.gz` has for each case its settings and, trial by trial, what came of it.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from autotrain.space import Choice, Float, Int, Space

FILE = Path(__file__).parents[1] / "fixtures" / "searches.json.gz"
CASES = json.loads(gzip.decompress(FILE.read_bytes()))
GRID = Space(
    {
        "a": Int(1, 4),
        "k": Choice(["p", "q"]),
        "b": Float(0.0, 1.0, step=0.5, when={"k": "p"}),
        "lr": Choice([1e-3, 1e-2]),
    },
    {"metric": "val_accuracy", "direction": "maximize"},
)
QUEUE = [
    {"depth": 1, "lr": 0.01},
    {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    {"width": 64, "units": 100},
]
SETTINGS = ("epochs", "first_rung", "strategy", "population", "interval")


def curve_of(case: dict[str, Any], accuracy):
    def failing(params, epoch):
        if params["depth"] == 3 and epoch == 2:
            raise RuntimeError("boom")
        return accuracy(params, epoch)

    def on_grid(params, epoch):
        width = 32 + 8 * params.get("b", 0)
        return accuracy({"depth": params["a"], "lr": params["lr"], "width": width}, epoch)

    return failing if case.get("failing") else on_grid if case.get("grid") else accuracy


def options_of(case: dict[str, Any]) -> dict[str, Any]:
    options = {"sampler": case["sampler"]}
    if "target" in case:
        options["target"] = case["target"]
    if case.get("infeasible"):
        options["problems"] = lambda params: ["too deep"] if params["depth"] == 4 else []
    return options


def name_of(record: dict[str, Any]) -> str:
    case = record["case"]
    more = [key for key, value in case.items() if value is True or key == "target"]
    chosen = case["pruner"] if "strategy" not in case else case["strategy"]
    return "-".join([case["sampler"], chosen, str(case["workers"]), *more])


@pytest.mark.parametrize("disk", [True, False], ids=["sqlite", "memory"])
@pytest.mark.parametrize("record", CASES, ids=name_of)
def test_search_is_the_recorded_one(new_lab, tools, record, disk):
    case = record["case"]
    if case["sampler"] == "cmaes" and importlib.util.find_spec("cmaes") is None:
        pytest.skip("cmaes is not installed")
    if not disk and case["workers"] > 1:
        pytest.skip("the storage decides about nothing; half of the cases show that")
    settings = {name: case[name] for name in SETTINGS if name in case}
    space = GRID if case.get("grid") else tools.conditional_space()
    lab = new_lab(disk, pruner=case["pruner"], space=space, **settings)
    totals = [case["trials"]]
    if case.get("resumed"):
        totals.insert(0, case["trials"] // 2)
    for total in totals:
        session = lab.open(total, **options_of(case))
        if case.get("queue"):
            session.enqueue(QUEUE)
        tools.drive(session, curve_of(case, tools.accuracy), case["workers"])
    found = [
        {
            "params": trial.params,
            "state": state,
            "values": list(trial.values),
            "last": trial.last_epoch,
            "best": trial.best_epoch,
        }
        for trial, state in zip(tools.trials(session), tools.states(session), strict=True)
    ]
    assert found == record["trials"]
