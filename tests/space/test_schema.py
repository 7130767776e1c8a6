"""A space from YAML: every mistake has its line, its rule, the value and a way out."""

import pytest

from autotrain.errors import SpaceError
from autotrain.space import (
    Budget,
    Choice,
    DataSpec,
    Fixed,
    Float,
    Int,
    Objective,
    Space,
    parse_yaml,
)

GOOD = """\
name: demo
description: A demonstration.
task: image_classification
data: {source: digits, image_size: 16, validation: 0.1, test: 0.3}
model: cnn
objective:
  - val_accuracy
  - {metric: latency_ms, direction: minimize}
budget: {epochs: 30, trials: 50, timeout: 2h}
parameters:
  depth:      {int: [2, 8], step: 2}
  optimizer:  {choice: [sgd, adam, on]}
  momentum:   {float: [0.8, 0.99], when: {optimizer: sgd, depth: [2, 4]}}
  nesterov:   {value: true, when: {optimizer: [sgd, on]}}
  lr:         {float: [1e-4, 1e-1], log: true}
  batch_size: 64
  clip:       {value: null}
"""


def read(text):
    data, lines = parse_yaml(text, "f.yaml")
    return Space.from_dict(data, "f.yaml", lines=lines, name="f")


def problems(text):
    with pytest.raises(SpaceError) as caught:
        read(text)
    return caught.value.problems


def test_read_all_of_the_language():
    space = read(GOOD)
    assert (space.name, space.description) == ("demo", "A demonstration.")
    assert (space.task, space.model) == ("image_classification", "cnn")
    assert space.data == DataSpec("digits", 16, 0.1, 0.3)
    assert space.objectives == (
        Objective("val_accuracy", "maximize"),
        Objective("latency_ms", "minimize"),
    )
    assert space.budget == Budget(30, 50, 7200.0)
    assert space.parameters == {
        "depth": Int(2, 8, step=2),
        "optimizer": Choice(["sgd", "adam", "on"]),
        "momentum": Float(0.8, 0.99, when={"optimizer": "sgd", "depth": [2, 4]}),
        "nesterov": Fixed(True, when={"optimizer": ["sgd", "on"]}),
        "lr": Float(1e-4, 1e-1, log=True),
        "batch_size": Fixed(64),
        "clip": Fixed(None),
    }
    assert list(space.parameters)[:2] == ["depth", "optimizer"]


def test_read_least_space_has_the_file_stem_as_name():
    space = read("objective: val_loss\nparameters: {x: {float: [0, 1]}}\n")
    assert space.name == "f"
    assert (space.task, space.data, space.model, space.description) == (None, None, None, "")
    assert space.budget == Budget()


def test_locate_gives_lines():
    space = read(GOOD)
    assert space.locate("parameters", "momentum", "when") == "f.yaml:13"
    assert space.locate("parameters", "momentum", "when", "optimizer", 3) == "f.yaml:13"
    assert space.locate("parameters", "unknown") == "f.yaml:10"
    assert space.locate("objective", 1) == "f.yaml:8"
    assert space.locate() == "f.yaml:1"


def test_locate_without_a_file_gives_the_path():
    assert Space({"x": Int(1, 2)}, "val_loss").locate("parameters", "x") == "parameters.x"


