"""Samplers: what they propose, on a space with every kind of parameter and nested conditions."""

import importlib.util

import optuna
import pytest

from autotrain.errors import ConfigurationError, MissingExtraError, SearchFailedError
from autotrain.space import Choice, Fixed, Float, Int, Space
from autotrain.tuner.samplers import SAMPLERS, sampler_of
from autotrain.tuner.samplers.base import Sampler
from autotrain.tuner.samplers.grid import grid_points


def check_sampler(name, space):
    sampler_of(name).check(space)


def needs(package, name):
    missing = importlib.util.find_spec(package) is None
    reason = f"the sampler {name} needs {package}, which is not installed"
    return pytest.mark.skipif(missing, reason=reason)


ANY = [
    "tpe",
    "random",
    "qmc",
    pytest.param("gp", marks=needs("torch", "gp")),
    pytest.param("cmaes", marks=needs("cmaes", "cmaes")),
]


@pytest.fixture
def searched(new_lab, tools):
    def run(sampler, trials=12, curve=tools.accuracy, **changes):
        lab = new_lab(**{"epochs": 1, **changes})
        return tools.params(lab.search(trials, curve, sampler=sampler))

    return run


@pytest.fixture(scope="module")
def seen():
    return {}


@pytest.fixture
def once(searched, seen):
    """The proposals of a sampler with seed 1, searched once for all tests."""

    def run(sampler):
        if sampler not in seen:
            seen[sampler] = searched(sampler, seed=1)
        return seen[sampler]

    return run


def test_every_sampler_is_tested_here():
    names = {getattr(item, "values", [item])[0] for item in ANY}
    assert names | {"grid"} == set(SAMPLERS.names())


@pytest.mark.parametrize("sampler", ANY)
def test_proposals_are_active_in_range_distinct_and_of_the_right_type(once, sampler, tools):
    space = tools.conditional_space()
    found = once(sampler)
    assert len(found) == 12
    for params in found:
        assert params == space.active(params)
        assert set(params) == {name for name in space.order if space.is_active(name, params)}
        assert params["depth"] in range(1, 5)
        assert params["width"] in range(8, 65, 8)
        assert isinstance(params["units"], int)
        assert 16 <= params["units"] <= 512
        assert 1e-4 <= params["lr"] <= 1e-1
        assert params["batch_size"] == 32
        assert ("momentum" in params) == (params["optimizer"] == "sgd") == ("note" not in params)
        assert ("damping" in params) == (params.get("nesterov") is True)
        assert params.get("damping", 0.0) in (0.0, 0.25, 0.5, 0.75, 1.0)
        assert 0.5 <= params.get("momentum", 0.5) <= 0.99
    assert len({repr(params) for params in found}) == len(found)
    assert {params["optimizer"] for params in found} == {"sgd", "adam"}


@pytest.mark.parametrize("sampler", ANY)
def test_proposals_depend_on_the_seed_alone(searched, once, sampler):
    first = once(sampler)
    assert searched(sampler, seed=1) == first
    other = searched(sampler, trials=8, seed=2)
    assert all(a != b for a, b in zip(first[:8], other, strict=True))


def test_log_scale_is_used(searched):
    found = searched("random", trials=60)
    assert 15 <= sum(params["lr"] < 10**-2.5 for params in found) <= 45


@pytest.mark.parametrize("sampler", ["tpe", ANY[-1]])
def test_informed_samplers_come_nearer_to_the_optimum(searched, sampler):
    found = searched(sampler, trials=40, curve=peak, space=line())
    early = [abs(params["x"] - 0.7) for params in found[:8]]
    late = [abs(params["x"] - 0.7) for params in found[-8:]]
    assert sum(late) < 0.7 * sum(early)


def line():
    return Space({"x": Float(0, 1), "y": Float(0, 1)}, "val_accuracy")


def peak(params, epoch):
    return -((params["x"] - 0.7) ** 2) - 0.1 * (params["y"] - 0.5) ** 2


def test_qmc_fills_more_evenly_than_random(searched):
    def emptiest(sampler):
        found = searched(sampler, trials=32, curve=peak, space=line())
        cells = {(int(4 * params["x"]), int(4 * params["y"])) for params in found}
        return 16 - len(cells)

    assert emptiest("qmc") == 0
    assert emptiest("random") > 0


def grid_space():
    return Space(
        {
            "a": Int(1, 5, step=2),
            "kind": Choice(["p", "q"]),
            "b": Float(0.0, 0.3, step=0.1, when={"kind": "p"}),
            "c": Choice([True, None, 1.5], when={"kind": "q"}),
            "d": Int(0, 1, when={"c": None}),
            "e": Fixed(4),
        },
        "val_accuracy",
    )


def test_grid_has_each_active_configuration_once():
    points = list(grid_points(grid_space()))
    assert len(points) == 3 * (4 + (1 + 2 + 1))
    assert len({repr(sorted(p.items())) for p in points}) == len(points)
    assert [p["b"] for p in points[:4]] == [0.0, 0.1, 0.2, 0.3]


