"""Infeasible configurations: recorded with their reason, learnt by samplers, never a crash."""

import importlib.util

import optuna
import pytest

from autotrain.errors import SearchFailedError
from autotrain.reports.summary import failures
from autotrain.space import Choice, Float, Int, Space
from autotrain.tuner.fail_fast import FIRST_INFEASIBLE
from autotrain.tuner.optuna_view import FrozenTrials
from autotrain.tuner.samplers import SAMPLERS

FAIL = optuna.trial.TrialState.FAIL
PACKAGES = {"gp": "torch", "cmaes": "cmaes"}


def half_space(objectives=1):
    parameters = {"x": Float(0, 1), "depth": Int(1, 5), "kind": Choice(["a", "b"])}
    return Space(parameters, ["val_accuracy", "val_loss"][:objectives])


def too_large(params):
    return [f"x is at most 0.5, got {params['x']:.2f}"] if params["x"] > 0.5 else []


def curve(params, epoch):
    """The best place is just within the feasible half."""
    height = 1 - (params["x"] - 0.4) ** 2 - 0.01 * abs(params["depth"] - 3)
    return {"val_accuracy": height, "val_loss": 1 - height}


def infeasible(session):
    return [bool(session.trials[n].infeasible) for n in sorted(session.trials)]


@pytest.fixture
def searched(new_lab):
    def run(trials, disk=False, objectives=1, seed=0, **options):
        lab = new_lab(disk=disk, space=half_space(objectives), epochs=1, seed=seed)
        return lab, lab.search(trials, curve, **{"problems": too_large, **options})

    return run


def test_an_infeasible_trial_is_told_fail_with_its_reason_and_no_epoch(searched):
    lab, session = searched(12, disk=True, sampler="random")
    stored = lab.stored()
    assert len(stored) == 12
    assert 0 < sum(infeasible(session)) < 12
    for frozen, entry in zip(stored, session.trials.values(), strict=True):
        bad = frozen.params["x"] > 0.5
        assert bad == (frozen.state is FAIL) == ("infeasible" in frozen.user_attrs)
        assert bad != bool(entry.epochs)
        assert "error" not in frozen.user_attrs
        if bad:
            reason = f"x is at most 0.5, got {frozen.params['x']:.2f}"
            assert frozen.user_attrs["infeasible"] == reason
            assert lab.paths.trial(frozen.number).log.read_text("utf-8") == reason + "\n"
            assert frozen.number in failures(lab.study())[f"infeasible: {reason}"]


def test_one_found_by_a_worker_is_told_alike(lab, tools):
    session = lab.open(3)
    refused = session.take()
    session.on_infeasible(refused.number, "no room for a fourth stage")
    assert tools.states(session) == ["FAIL"]
    refused = session.trials[refused.number]
    assert refused.losses == 0
    assert refused.worker is None
    tools.drive(session)
    assert tools.states(session) == ["FAIL", "COMPLETE", "COMPLETE"]


def test_engines_are_told_of_those_that_no_worker_got(new_lab, tools):
    session = new_lab(space=half_space(), epochs=1).open(12, problems=too_large, sampler="random")
    tools.drive(session, curve)
    heard = session.refused()
    assert session.refused() == []  # each once
    assert [entry.number for entry in heard] == [
        n for n, bad in enumerate(infeasible(session)) if bad
    ]


@pytest.mark.parametrize("objectives", [1, 2])
def test_tpe_learns_to_avoid_them(searched, monkeypatch, objectives):
    def share(sampler):
        """Of the proposals after the start, over three searches."""
        runs = [
            infeasible(searched(42, objectives=objectives, seed=seed, sampler=sampler)[1])[12:]
            for seed in range(3)
        ]
        return sum(map(sum, runs)) / sum(map(len, runs))

    learnt, random = share("tpe"), share("random")
    assert random > 0.4
    assert learnt < 0.6 * random
    # As Optuna does with a FAIL trial: as if it had never been.
    monkeypatch.setattr(FrozenTrials, "shown", FrozenTrials.of)
    assert learnt < 0.8 * share("tpe")