HEAD = "objective: val_accuracy\nparameters:\n  opt: {choice: [sgd, adam]}\n  n: {int: [1, 4]}\n"
# One line each, which becomes line 5 of a space that is otherwise right.
PARAMETER_MISTAKES = [
    ("x: {int: [4, 2]}", "x: low must not be above high, got [4, 2] (swap them: [2, 4])"),
    ("x: {float: [0.5, 0.1]}", "x: low must not be above high, got [0.5, 0.1]"),
    ("x: {float: [0, 1], log: true}", "low must be above zero where log is true, got 0 "),
    ("x: {int: [0, 9], log: true}", "low must be at least 1 where log is true, got 0"),
    ("x: {int: [2.0, 4]}", "x: low must be a whole number, got 2.0 (write 2)"),
    ("x: {int: [1, 1e3]}", "x: high must be a whole number, got 1000.0 (write 1000)"),
    ("x: {int: [true, 4]}", "x: low must be a whole number, got true"),
    ("x: {float: [0, on]}", "x: high must be a number, got 'on'"),
    ("x: {float: [0, '1']}", "x: high must be a number, got '1' (write 1 without quotes"),
    ("x: {float: [0, 1_000]}", "got '1_000' (write 1000 without quotes or '_')"),
    ("x: {float: [0, null]}", "x: high must be a number, got null"),
    ("x: {float: [0, .inf]}", "x: high must be a finite number, got .inf"),
    ("x: {float: [.nan, 1]}", "x: low must be a finite number, got .nan"),
    ("x: {float: [0, 1e999]}", "x: high must be a finite number"),
    ("x: {float: [0, 1], step: 0}", "x: step must be above zero, got 0"),
    ("x: {float: [0, 1], step: -1}", "x: step must be above zero, got -1"),
    ("x: {int: [0, 9], step: 0}", "x: step must be at least 1, got 0"),
    ("x: {int: [0, 9], step: 0.5}", "x: step must be a whole number, got 0.5"),
    ("x: {float: [0.1, 1], log: true, step: 0.1}", "step must not be given where log is true"),
    ("x: {float: [0, 1], log: yes}", "x: log must be true or false, got 'yes'"),
    ("x: {float: [0, 1], log: 1}", "x: log must be true or false, got 1"),
    ("x: {float: 3}", "float must be a range [low, high], got 3 (a fixed value is written  x: 3)"),
    ("x: {int: [1, 2, 3]}", "int must be a range [low, high], got [1, 2, 3]"),
    ("x: {int: [1]}", "int must be a range [low, high], got [1]"),
    ("x: {int: {low: 1, high: 2}}", "int must be a range [low, high], got {low: 1, high: 2}"),
    ("x: {int: [[1], 2]}", "x: low must be a whole number, got [1]"),
    ("x: {choice: []}", "x: there must be at least one choice, got []"),
    ("x: {choice: sgd}", "x: the choices must be a list, got 'sgd'"),
    ("x: {choice: {a: 1}}", "x: the choices must be a list"),
    ("x: {choice: [a, b, a]}", "x: choices must differ from one another, got 'a'"),
    ("x: {choice: [1, true]}", "must differ from one another, got true (it equals 1)"),
    ("x: {choice: [1, 1.0]}", "must differ from one another, got 1.0 (it equals 1)"),
    ("x: {choice: [a, [b]]}", "x: a choice must be a string, a number"),
    ("x: {choice: [1, .nan]}", "x: a choice must be finite, got .nan"),
    ("x: {choice: [a, b], log: true}", "a parameter with 'choice' has no such key, got 'log'"),
    ("x: {value: [1]}", "x: a fixed value must be a string"),
    ("x: {value: 1, step: 2}", "a parameter with 'value' has no such key, got 'step'"),
    ("x: .inf", "x: a fixed value must be finite, got .inf"),
    ("x:", "x: a parameter must have a range or a value (a fixed null is written {value: null})"),
    ("x: {}", "exactly one of the keys int, float, choice, value, got []"),
    ("x: {when: {opt: sgd}}", "exactly one of the keys int, float, choice, value, got ['when']"),
    ("x: {int: [1, 2], float: [1, 2]}", "exactly one of the keys"),
    ("x: {flaot: [0, 1]}", "no such key, got 'flaot' (did you mean 'float'?)"),
    ("x: {float: [0, 1], logs: true}", "no such key, got 'logs' (did you mean 'log'?)"),
    ("x: {uniform: [0, 1]}", "got 'uniform' (known keys: int, float, choice, value, log, step"),
    ("x: [1, 2]", "must be a value or a mapping, got [1, 2] (did you mean {choice: [1, 2]}?)"),
    ("x: [[1], 2]", "must be a value or a mapping"),
    ("learning-rate: 1", "made of letters, digits and '_'"),
    ("learning-rate: 1", "got 'learning-rate' (write learning_rate)"),
    ("1x: 1", "begins with a letter, got '1x'"),
    ('"": 1', "begins with a letter, got ''"),
    ("a.b: 1", "got 'a.b' (write a_b)"),
    ("x: {int: [1, 2], when: {optt: sgd}}", "got 'optt' (did you mean 'opt'?)"),
    ("x: {int: [1, 2], when: {opt: sdg}}", "opt is one of sgd, adam, got 'sdg' (did you mean"),
    ("x: {int: [1, 2], when: {opt: [sgd, rms]}}", "one of sgd, adam, got 'rms'"),
    ("x: {int: [1, 2], when: {n: 5}}", "n is a whole number from 1 to 4, got 5"),
    ("x: {int: [1, 2], when: {n: 2.0}}", "n is a whole number from 1 to 4, got 2.0"),
    ("x: {int: [1, 2], when: {n: true}}", "n is a whole number from 1 to 4, got true"),
    ("x: {int: [1, 2], when: {x: 1}}", "conditions must not form a cycle: x -> x"),
    ("x: {int: [1, 2], when: opt}", "x: when must name other parameters with their values"),
    ("x: {int: [1, 2], when: [opt]}", "x: when must name other parameters"),
    ("x: {int: [1, 2], when: {}}", "x: when must hold at least one condition"),
    ("x: {int: [1, 2], when: {opt: []}}", "x: a condition must name at least one value"),
    ("x: {int: [1, 2], when: {opt: {a: b}}}", "x: a condition's value must be a string"),
    ("x: {int: [1, 2], when: {n: .inf}}", "x: a condition's value must be finite"),
    ("n: {int: [1, 4]}", "only once in a mapping, got 'n' (first on line 4)"),
]


