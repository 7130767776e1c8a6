"""Configurations against a space."""

import math

import numpy as np
import pytest

from autotrain.errors import SpaceError
from autotrain.space import Choice, Fixed, Float, Int, Space

SPACE = Space(
    {
        "momentum": Float(0.8, 0.99, when={"optimizer": "sgd"}),
        "optimizer": Choice(["sgd", "adam"]),
        "depth": Int(1, 3),
        "nesterov": Choice([True, False], when={"momentum_on": True}),
        "momentum_on": Choice([True, False], when={"optimizer": "sgd"}),
        "batch_size": 64,
        "clip": Fixed(1.0, when={"optimizer": "adam"}),
    },
    "val_loss",
)
ADAM = {"optimizer": "adam", "depth": 2}
SGD = {"optimizer": "sgd", "depth": 2, "momentum": 0.9, "momentum_on": False}


def problems(call, *args, **kwargs):
    with pytest.raises(SpaceError) as caught:
        call(*args, **kwargs)
    return [str(problem) for problem in caught.value.problems]


def test_check_fills_fixed_values_in_and_orders():
    assert SPACE.check(ADAM) == {**ADAM, "batch_size": 64, "clip": 1.0}
    assert list(SPACE.check(SGD)) == [n for n in SPACE.order if n in {*SGD, "batch_size"}]
    assert SPACE.check({**ADAM, "batch_size": 64})["batch_size"] == 64


def test_check_gives_plain_values():
    found = SPACE.check({**SGD, "depth": np.int64(2), "momentum": np.float64(0.9)})
    assert type(found["depth"]) is int
    assert type(found["momentum"]) is float


def test_check_does_not_change_its_argument():
    params = dict(ADAM)
    SPACE.check(params)
    assert params == ADAM


@pytest.mark.parametrize(
    ("params", "phrases"),
    [
        ({**ADAM, "dept": 1}, ["no such parameter, got 'dept' (did you mean 'depth'?)"]),
        ({**ADAM, "zzz": 1}, ["no such parameter, got 'zzz' (parameters: momentum, optimizer"]),
        ({**ADAM, 3: 1}, ["no such parameter, got 3"]),
        ({"optimizer": "adam"}, ["depth is missing", "a whole number from 1 to 3"]),
        ({**ADAM, "depth": 9}, ["depth must be a whole number from 1 to 3, got 9"]),
        ({**ADAM, "depth": 2.0}, ["depth must be a whole number from 1 to 3, got 2.0"]),
        ({**ADAM, "depth": True}, ["depth must be a whole number from 1 to 3, got true"]),
        ({**ADAM, "depth": [2]}, ["depth must be"]),
        (
            {**ADAM, "momentum": 0.9},
            ["momentum must be given only where optimizer is sgd, got 0.9"],
        ),
        ({**SGD, "momentum": math.nan}, ["momentum must be a number from 0.8 to 0.99, got .nan"]),
        ({**SGD, "nesterov": True}, ["nesterov must be given only where momentum_on is true"]),
        ({**ADAM, "batch_size": 32}, ["batch_size must be 64, its fixed value, got 32"]),
        ({"depth": 2, "optimizer": "adm"}, ["optimizer must be one of sgd, adam, got 'adm'"]),
    ],
)
def test_check_mistake_is_one_problem(params, phrases):
    found = problems(SPACE.check, params, "file.yaml")
    assert len(found) == 1
    assert found[0].startswith("file.yaml: ")
    assert all(phrase in found[0] for phrase in phrases)


def test_check_lists_all_mistakes():
    found = problems(SPACE.check, {"optimizer": "sgd", "depth": 9, "x": 1, "momentum": 2})
    assert len(found) == 4  # x, depth, momentum, and momentum_on missing


def test_check_where_may_give_a_place_for_each_name():
    found = problems(SPACE.check, {**ADAM, "depth": 9}, lambda name: f"c.yaml:{len(name)}")
    assert found[0].startswith("c.yaml:5: depth")


@pytest.mark.parametrize("params", [None, [], "x", 3])
def test_check_of_no_mapping_is_an_error_in_words(params):
    assert "must be a mapping of names to values" in problems(SPACE.check, params)[0]


def test_check_partial_allows_missing_values():
    assert SPACE.check_partial({}) == {"batch_size": 64}
    assert SPACE.check_partial({"depth": 1}) == {"depth": 1, "batch_size": 64}
    assert SPACE.check_partial({"optimizer": "adam"})["clip"] == 1.0


def test_check_partial_allows_what_may_become_active():
    assert SPACE.check_partial({"momentum": 0.9})["momentum"] == 0.9
    assert SPACE.check_partial({"nesterov": True})["nesterov"] is True
    assert SPACE.check_partial({"momentum_on": True, "nesterov": True})["nesterov"] is True


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer": "adam", "momentum": 0.9},
        {"optimizer": "adam", "nesterov": True},
        {"momentum_on": False, "nesterov": True},
    ],
)
def test_check_partial_refuses_what_is_certainly_inactive(params):
    found = problems(SPACE.check_partial, params)
    assert len(found) == 1
    assert "must be given only where" in found[0]


def test_check_partial_still_checks_names_and_ranges():
    assert len(problems(SPACE.check_partial, {"dept": 1, "depth": 7, "momentum": 5})) == 3
