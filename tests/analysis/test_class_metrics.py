"""A metric of one class, whose name is as odd as people's are, from the search to the report."""

from __future__ import annotations

import csv
import html
import json

import numpy as np
import pytest
from sklearn import metrics as sk

import autotrain
from autotrain.storage.metrics_csv import read_epochs

NAMES = ("stays|<b>", '[red]läuft: 50%, "x"')
METRIC = f"f2:{NAMES[1]}"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    rng = np.random.default_rng(0)
    with (folder / "odd.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "state"])
        for a, b in rng.normal(size=(200, 2)):
            writer.writerow([f"{a:.3f}", f"{b:.3f}", NAMES[int(a + b + rng.normal(0, 0.5) > 0.5)]])
    space = autotrain.Space(
        {"learning_rate": autotrain.Float(0.05, 0.1), "width": 8, "depth": 1},
        [f"val_{METRIC}", "val_log_loss", "val_recall:" + NAMES[0]],
        model="mlp", task="tabular_classification", threshold="objective",
    )  # fmt: skip
    found = autotrain.search(
        space, str(folder / "odd.csv"), target="state", study="odd", runs=folder / "runs", trials=2,
        epochs=3, workers=1, pruner="none", gpus="none", display="none", report=False,
    )  # fmt: skip
    found.leaderboard(gpus="none")  # which measures the best
    return found


def stored(study):
    with np.load(study.paths.trial(study.leader.number).outputs) as found:
        names = study.settings.prepared.class_names
        said = np.array(names)[found["outputs"].argmax(axis=1)]
        return np.array(names)[found["targets"]], said


def test_a_trial_is_worth_what_scikit_learn_says(study):
    truth, said = stored(study)
    best = study.leader
    expected = [
        sk.fbeta_score(truth == NAMES[1], said == NAMES[1], beta=2),
        sk.recall_score(truth == NAMES[0], said == NAMES[0]),
    ]
    assert [best.values[0], best.values[2]] == pytest.approx(expected)
    recorded = read_epochs(study.paths.trial(best.number).metrics)[best.best_epoch - 1].metrics
    assert recorded[f"val_{METRIC}"] == best.values[0]
    assert "val_auc" not in recorded  # nobody asked
    assert [o.direction for o in study.settings.space.objectives] == [
        "maximize",
        "minimize",
        "maximize",
    ]


def test_leaderboard_and_report_have_it_with_interval_and_baselines(study, tmp_path):
    board = study.leaderboard(gpus="none")
    entry = board.entries[0]
    assert entry["low"] < entry[f"val_{METRIC}"] < entry["high"]
    page = study.report(tmp_path / "r.html", gpus="none", baselines=True).read_text("utf-8")
    assert html.escape(f"val_{METRIC}", quote=False).replace('"', "&#34;") in page
    models = json.loads(study.paths.baselines.read_text())["models"]
    assert models["most frequent class"][METRIC] == 0.0
    assert models["logistic regression"][METRIC] > 0.5
    assert {"auc", "mcc", "log_loss"} <= set(models["random forest"])


def test_the_card_has_intervals_and_the_threshold_that_the_space_asks_for(study, tmp_path):
    folder = study.export(tmp_path / "m", gpus="none")
    card = json.loads((folder / "card.json").read_text("utf-8"))
    low, high = card["metrics"]["interval"][METRIC]
    assert low < card["metrics"]["validation"][METRIC] < high
    assert set(card["metrics"]["interval"]) == {METRIC, "log_loss", "recall:" + NAMES[0]}
    assert card["threshold"]["metric"] == METRIC
    assert card["threshold"]["likelier"] == pytest.approx(study.leader.values[0])
    assert card["threshold"]["validation"] >= card["threshold"]["likelier"]
    assert card["metrics"]["validation"][METRIC] == pytest.approx(card["threshold"]["validation"])
    plain = study.export(tmp_path / "n", gpus="none", threshold="none")
    assert json.loads((plain / "card.json").read_text("utf-8"))["threshold"] is None
