"""The leaderboard: intervals, ties, forms for programs, and figures of real models."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

import autotrain
from autotrain.analysis.leaderboard import Leaderboard, pareto
from autotrain.analysis.statistics import interval, ranks, resampled, tied
from autotrain.api.confirm import confirm
from autotrain.api.leaderboard import rank
from autotrain.engines.callbacks import Observer
from autotrain.errors import ConfigurationError
from autotrain.reports import leaderboard_formats as forms
from autotrain.tasks.classification import CLASSIFICATION


def answers(share, count=400, seed=0):
    """Logits of a model that is right in a share of the examples, and the targets."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 3, count)
    right = rng.permutation(count) < share * count
    shown = np.where(right, targets, (targets + 1) % 3)
    return np.eye(3)[shown], targets


def test_the_interval_of_an_accuracy_is_that_of_a_share():
    outputs, targets = answers(0.8)
    low, high = interval(resampled(CLASSIFICATION, "accuracy", outputs, targets))
    error = 1.96 * np.sqrt(0.8 * 0.2 / 400)
    assert low == pytest.approx(0.8 - error, abs=0.01)
    assert high == pytest.approx(0.8 + error, abs=0.01)


def test_draws_of_any_metric_hold_its_value():
    outputs, targets = answers(0.7)
    draws = resampled(CLASSIFICATION, "macro_f1", outputs, targets)
    value = f1_score(targets, outputs.argmax(axis=1), average="macro")
    low, high = interval(draws)
    assert low < value < high


def test_the_same_examples_tell_apart_what_their_intervals_do_not():
    outputs, targets = answers(0.8)
    worse = outputs.copy()
    wrong = np.flatnonzero(outputs.argmax(axis=1) == targets)[:12]  # the same mistakes and 12 more
    worse[wrong] = np.eye(3)[(targets[wrong] + 1) % 3]
    one = resampled(CLASSIFICATION, "accuracy", outputs, targets)
    other = resampled(CLASSIFICATION, "accuracy", worse, targets)
    assert interval(one)[0] < interval(other)[1]  # they overlap
    assert not tied(one, other)
    assert tied(one, one)


def test_ranks_are_shared_with_the_first_of_a_rank():
    steady = np.zeros(100)
    draws = [steady, steady - np.linspace(-0.1, 0.2, 100), steady - 1.0, steady - 1.0]
    assert ranks(draws) == [1, 1, 3, 3]


def board(**columns):
    table = pd.DataFrame({"rank": [1, 2], "study": ["a", "b"], "trial": [0, 1],
                          "val_accuracy": [0.9, 0.8], "mean": [None, None],
                          "seeds": [None, None], "low": [0.8, np.nan], "high": [0.95, np.nan],
                          "parameters": [10, 20], "bytes": [40, 80], "flops": [None, 5],
                          "latency_1_ms": [2.0, 1.0], "latency_64_ms": [5.0, 4.0],
                          "train_s": [1.0, 2.0], "epochs": [3, 3], "gpu_hours": [0.1, 0.1],
                          "pruned": [0.5, 0.5], **columns})  # fmt: skip
    return Leaderboard(table, "val_accuracy", ("data differs: a 1, b 2",))


def test_cells_that_begin_a_formula_are_defused():
    text = forms.as_csv(board(study=['=HYPERLINK("x")', "-1+1"]))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["study"] for row in rows] == ['\'=HYPERLINK("x")', "'-1+1"]
    assert rows[0]["val_accuracy"] == "0.9"
    assert rows[1]["low"] == ""


def test_hostile_names_are_harmless_everywhere():
    hostile = "</script><img src=x onerror=alert(1)>|`\n*"
    found = board(study=[hostile, "b"])
    page = forms.as_html(found)
    assert "<img" not in page
    assert "&lt;img" in page
    assert "default-src 'none'" in page
    lines = forms.as_markdown(found).splitlines()
    assert len([line for line in lines if line.startswith("|")]) == 4
    assert "\\|" in lines[2]
    assert json.loads(forms.as_json(found))["entries"][0]["study"] == hostile


def test_json_has_no_nan_and_the_notes():
    found = json.loads(forms.as_json(board()))
    assert found["entries"][1]["low"] is None
    assert found["notes"] == ["data differs: a 1, b 2"]


