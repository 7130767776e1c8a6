"""Confirmation: every run once, other seeds than the search's, resumed where it was cut."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

import autotrain
from autotrain.analysis.statistics import mean_interval, same_mean
from autotrain.engines.callbacks import Callback
from autotrain.engines.function_trainable import FunctionTrainable
from autotrain.engines.inline import InlineEngine
from autotrain.storage.settings import FUNCTION, StudySettings
from autotrain.trial import Trial, TrialStatus
from autotrain.tuner.confirmation import Confirmation, ConfirmationPaths, recorded

SPACE = autotrain.Space({"x": autotrain.Float(0.0, 1.0)}, "val_loss", name="space",
                        budget={"epochs": 3})  # fmt: skip


def trial(number):
    params = {"x": number / 10}
    return Trial(number, params, values=(0.1,), outcome=TrialStatus.COMPLETE)


@dataclass(frozen=True)
class ByX(FunctionTrainable):
    """As if each value of x needed a program of its own."""

    def signature(self, params):
        return params["x"]


def confirmation(folder, seeds=3, numbers=(4, 7), objective=None):
    settings = StudySettings("space", SPACE, 3, 0, "none", FUNCTION, id="1")
    return Confirmation(
        settings,
        ConfirmationPaths(folder),
        ByX(objective or noisy),
        [trial(n) for n in numbers],
        seeds,
    )


def noisy(params, reporter):
    for epoch in range(1, reporter.epochs + 1):
        reporter.report(epoch, val_loss=params["x"] + reporter.seed / 2**31 / epoch)


def run(session):
    InlineEngine().run(session, Callback())
    return session


def test_every_trial_is_trained_over_every_seed_once(tmp_path):
    session = run(confirmation(tmp_path))
    assert session.is_over
    assert {k: len(v) for k, v in session.values().items()} == {4: 3, 7: 3}
    assert recorded(tmp_path) == {k: pytest.approx(v) for k, v in session.values().items()}
    assert len({session.seed(number) for number in session.trials}) == 6
    assert {p.name for p in tmp_path.iterdir() if p.is_dir()} == {
        "4-0", "4-1", "4-2", "7-0", "7-1", "7-2"
    }  # fmt: skip


def test_more_seeds_keep_what_is_there(tmp_path):
    first = run(confirmation(tmp_path, seeds=2)).values()
    stamps = {p: p.stat().st_mtime_ns for p in tmp_path.glob("*/result.json")}
    more = run(confirmation(tmp_path, seeds=3)).values()
    assert all(more[number][:2] == first[number] for number in first)
    assert all(p.stat().st_mtime_ns == stamp for p, stamp in stamps.items())


def test_interrupted_it_goes_on(tmp_path):
    class Stop(BaseException):
        pass

    calls = iter(range(100))

    def dying(params, reporter):
        if next(calls) == 3:
            raise Stop
        noisy(params, reporter)

    with pytest.raises(Stop):
        run(confirmation(tmp_path, objective=dying))
    assert len(list(tmp_path.glob("*/result.json"))) == 3
    whole = run(confirmation(tmp_path)).values()
    assert whole == run(confirmation(tmp_path.parent / "other")).values()


def test_a_failed_run_is_told_and_not_counted(tmp_path):
    def failing(params, reporter):
        if params["x"] > 0.5:
            raise ValueError("too large")
        noisy(params, reporter)

    session = run(confirmation(tmp_path, objective=failing))
    assert session.is_over
    assert {k: len(v) for k, v in session.values().items()} == {4: 3, 7: 0}
    assert json.loads((tmp_path / "7-0" / "result.json").read_text())["error"] == (
        "ValueError: too large"
    )
    assert set(recorded(tmp_path)) == {4}


def test_a_run_that_loses_its_worker_too_often_fails(tmp_path):
    session = confirmation(tmp_path)
    for _ in range(3):
        run = session.next_trial()
        session.on_assigned(run.number, 0)
        session.on_worker_lost(run.number, "killed")
    assert session.trials[4000].status is TrialStatus.FAIL


def test_known_structures_come_first(tmp_path):
    assert confirmation(tmp_path).next_trial(known=[0.7]).number == 7000


def test_the_interval_of_a_mean_is_student_s():
    low, high = mean_interval([1.0, 2.0, 3.0])
    assert (low, high) == pytest.approx((2 - 2.484, 2 + 2.484), abs=0.001)


def test_means_are_told_apart_when_seeds_agree():
    assert not same_mean([0.90, 0.91, 0.92], [0.80, 0.81, 0.82])
    assert same_mean([0.90, 0.80, 0.95], [0.85, 0.92, 0.81])
    assert same_mean([0.5, 0.5], [0.5, 0.5])
