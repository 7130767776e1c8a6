"""The leaderboard: intervals, ties, the best of everything, and figures of real models."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

import autotrain
from autotrain.analysis.leaderboard import pareto
from autotrain.analysis.statistics import interval, ranks, resampled, tied
from autotrain.analysis.workspace import load_stored
from autotrain.api.confirm import confirm
from autotrain.api.leaderboard import leaderboard
from autotrain.errors import ConfigurationError
from autotrain.reports import leaderboard_formats as forms
from autotrain.tasks.classification import CLASSIFICATION
from boards import example_board


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


def test_a_frame_has_a_row_for_each_entry_and_its_counts_are_whole():
    frame = example_board().frame()
    assert list(frame.columns) == list(example_board().columns)
    assert list(frame["parameters"]) == [10, 20]
    assert [str(frame[name].dtype) for name in ("flops", "seeds", "low", "mean")] == [
        "Int64", "Int64", "float64", "float64"
    ]  # fmt: skip
    assert frame["flops"].isna().tolist() == [True, False]
    assert example_board(trial=["7+2", 1]).frame()["trial"].tolist() == ["7+2", 1]


def test_pareto_keeps_what_nothing_beats():
    assert [e["trial"] for e in pareto(example_board(), ["val_accuracy", "latency"]).entries] == [
        0,
        1,
    ]
    assert [
        e["trial"] for e in pareto(example_board(), ["val_accuracy", "parameters"]).entries
    ] == [0]
    with pytest.raises(ConfigurationError, match=r"got 'latncy'\. did you mean 'latency'"):
        pareto(example_board(), ["latncy"])


# Real models.


def test_figures_are_those_of_scikit_learn_on_the_stored_outputs(runs):
    found = leaderboard(["one"], runs, test=True)
    study = autotrain.load_study("one", runs)
    assert len(found.entries) == 3
    for row in found.entries:
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
    leaderboard(["one"], runs, test=True)
    study = autotrain.load_study("one", runs)
    before = study.paths.test.read_text()
    stamp = study.paths.trial(0).test_outputs.stat().st_mtime_ns
    leaderboard(["one"], runs, test=True)
    assert study.paths.test.read_text() == before
    assert study.paths.trial(0).test_outputs.stat().st_mtime_ns == stamp
    assert set(json.loads(before)) == {"0", "1", "2"}
    assert all("date" in entry for entry in json.loads(before).values())
    assert not any(c.startswith("test_") for c in leaderboard(["one"], runs).columns)


def test_the_best_of_each_of_several_studies_equal_ones_tied(runs):
    found = leaderboard([], runs)
    assert sorted(found.frame()["study"]) == ["one", "two"]
    assert list(found.frame()["rank"]) == [1, 1]  # the same seed, so the same model
    assert found.notes == ()


def test_without_weights_there_is_no_interval_and_it_says_so(tmp_path):
    space = autotrain.Space({"x": autotrain.Float(0.0, 1.0)}, "val_loss", name="function",
                            budget={"epochs": 1})  # fmt: skip
    autotrain.search(space, objective=lambda params, reporter: params["x"], workers=0, trials=3,
                     runs=tmp_path, display="none")  # fmt: skip
    found = leaderboard(["function"], tmp_path)
    assert list(found.frame()["rank"]) == [1, 2, 3]
    assert found.frame()["val_loss"].is_monotonic_increasing
    assert found.frame()["low"].isna().all()
    assert "no interval" in found.notes[0]


def test_nothing_to_rank_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match="no complete trial in any study of"):
        leaderboard([], tmp_path)


def test_confirmed_entries_stand_first_by_their_mean(runs):
    assert confirm(load_stored("two", runs), 2, 2, workers=2, gpus="none")
    study = autotrain.load_study("two", runs)
    assert len(list(study.paths.confirm.glob("*-*/result.json"))) == 4
    found = leaderboard(["two"], runs).frame()
    assert list(found["seeds"].dropna()) == [2.0, 2.0]
    assert found["mean"].dropna().is_monotonic_decreasing
    assert list(found["mean"].isna()) == [False, False, True]
    first = study.paths.confirm / f"{found['trial'][0]}-0" / "result.json"
    assert 0 <= json.loads(first.read_text())["values"][0] <= 1
    stamp = first.stat().st_mtime_ns
    assert confirm(load_stored("two", runs), 2, 2)
    assert first.stat().st_mtime_ns == stamp
    text = forms.as_csv(leaderboard(["two"], runs))
    assert "mean" in text.splitlines()[0]


@pytest.mark.parametrize(("count", "seeds"), [(0, 3), (2, 1), (2, 1000)])
def test_impossible_confirmations_are_refused(runs, count, seeds):
    with pytest.raises(ConfigurationError, match="--confirm must be at least 1"):
        confirm(load_stored("two", runs), count, seeds)
