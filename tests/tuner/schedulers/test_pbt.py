"""Population-based training: who is replaced by whom, values that move, structure that stays."""

from __future__ import annotations

import json
import sys

import cloudpickle
import numpy as np
import pytest

import autotrain
from autotrain import Choice, Fixed, Float, Int, TrialStatus
from autotrain.errors import ConfigurationError
from autotrain.reports.summary import facts, lineage, ranking_table
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, Trial
from autotrain.tuner.schedulers.base import Wait
from autotrain.tuner.schedulers.pb2 import Gain, best_values
from autotrain.tuner.schedulers.pbt import Population
from autotrain.tuner.schedulers.pbt import perturbed as explored
from autotrain.tuner.view import StudyView


@pytest.fixture
def population(bench):
    def make(size=4, interval=2, epochs=6, members=None):
        study = bench(Population(size, interval, epochs, 0, explored), epochs)
        for number in range(size if members is None else members):
            study.begin(number)
        return study

    return make


def score(study, end, scores):
    for number, value in scores.items():
        assert study.report(number, end, value) is Decision.PAUSE
        study.pause(number)


def test_nobody_goes_on_before_all_have_come(population):
    study = population()
    score(study, 2, {0: 0.1, 1: 0.2, 2: 0.3})
    assert study.promotable() == study.replacements() == []
    score(study, 2, {3: 0.4})
    assert study.replacements() == [(0, 3, 2)]
    study.prune(0)
    assert study.promotable() == [1, 2, 3]


@pytest.mark.parametrize("late", range(4))
def test_everybody_waits_for_the_one_who_is_late(population, late):
    study = population()
    score(study, 2, {number: number / 10 for number in range(4) if number != late})
    assert study.promotable() == study.replacements() == []


def test_members_between_the_ends_of_generations_go_on(population):
    assert population().report(0, 1, 0.5) is Decision.CONTINUE
    assert population().report(0, 6, 0.5) is Decision.CONTINUE


def test_the_worst_quarter_copies_the_best_quarter(population):
    study = population(size=8)
    score(study, 2, {number: number / 10 for number in range(8)})
    found = study.replacements()
    assert [loser for loser, _, _ in found] == [1, 0]
    assert {winner for _, winner, _ in found} <= {6, 7}


def test_a_replaced_member_is_not_replaced_again_and_its_copy_goes_on(population):
    study = population()
    score(study, 2, {0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4})
    study.begin(4, 2, parent=3)
    study.prune(0)
    assert study.replacements() == []
    assert study.promotable() == [1, 2, 3]
    for number in (1, 2, 3):
        study.resume(number)
    score(study, 4, {1: 0.5, 2: 0.5, 3: 0.5})
    assert study.replacements() == []  # the copy is still on its way
    score(study, 4, {4: 0.9})
    assert study.replacements() == [(3, 4, 4)]  # the later of equals, for the best


def test_a_failed_member_keeps_nobody_waiting(population):
    study = population()
    score(study, 2, {0: 0.1, 1: 0.2, 2: 0.3})
    study.fail(3)
    assert study.replacements() == [(0, 2, 2)]


def test_new_members_are_welcome_until_the_population_is_whole(population):
    study = population(size=2, interval=1, epochs=3, members=0)
    assert study.scheduler.next(study.view) is None
    study.begin(0)
    study.begin(1)
    assert study.scheduler.next(study.view) == Wait()
    study.begin(2, 1, parent=0)
    assert study.scheduler.next(study.view) == Wait()


@pytest.mark.parametrize(
    ("size", "interval", "message"),
    [(1, 1, "--population must be at least 2, got 1"), (4, 0, "got 0"), (4, 6, "within 1 and 5")],
)
def test_impossible_populations_are_refused(size, interval, message):
    with pytest.raises(ConfigurationError, match=message):
        Population(size, interval, 6, 0, explored)


SPACE = autotrain.Space(
    {
        "lr": Float(1e-4, 1.0, log=True),
        "rate": Float(0.0, 0.5, step=0.1),
        "units": Int(1, 64),
        "kind": Choice(["a", "b"]),
        "extra": Float(1.0, 2.0, when={"kind": "a"}),
        "batch": Fixed(32),
    },
    "val_loss",
    name="space",
    budget={"epochs": 6},
)


def perturbed(params, tunable, seed):
    """A copy's configuration in the space above."""
    settings = StudySettings("s", SPACE, 6, 0, "none", "function")
    return explored(StudyView(settings, 9, tunable), Trial(0, params), 2, seed)


def test_values_move_within_their_limits_and_structure_stays():
    params = {"lr": 0.9, "rate": 0.0, "units": 1, "kind": "a", "extra": 1.5, "batch": 32}
    seen = [perturbed(params, lambda name: name != "units", seed) for seed in range(200)]
    for changed in seen:
        assert list(changed) == list(params)
        assert SPACE.check(changed) == changed
        assert changed["units"] == 1
        assert changed["kind"] == "a"  # a condition asks about it
        assert changed["batch"] == 32
    assert {round(c["lr"], 6) for c in seen} >= {0.72, 1.0}
    assert len({c["rate"] for c in seen}) > 2
    assert perturbed(params, lambda name: True, 3) == perturbed(params, lambda name: True, 3)


