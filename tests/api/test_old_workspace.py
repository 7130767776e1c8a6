"""A workspace written by version 0.1.0 before its parts were moved: it opens, goes on, and exports.

`fixtures/workspace_0.1.0.zip` has three studies (one of them interrupted), a table, and in
`continued.json` how the same version went on with them: the trials in full, epoch by epoch.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

import autotrain
from autotrain.analysis.workspace import load_stored
from autotrain.api.export import ExportOptions, export

FILE = Path(__file__).parents[1] / "fixtures" / "workspace_0.1.0.zip"
QUICK = {"workers": 1, "gpus": "none", "report": False, "display": "none", "backend": "tensorflow"}
SHAPE = {"overrides": {"depth": 1, "width": 8}}
SEARCHES = {
    "digits": ("digits_cnn", {"trials": 8, "epochs": 3, "seed": 3, **SHAPE}),
    "halted": ("digits_cnn", {"trials": 6, "epochs": 9, "seed": 4, **SHAPE}),
    "prices": (
        "tabular_regression",
        {"trials": 7, "epochs": 3, "seed": 3, "data": "mixed.csv", "target": "price"},
    ),
}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(FILE) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def old(unpacked, tmp_path, monkeypatch):
    """A copy of the workspace, in which the test runs."""
    shutil.copytree(unpacked, tmp_path / "old")
    monkeypatch.chdir(tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture(scope="module")
def continued(unpacked):
    return json.loads((unpacked / "continued.json").read_text())


def test_old_studies_are_read(old):
    counts = {name: autotrain.load_study(name).counts for name in SEARCHES}
    assert counts == {
        "digits": {"COMPLETE": 1, "PRUNED": 4},
        "halted": {"RUNNING": 1, "PAUSED": 5},
        "prices": {"COMPLETE": 1, "PRUNED": 3},
    }
    best = autotrain.load_study("digits").best_trial
    assert (best.number, best.best_epoch, best.last_epoch) == (1, 3, 3)
    assert best.seconds > 0


@pytest.mark.parametrize("name", SEARCHES)
def test_search_goes_on_as_the_old_version_did(old, continued, name):
    space, options = SEARCHES[name]
    study = autotrain.search(space, study=name, **QUICK, **options)
    wanted = continued[name]
    assert [dict(trial.params) for trial in study.trials] == [t["params"] for t in wanted]
    assert [str(trial.status) for trial in study.trials] == [t["state"] for t in wanted]
    for trial, then in zip(study.trials, wanted, strict=True):
        assert len(trial.epochs) == len(then["epochs"])
        for epoch, metrics in zip(trial.epochs, then["epochs"], strict=True):
            now = {k: v for k, v in epoch.metrics.items() if k != "train_seconds"}
            # Another processor may order its sums in another way.
            assert now == pytest.approx(metrics, rel=2e-3, abs=2e-3)


def test_old_configuration_trains_to_the_recorded_metrics(old):
    found = autotrain.train("runs/digits/trials/1/config.yaml")
    assert found.recorded == len(found.epochs) == 3
    recorded = autotrain.load_study("digits").trials[1].epochs
    for now, then in zip(found.epochs, recorded, strict=True):
        names = now.metrics.keys() - {"train_seconds"}
        assert {n: now.metrics[n] for n in names} == pytest.approx(
            {n: then.metrics[n] for n in names}, rel=2e-3, abs=2e-3
        )


def test_old_study_is_exported(old):
    card = export(load_stored("digits"), old / "model", ExportOptions(gpus="none"))
    assert card["members"][0]["trial"] == 1
    assert card["check"]["agreement"] == 1.0
