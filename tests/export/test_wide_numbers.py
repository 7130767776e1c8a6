"""Numbers with a large offset: right in a search, and in models of every format."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

import autotrain
from autotrain.data import data_folder, open_arrays, open_info
from autotrain.serving import predict as script
from autotrain.serving.answers import ANSWERS

BASE, FIRST = 1_700_000_000.5, 1_700_000_000_000


def write(path, columns):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def table(colours, count=300):
    rng = np.random.default_rng(0)
    stamp, x = FIRST + rng.integers(0, 59, count), rng.normal(size=count)
    colour = rng.choice(["red", "blue"], count)
    amount = x + (stamp - FIRST - 29) / 20 + (colour == "red") * colours
    columns = {"stamp_ms": [int(s) for s in stamp], "x": [f"{v:.4f}" for v in x]}
    if colours:
        columns["colour"] = colour.tolist()
    return columns, BASE + 10 * amount


@pytest.fixture(scope="module", params=[True, False], ids=["with strings", "numbers"])
def study(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide")
    columns, target = table(request.param)
    write(folder / "new.csv", columns)
    write(folder / "rows.csv", {**columns, "when": [f"{v:.2f}" for v in target]})
    found = autotrain.search(
        "tabular_regression", str(folder / "rows.csv"), target="when", runs=folder / "runs",
        trials=2, epochs=25, workers=1, pruner="none", gpus="none", display="none", report=False,
        overrides={"dropout": 0.0, "loss": "mse", "learning_rate": 0.01, "batch_size": 16},
    )  # fmt: skip
    return found, folder, target


def test_prepared_arrays_are_as_they_came(study):
    found, folder, target = study
    arrays_folder = data_folder(folder / "runs" / ".data", found.settings.data.fingerprint)
    info, arrays = open_info(arrays_folder), open_arrays(arrays_folder)
    assert info == found.settings.data
    assert arrays.x_train.dtype == arrays.y_train.dtype == np.float64
    assert set(np.round(arrays.y_train, 2)) <= set(np.round(target, 2))
    assert len(np.unique(arrays.x_train[:, 0])) > 50
    assert info.offset[0] == pytest.approx(arrays.x_train[:, 0].mean(), abs=0.01)
    assert info.target_offset[0] == pytest.approx(arrays.y_train.mean(), abs=1e-4)
    assert len(info.offset) == info.input_shape[0]


def test_the_search_sees_differences_of_the_targets(study):
    found, _, target = study
    assert 0 < found.best_trial.values[0] < target.std() / 2
    found.leaderboard(gpus="none", test=True, top=1)
    (tested,) = json.loads(found.paths.test.read_text()).values()
    assert 0 < tested["metrics"]["rmse"] < target.std() / 2


@pytest.mark.parametrize("number", [0, 1])
def test_every_format_predicts_with_all_digits(study, number):
    found, folder, target = study
    strings = len(found.settings.data.columns) == 3
    format = (("keras", "onnx") if strings else ("saved_model", "litert"))[number]
    out = folder / f"{format}-{found.settings.data.input_shape[0]}"
    found.export(out, format=format, gpus="none")
    frame = autotrain.predict(out, folder / "new.csv")
    errors = frame["when"].to_numpy() - target
    assert np.sqrt(np.square(errors).mean()) < target.std() / 2
    assert frame["when"].nunique() > 290
    script_out = folder / "answers.csv"
    autotrain.predict(out, folder / "new.csv", script_out)
    written = [float(row["when"]) for row in csv.DictReader(script_out.open())]
    np.testing.assert_allclose(written, frame["when"], atol=1e-4, rtol=0)


def test_a_mean_of_several_models_keeps_the_digits(study):
    found, folder, target = study
    if len(found.settings.data.columns) == 2:
        return  # less than the same with strings
    out = folder / "mean"
    found.export(out, format="onnx", refit=True, seeds=2, gpus="none")
    errors = autotrain.predict(out, folder / "new.csv")["when"].to_numpy() - target
    assert np.sqrt(np.square(errors).mean()) < target.std() / 2


def test_the_model_reads_what_the_table_holds(study):
    found, folder, target = study
    if len(found.settings.data.columns) == 2:
        rows = np.array([*csv.reader((folder / "new.csv").open())][1:], float)
        answers = found.load_model().predict_on_batch(rows)[:, 0]
        assert np.sqrt(np.square(answers - target).mean()) < target.std() / 2


def test_numbers_are_written_with_the_digits_that_they_have():
    cells = ANSWERS["numbers"].cells
    assert cells(["t"], np.array([1700000045.7125])) == ["1700000045.7125"]
    assert cells(["t"], np.array([0.1], "float32")) == ["0.1"]
    assert script.reads_wide(object()) is False