def test_a_whole_number_moves_by_one_at_least():
    params = {"lr": 0.1, "rate": 0.1, "units": 2, "kind": "b", "batch": 32}
    units = {perturbed(params, lambda name: True, seed)["units"] for seed in range(100)}
    assert {1, 3} <= units
    assert 2 not in units or len(units) > 3  # only where it was drawn anew


def learning(params, reporter, before=lambda: None):
    """What a state is worth depends on all the epochs before it."""
    at = reporter.checkpoint
    state = json.loads(at.read_text()) if at.exists() else {"epoch": 0, "loss": 10.0}
    for epoch in range(state["epoch"] + 1, reporter.epochs + 1):
        before()
        state = {"epoch": epoch, "loss": state["loss"] * (1 - 0.3 * min(params["lr"], 0.5))}
        at.write_text(json.dumps(state))
        reporter.report(epoch, val_loss=state["loss"])


def search(tmp_path, objective=learning, **options):
    return autotrain.search(
        SPACE, objective=objective, runs=tmp_path / "runs", display="none",
        **{"trials": 9, "workers": 0, "strategy": "pbt", "population": 4, "interval": 2, "report": False, **options},
    )  # fmt: skip


def record(study):
    return [(t.params, t.status, t.values, tuple(t.epochs)) for t in study.trials]


def test_a_copy_goes_on_from_its_parent(tmp_path):
    study = search(tmp_path)
    copies = [t for t in study.trials if t.parent is not None]
    assert len(copies) == len(study.trials) - 4 > 0
    for copy in copies:
        parent = study.trials[copy.parent]
        start = copy.start_epoch
        assert copy.epochs[0].epoch == start + 1
        before = next(r for r in parent.epochs if r.epoch == start).metrics["val_loss"]
        factor = 1 - 0.3 * min(copy.params["lr"], 0.5)
        assert copy.epochs[0].metrics["val_loss"] == before * factor
    states = [t.status for t in study.trials]
    assert states.count(TrialStatus.COMPLETE) == 4
    assert states.count(TrialStatus.PRUNED) == len(copies)


def test_pb2_is_the_same_on_any_number_of_workers(tmp_path):
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    one = search(tmp_path, study="one", strategy="pb2", trials=12)
    two = search(tmp_path, study="two", strategy="pb2", trials=12, workers=2)
    assert record(one) == record(two)
    assert any(t.parent is not None for t in one.trials)
    assert one.best_value != search(tmp_path, study="pbt", trials=12).best_value


def test_the_bandit_goes_where_gains_are_high():
    draw = np.random.default_rng(0)
    points = draw.random((40, 2))
    gains = [
        Gain(i // 10, (float(x), float(y)), float(-((x - 0.7) ** 2)))
        for i, (x, y) in enumerate(points)
    ]
    found = [best_values(gains, 4, seed)[0] for seed in range(5)]
    assert all(abs(x - 0.7) < 0.2 for x in found)


def test_the_bandit_forgets():
    old = [Gain(0, (x,), -abs(x - 0.2)) for x in np.linspace(0, 1, 15)]
    new = [Gain(9, (x,), -abs(x - 0.8)) for x in np.linspace(0, 1, 15)]
    assert abs(best_values([*old, *new], 9, 0)[0] - 0.8) < 0.15


def test_the_total_counts_copies(tmp_path):
    study = search(tmp_path, trials=5)
    assert len(study.trials) == 5


def test_the_search_is_the_same_interrupted_anywhere(tmp_path):
    whole = record(search(tmp_path, study="whole"))

    class Stop(BaseException):
        pass

    def stop():
        raise Stop

    for limit in range(3, 24, 4):
        left = iter(range(limit))

        def dying(params, reporter, left=left):
            learning(params, reporter, lambda: next(left, None) is None and stop())

        with pytest.raises(Stop):
            search(tmp_path, dying, study=f"cut {limit}")
        assert record(search(tmp_path, study=f"cut {limit}")) == whole


def test_options_of_one_strategy_are_refused_for_the_other(tmp_path):
    with pytest.raises(ConfigurationError, match="--population needs --strategy pbt"):
        search(tmp_path, strategy="independent", interval=None)
    with pytest.raises(ConfigurationError, match="leave out --pruner hyperband"):
        search(tmp_path, pruner="hyperband")
    with pytest.raises(ConfigurationError, match="needs as many trials, got --trials 3"):
        search(tmp_path, trials=3)
    with pytest.raises(ConfigurationError, match="--strategy must be one of independent, pbt, pb2"):
        search(tmp_path, strategy="evolution")


def test_the_leaderboard_and_show_tell_the_lineage(tmp_path):
    study = search(tmp_path, trials=12)
    table = ranking_table(study)
    assert "from" in [str(column.header) for column in table.columns]
    copy = next(t for t in reversed(study.trials) if t.parent is not None)
    parent, start = copy.parent, copy.start_epoch
    assert lineage(study, copy).endswith(f"{parent} until {start}")
    assert lineage(study, study.trials[0]) == ""
    assert ("strategy", "pbt, 4 members compared every 2 epochs") in facts(study)