def test_grid_searches_each_point_once_and_ends(lab, tools):
    session = lab.set(space=grid_space(), epochs=1).search(1000, sampler="grid")
    found = tools.params(session)
    key = lambda params: repr(sorted(params.items()))  # noqa: E731
    assert sorted(map(key, found)) == sorted(map(key, grid_points(grid_space())))
    assert session.is_over
    assert session.take() is None
    assert tools.states(session) == ["COMPLETE"] * 24


def test_grid_goes_on_where_it_was(new_lab, tools):
    whole = tools.params(new_lab(space=grid_space(), epochs=1).search(1000, sampler="grid"))
    lab = new_lab(space=grid_space(), epochs=1)
    lab.search(5, sampler="grid")
    assert tools.params(lab.search(11, sampler="grid")) == whole[:11]
    assert tools.params(lab.search(1000, sampler="grid")) == whole


def test_grid_with_several_workers_repeats_nothing(new_lab, tools):
    session = new_lab(space=grid_space(), epochs=2).search(1000, sampler="grid", workers=5)
    assert (
        len({repr(sorted(p.items())) for p in tools.params(session)}) == 24 == len(session.trials)
    )


def test_grid_skips_what_was_enqueued(lab, tools):
    lab.set(space=grid_space(), epochs=1)
    session = lab.open(1000, sampler="grid")
    session.enqueue([{"a": 3, "kind": "q", "c": None, "d": 1}])
    tools.drive(session)
    assert session.trials[0].params == {"a": 3, "kind": "q", "c": None, "d": 1, "e": 4}
    assert len(session.trials) == 24


def test_grid_needs_finite_values():
    check_sampler("grid", grid_space())
    with pytest.raises(ConfigurationError, match=r"'lr'.*step.*choice"):
        check_sampler("grid", Space({"lr": Float(0, 1)}, "val_loss"))


def test_unknown_sampler_is_answered_with_the_known_ones(tools):
    with pytest.raises(ConfigurationError, match=r"tpe, random, qmc, grid, gp, cmaes.*'bayes'"):
        check_sampler("bayes", tools.conditional_space())


@pytest.mark.parametrize("sampler", ["gp", "cmaes", "qmc"])
def test_missing_packages_are_named_with_their_extra(monkeypatch, sampler, tools):
    monkeypatch.setattr("autotrain.registry.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=rf"{sampler}.*autotrain\[samplers\]"):
        check_sampler(sampler, tools.conditional_space())
    check_sampler("tpe", tools.conditional_space())


def test_cmaes_refuses_several_objectives():
    space = Space({"x": Float(0, 1)}, ["val_accuracy", "latency"])
    if importlib.util.find_spec("cmaes") is None:
        pytest.skip("the sampler cmaes needs cmaes, which is not installed")
    with pytest.raises(ConfigurationError, match="one objective"):
        check_sampler("cmaes", space)
    check_sampler("tpe", space)


class Cycle(Sampler):
    """A user's own: depths in turn."""

    def suggest(self, study, number, seed):
        assert all(other in study.trials for other in range(number))
        return {**self.rest, "depth": 1 + number % 4}

    rest = {"width": 8, "units": 16, "optimizer": "adam", "lr": 0.01}


def test_sampler_object_is_asked_and_its_values_are_completed(lab, tools):
    found = tools.params(lab.search(6, sampler=Cycle()))
    assert [params["depth"] for params in found] == [1, 2, 3, 4, 1, 2]
    assert all(params["batch_size"] == 32 and params["note"] == "x" for params in found)


def test_given_values_of_a_queued_trial_stay(lab, tools):
    session = lab.open(2, sampler=Cycle())
    session.enqueue([{"width": 64}])
    assert session.take().params["width"] == 64


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"depth": 9}, "depth"), ({"optimizer": "sgd"}, "momentum"), ({"lr": "x"}, "lr")],
)
def test_proposal_outside_the_space_is_refused_with_the_samplers_name(lab, wrong, says):
    class Wrong(Cycle):
        def suggest(self, study, number, seed):
            return {**self.rest, "depth": 1, **wrong}

    with pytest.raises(SearchFailedError, match=f"the sampler Wrong .* trial 0 .*(\n.*)*{says}"):
        lab.search(2, sampler=Wrong())


def test_optunas_sampler_object_is_asked_and_hears_of_what_ended(lab, tools):
    heard = []

    class Listening(optuna.samplers.TPESampler):
        def after_trial(self, study, trial, state, values):
            heard.append((trial.number, state.name, values))

    found = lab.search(8, sampler=Listening(seed=1, n_startup_trials=2))
    assert len({repr(params) for params in tools.params(found)}) == 8
    assert [number for number, _, _ in heard] == list(range(7))  # before the last was proposed
    assert all(state == "COMPLETE" and values for _, state, values in heard)


def test_what_is_no_sampler_is_answered_with_what_is(lab):
    with pytest.raises(ConfigurationError, match=r"sampler must be one of tpe, .*got 3"):
        lab.open(sampler=3)