def test_pareto_keeps_what_nothing_beats():
    assert list(pareto(board(), ["val_accuracy", "latency"]).table["trial"]) == [0, 1]
    assert list(pareto(board(), ["val_accuracy", "parameters"]).table["trial"]) == [0]
    with pytest.raises(ConfigurationError, match=r"got 'latncy'\. did you mean 'latency'"):
        pareto(board(), ["latncy"])


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_gets_as_many_columns_as_it_has_room_for(width):
    from rich.console import Console

    table = forms.as_table(board(), width)
    console = Console(width=width, file=io.StringIO())
    console.print(table)
    assert "…" not in console.file.getvalue()
    assert (len(table.columns) > 8) == (width == 200)


# Real models.


def test_figures_are_those_of_scikit_learn_on_the_stored_outputs(runs):
    found = rank(["one"], runs, test=True)
    study = autotrain.load_study("one", runs)
    assert len(found.table) == 3
    for row in found.table.to_dict("records"):
        files = study.paths.trial(row["trial"])
        with np.load(files.outputs) as part, np.load(files.test_outputs) as test:
            shown = part["outputs"].argmax(axis=1)
            assert row["val_accuracy"] == pytest.approx(accuracy_score(part["targets"], shown))
            tested = test["outputs"].argmax(axis=1)
            assert row["test_accuracy"] == pytest.approx(accuracy_score(test["targets"], tested))
            facts = json.loads(files.facts.read_text())
            assert facts["metrics"]["balanced_accuracy"] == pytest.approx(
                balanced_accuracy_score(part["targets"], shown)
            )
        assert row["low"] <= row["val_accuracy"] <= row["high"]
        assert row["test_low"] <= row["test_accuracy"] <= row["test_high"]
        assert row["parameters"] == study.trials[row["trial"]].epochs[0].metrics["parameters"]
        assert row["bytes"] == 4 * row["parameters"]
        assert row["flops"] > row["parameters"]
        assert row["latency_1_ms"] > 0


def test_the_test_part_is_looked_at_once(runs):
    rank(["one"], runs, test=True)
    study = autotrain.load_study("one", runs)
    before = study.paths.test.read_text()
    stamp = study.paths.trial(0).test_outputs.stat().st_mtime_ns
    rank(["one"], runs, test=True)
    assert study.paths.test.read_text() == before
    assert study.paths.trial(0).test_outputs.stat().st_mtime_ns == stamp
    assert set(json.loads(before)) == {"0", "1", "2"}
    assert all("date" in entry for entry in json.loads(before).values())
    assert not any(c.startswith("test_") for c in rank(["one"], runs).table.columns)


def test_the_best_of_each_of_several_studies_equal_ones_tied(runs):
    found = rank([], runs)
    assert sorted(found.table["study"]) == ["one", "two"]
    assert list(found.table["rank"]) == [1, 1]  # the same seed, so the same model
    assert found.notes == ()


def test_without_weights_there_is_no_interval_and_it_says_so(tmp_path):
    space = autotrain.Space({"x": autotrain.Float(0.0, 1.0)}, "val_loss", name="function",
                            budget={"epochs": 1})  # fmt: skip
    autotrain.search(space, objective=lambda params, reporter: params["x"], workers=0, trials=3,
                     runs=tmp_path, observer=Observer())  # fmt: skip
    found = rank(["function"], tmp_path)
    assert list(found.table["rank"]) == [1, 2, 3]
    assert found.table["val_loss"].is_monotonic_increasing
    assert found.table["low"].isna().all()
    assert "no interval" in found.notes[0]


def test_nothing_to_rank_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match="no complete trial in any study of"):
        rank([], tmp_path)


def test_confirmed_entries_stand_first_by_their_mean(runs):
    assert confirm("two", 2, 2, runs, workers=2, gpus="none")
    study = autotrain.load_study("two", runs)
    assert len(list(study.paths.confirm.glob("*-*/result.json"))) == 4
    found = rank(["two"], runs).table
    assert list(found["seeds"].dropna()) == [2.0, 2.0]
    assert found["mean"].dropna().is_monotonic_decreasing
    assert list(found["mean"].isna()) == [False, False, True]
    first = study.paths.confirm / f"{found['trial'][0]}-0" / "result.json"
    assert 0 <= json.loads(first.read_text())["values"][0] <= 1
    stamp = first.stat().st_mtime_ns
    assert confirm("two", 2, 2, runs)
    assert first.stat().st_mtime_ns == stamp
    text = forms.as_csv(rank(["two"], runs))
    assert "mean" in text.splitlines()[0]


@pytest.mark.parametrize(("count", "seeds"), [(0, 3), (2, 1), (2, 1000)])
def test_impossible_confirmations_are_refused(runs, count, seeds):
    with pytest.raises(ConfigurationError, match="--confirm is at least 1"):
        confirm("two", count, seeds, runs)
