"""Configurations against a space, and those that a search starts from."""

import math

import numpy as np
import pytest

from autotrain.errors import SpaceError
from autotrain.space import Choice, Fixed, Float, Int, Space, parse_yaml, to_python, to_yaml

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


HEAD = """\
objective: val_loss
parameters:
  depth:     {int: [1, 4]}
  optimizer: {choice: [sgd, adam]}
  momentum:  {float: [0.5, 0.9], when: {optimizer: sgd}}
  rate:      {float: [1e-4, 1e-1], log: true}
  batch:     64
start_from:
"""
GOOD = [{"depth": 2, "optimizer": "sgd", "momentum": 0.9, "rate": 0.1}, {"optimizer": "adam"}]


def read(text):
    data, lines = parse_yaml(text, "f.yaml")
    return Space.from_dict(data, "f.yaml", lines=lines)


def space(start_from=GOOD):
    parameters = {
        "depth": Int(1, 4),
        "optimizer": Choice(["sgd", "adam"]),
        "momentum": Float(0.5, 0.9, when={"optimizer": "sgd"}),
        "rate": Float(1e-4, 1e-1, log=True),
        "batch": Fixed(64),
    }
    return Space(parameters, "val_loss", start_from=start_from)


def test_start_from_is_read_in_the_spaces_order_with_what_was_given():
    text = HEAD + "  - {rate: 1e-1, momentum: 0.9, optimizer: sgd, depth: 2}\n  - optimizer: adam\n"
    found = read(text)
    assert list(found.start_from) == GOOD
    assert list(found.start_from[0]) == ["depth", "optimizer", "momentum", "rate"]
    assert found == space()
    assert found != space(GOOD[:1])


def test_without_start_from_there_is_nothing_to_start_from():
    for nothing in ((), None, []):
        assert space(nothing).start_from == ()
        assert "start_from" not in space(nothing).to_dict()


def test_round_trips_keep_it():
    found = space()
    namespace = {}
    source = to_python(found).replace("import autotrain\n", "import autotrain.space as autotrain\n")
    exec(source, namespace)
    assert namespace["space"] == read(to_yaml(found)) == Space.from_dict(found.to_dict()) == found
    assert "start_from:\n  - {depth: 2, optimizer: sgd" in to_yaml(found)


@pytest.mark.parametrize(
    ("lines", "line", "phrase"),
    [
        ("  - {dept: 2}", 9, "no such parameter, got 'dept' (did you mean 'depth'?)"),
        ("  - {depth: 2}\n  - depth: 5", 10, "depth must be a whole number"),
        ("  - {depth: 2}\n  - depth: 5", 10, "got 5"),
        ("  - {optimizer: adam, momentum: 0.9}", 9, "only where optimizer is sgd"),
        ("  - optimizer: adam\n    momentum: 0.9", 10, "got 0.9 (remove it)"),
        ("  - {batch: 32}", 9, "batch must be"),
        ("  - {}", 9, "must give a parameter"),
        ("  - 3", 9, "must be a mapping of names to values, got 3"),
        ("  {depth: 2}", 8, "must be a list of configurations"),
        ("  - {depth: 2}\n  - {depth: 2}", 10, "must differ"),
    ],
)
def test_mistake_has_its_line(lines, line, phrase):
    with pytest.raises(SpaceError) as caught:
        read(HEAD + lines + "\n")
    assert len(caught.value.problems) == 1
    assert str(caught.value).startswith(f"f.yaml:{line}: ")
    assert phrase in str(caught.value)


def test_mistakes_are_listed_together_with_those_of_other_parts():
    text = HEAD.replace("val_loss", "mood") + "  - {depth: 9, rate: 1}\n  - {optimizer: adm}\n"
    with pytest.raises(SpaceError) as caught:
        read(text)
    places = [problem.where for problem in caught.value.problems]
    assert places == ["f.yaml:1", "f.yaml:9", "f.yaml:9", "f.yaml:10"]


def test_a_mistaken_parameter_is_no_second_mistake_here():
    with pytest.raises(SpaceError) as caught:
        read(HEAD.replace("[1, 4]", "[4, 1]") + "  - {depth: 2}\n")
    assert [problem.where for problem in caught.value.problems] == ["f.yaml:3"]


def test_mistake_in_python_has_the_path():
    with pytest.raises(SpaceError, match=r"start_from\.0\.rate: rate must be .* got 1"):
        space([{"rate": 1}])


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({"batch": 32}, GOOD),
        ({"depth": 2}, GOOD),
        ({"depth": 3}, GOOD[1:]),
        ({"rate.high": 0.01}, GOOD[1:]),
        ({"optimizer": "adam"}, GOOD[1:]),
        ({"optimizer": "sgd", "depth.low": 3}, []),
    ],
)
def test_settings_remove_the_configurations_that_they_contradict(settings, left):
    assert list(space().with_overrides(settings).start_from) == left