@pytest.mark.parametrize(("line", "phrase"), PARAMETER_MISTAKES, ids=lambda text: text[:50])
def test_parameter_mistake_has_its_line(line, phrase):
    found = problems(f"{HEAD}  {line}\n  last: 1\n")
    assert len(found) == 1
    assert found[0].where == "f.yaml:5"
    assert phrase in str(found[0])


P = "parameters: {x: {int: [1, 2]}}\n"
O = "objective: val_accuracy\n"  # noqa: E741


@pytest.mark.parametrize(
    ("text", "line", "phrase"),
    [
        ("", 1, "a space must not be empty (it needs the keys objective and parameters)"),
        ("- a\n- b\n", 1, "a space must be a mapping of keys to values, got ['a', 'b']"),
        ("just text\n", 1, "a space must be a mapping of keys to values, got 'just text'"),
        (P, 1, "a space must have the key 'objective'"),
        (O, 1, "a space must have the key 'parameters'"),
        (O + P + "taks: image_classification\n", 3, "got 'taks' (did you mean 'task'?)"),
        (O + P + "qqq: 1\n", 3, "got 'qqq' (known keys: name, description, task"),
        (O + P + "task: 3\n", 3, "task must be a string, got 3"),
        (O + P + "name: ''\n", 3, "name must be readable text and not empty"),
        (O + P + "name: [a]\n", 3, "name must be a string"),
        (O + P + 'name: "a\\nb"\n', 3, "name must be readable text"),
        (O + P + f"name: {'a' * 200}\n", 3, "name must not be longer than 100 characters"),
        (O + P + "model: 3\n", 3, "model must be a string, got 3"),
        (O + P + "data: 3\n", 3, "data must be a mapping of keys to values, got 3"),
        (O + P + "data: ''\n", 3, "data must be readable text"),
        (O + P + "data:\n  sorce: x\n", 4, "got 'sorce' (did you mean 'source'?)"),
        (O + P + "data:\n  source: x\n  test: 2\n", 5, "test is a fraction"),
        (O + P + "budget: 3\n", 3, "budget must be a mapping of keys to values, got 3"),
        (O + P + "budget:\n  epochs: 3\n  trails: 5\n", 5, "got 'trails' (did you mean 'trials'?)"),
        (O + P + "budget:\n  epochs: 3\n  trials: 0\n", 5, "trials must be at least 1, got 0"),
        (O + P + "budget:\n  timeout: 2 weeks\n", 4, "a duration is a number with s, m, h or d"),
        (P + "objective: reward\n", 2, "needs a direction, got 'reward'"),
        (P + "objective: 3\n", 2, "an objective must name a metric, got 3"),
        (P + "objective:\n", 2, "an objective must name a metric, got null"),
        (P + "objective: []\n", 2, "there must be at least one objective"),
        (P + "objective: {direction: maximize}\n", 2, "must have the key 'metric'"),
        (P + "objective:\n  metric: a\n  direction: up\n", 4, "maximize or minimize, got 'up'"),
        (P + "objective:\n  metric: val_loss\n  dir: up\n", 4, "an objective has no such key"),
        (P + "objective:\n- val_loss\n- val_loss\n", 4, "must have different metrics"),
        (P + "objective:\n- val_loss\n- [a]\n", 4, "an objective must name a metric"),
        (O + "parameters:\n", 2, "must be a mapping of names to ranges, got null"),
        (O + "parameters: {}\n", 2, "there must be at least one parameter"),
        (O + "parameters: [a]\n", 2, "must be a mapping of names to ranges"),
        (O + "parameters:\n" + "".join(f"  p{i}: 1\n" for i in range(1001)), 2, "1000 parameters"),
    ],
)
def test_space_mistake_has_its_line(text, line, phrase):
    found = problems(text)
    assert len(found) == 1
    assert found[0].where == f"f.yaml:{line}"
    assert phrase in str(found[0])