def test_tpe_never_counts_them_among_the_good(new_lab, tools, monkeypatch):
    """Not even where nearly everything is infeasible: a tenth of all finished ones are good."""
    splits = []
    original = optuna.samplers._tpe.sampler._split_trials

    def split(*arguments):
        splits.append(original(*arguments))
        return splits[-1]

    monkeypatch.setattr(optuna.samplers._tpe.sampler, "_split_trials", split)
    lab = new_lab(space=half_space(), epochs=1)
    session = lab.open(50, problems=lambda p: [] if 0.42 < p["x"] < 0.44 else ["x"])
    session.enqueue([{"x": 0.43}])
    tools.drive(session, curve)
    assert sum(infeasible(session)) > 30
    bad = {n for n, refused in enumerate(infeasible(session)) if refused}
    assert any(trial.number in bad for _, above in splits for trial in above)
    assert not any(trial.number in bad for below, _ in splits for trial in below)


@pytest.mark.parametrize("objectives", [1, 2])
@pytest.mark.parametrize("sampler", [name for name in SAMPLERS.names() if name != "grid"])
def test_every_sampler_gets_on_with_them(searched, sampler, objectives):
    if PACKAGES.get(sampler) and importlib.util.find_spec(PACKAGES[sampler]) is None:
        pytest.skip(f"the sampler {sampler} needs {PACKAGES[sampler]}, which is not installed")
    if (sampler, objectives) == ("cmaes", 2):
        pytest.skip("cmaes takes one objective")
    _, session = searched(24, sampler=sampler, objectives=objectives)
    assert 0 < sum(infeasible(session)) < 24
    assert session.is_over


def test_the_grid_goes_over_them_once(new_lab, tools):
    space = Space({"x": Float(0, 1, step=0.25), "kind": Choice(["a", "b"])}, "val_accuracy")
    lab = new_lab(space=space, epochs=1)
    session = lab.search(20, lambda p, epoch: p["x"], sampler="grid", problems=too_large)
    assert tools.states(session).count("FAIL") == 4
    assert tools.states(session).count("COMPLETE") == 6


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_resumed_search_proposes_the_same(searched, new_lab, tools, sampler):
    whole = searched(30, sampler=sampler)[1]
    lab = new_lab(space=half_space(), epochs=1, seed=0)
    for trials in (7, 16, 30):
        session = lab.search(trials, curve, sampler=sampler, problems=too_large)
    assert tools.params(session) == tools.params(whole)
    assert infeasible(session) == infeasible(whole)


@pytest.mark.parametrize("event", range(1, 30, 4))
def test_a_killed_search_proposes_the_same(searched, new_lab, tools, event):
    whole = searched(20)[1]
    lab = new_lab(space=half_space(), epochs=1, seed=0)
    with pytest.raises(tools.Killed):
        lab.search(20, curve, problems=too_large, crash=tools.CrashAt(event))
    session = lab.search(20, curve, problems=too_large)
    assert tools.params(session) == tools.params(whole)


def test_some_infeasible_at_the_start_do_not_end_the_search(new_lab, tools):
    count = iter(range(1000))
    lab = new_lab(space=half_space(), epochs=1)
    session = lab.search(30, curve, problems=lambda p: ["alike"] if next(count) < 15 else [])
    assert tools.states(session) == ["FAIL"] * 15 + ["COMPLETE"] * 15


@pytest.mark.parametrize(("trials", "told"), [(50, FIRST_INFEASIBLE), (4, 4)])
def test_a_search_of_infeasible_ones_only_ends_with_their_reasons(lab, trials, told):
    session = lab.open(trials, problems=lambda params: ["sampling=smote needs a table"])
    with pytest.raises(SearchFailedError, match="smote needs a table") as caught:
        session.take()
    assert f"the first {told} trials" in str(caught.value)
    assert [trial.state for trial in lab.stored()] == [FAIL] * told


def test_infeasible_and_failed_ones_do_not_add_up(lab, tools):
    """Two failures alike among many infeasible ones are no three."""
    session = lab.open(9)
    for cause in ("a", "a", None, None, None):
        number = session.take().number
        session.on_failed(number, cause) if cause else session.on_infeasible(number, "a")
    with pytest.raises(SearchFailedError, match="failed alike"):
        session.on_failed(session.take().number, "a")
