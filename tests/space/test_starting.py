"""`start_from`: reading, mistakes with lines, both round trips, and settings that contradict it."""

import pytest

from autotrain.errors import SpaceError
from autotrain.space import Choice, Fixed, Float, Int, Space, parse_yaml, to_python, to_yaml

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