def test_mistakes_are_all_listed_in_the_order_of_the_file():
    found = problems(
        "parameters:\n"
        "  b: {float: [1, 0], when: {nope: 1}}\n"
        "  a: {choice: []}\n"
        "budget: {epochs: 0}\n"
        "objective: reward\n"
        "taks: x\n"
    )
    assert [p.where for p in found] == [f"f.yaml:{n}" for n in (2, 3, 4, 5, 6)]


def test_condition_on_a_mistaken_parameter_is_no_second_mistake():
    found = problems(
        "objective: val_loss\n"
        "parameters:\n"
        "  opt: {choice: []}\n"
        "  m: {float: [0, 1], when: {opt: sgd}}\n"
    )
    assert len(found) == 1


def test_mistakes_without_a_file_have_the_path():
    with pytest.raises(SpaceError) as caught:
        Space({"x": {"int": [3, 1]}, "y": Int(1, 2, when={"z": 1})}, "reward")
    places = {p.where for p in caught.value.problems}
    assert places == {"objective.metric", "parameters.x.int.0", "parameters.y.when.z"}
    with pytest.raises(SpaceError, match=r"^study.yaml: parameters.x: "):
        Space.from_dict({"objective": "val_loss", "parameters": {"x": None}}, "study.yaml")


def test_python_space_accepts_all_forms():
    parameters = {"x": Float(0, 1), "y": {"choice": ["a", "b"]}, "z": 3}
    for objective in (
        "val_loss",
        Objective("val_loss"),
        ["val_loss"],
        {"metric": "val_loss"},
        [{"metric": "val_loss", "direction": "minimize"}],
    ):
        space = Space(parameters, objective, budget={"trials": 3}, data="digits")
        assert space.objectives == (Objective("val_loss", "minimize"),)
    assert space.parameters == {"x": Float(0, 1), "y": Choice(["a", "b"]), "z": Fixed(3)}
    assert space == Space(
        parameters, "val_loss", budget=Budget(trials=3), data=DataSpec(source="digits")
    )


@pytest.mark.parametrize("raw", [None, [], "x", 3, {1: 2}, {"parameters": {1: 2}, "objective": 1}])
def test_from_dict_of_anything_is_an_error_in_words(raw):
    with pytest.raises(SpaceError):
        Space.from_dict(raw, "w")
