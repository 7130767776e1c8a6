"""Round trips: YAML to Space to YAML, and to Python source and back."""

import pickle
import random

import pytest

from autotrain.space import (
    Budget,
    Choice,
    DataSpec,
    Fixed,
    Float,
    Int,
    Objective,
    Space,
    load_space,
    parse_yaml,
    shipped_spaces,
    to_python,
    to_yaml,
)

TEXTS = ["sgd", "on", "1e-3", "a: b", "it's", 'a "b"', "x\ny", "\u00fc", "", " ", "#", "null", "\\"]


def from_python(source):
    # The package's own front door is another layer's business; here only the language counts.
    namespace = {}
    exec(source.replace("import autotrain\n", "import autotrain.space as autotrain\n"), namespace)
    return namespace["space"]


def random_conditions(rng, parameters):
    subjects = [
        name
        for name, parameter in parameters.items()
        if isinstance(parameter, (Int, Choice)) and not parameter.when
    ]
    if not subjects or rng.random() < 0.6:
        return None
    conditions = {}
    for name in rng.sample(subjects, min(len(subjects), rng.randint(1, 2))):
        subject = parameters[name]
        values = [subject.low, subject.high] if isinstance(subject, Int) else list(subject.values)
        conditions[name] = values[0] if rng.random() < 0.5 else values
    return conditions


def random_parameter(rng, when):
    low = rng.choice([0, 1e-6, 0.1, -3.5, 1e-20, 1 / 3])
    scalars = [*TEXTS, 3, -1.5, 1e-7, True, None, 10**15, 0.1 + 0.2]
    return rng.choice(
        [
            Int(rng.randint(-5, 3), rng.randint(4, 99), step=rng.choice([1, 1]), when=when),
            Int(2, 2 + 3 * rng.randint(1, 9), step=3, when=when),
            Int(1, 1000, log=True, when=when),
            Float(low, low + rng.random() + 1e-9, when=when),
            Float(0, 1, step=rng.choice([0.1, 0.25, 1 / 3]), when=when),
            Float(1e-9, 10.0 ** rng.randint(-3, 3), log=True, when=when),
            Choice(rng.sample(scalars, rng.randint(1, 6)), when=when),
            Fixed(rng.choice(scalars), when=when),
        ]
    )


def random_space(seed):
    rng = random.Random(seed)
    parameters = {}
    for index in range(rng.randint(1, 12)):
        name = rng.choice(["p", "on", "null", "y", "\u00e9t\u00e9", "_x"]) + rng.choice(
            ["", str(index)]
        )
        parameters.setdefault(name, random_parameter(rng, random_conditions(rng, parameters)))
    objectives = [
        Objective("val_loss"),
        Objective("reward", "maximize"),
        Objective("a b", "minimize"),
    ]
    # A value of each parameter that is searched in every configuration.
    free = {
        name: parameter.values[-1] if isinstance(parameter, Choice) else parameter.low
        for name, parameter in parameters.items()
        if not isinstance(parameter, Fixed) and not parameter.when
    }
    return Space(
        parameters,
        rng.sample(objectives, rng.randint(1, 3)),
        name=rng.choice(["demo", "on", "1", "a: b", "\u65e5\u672c", "it's"]),
        description=rng.choice(["", "One.", "Two\nlines: # here"]),
        task=rng.choice([None, "image_classification"]),
        threshold=rng.choice([None, "objective", "f2:a: b", 0.3, "none: it's"]),
        data=rng.choice([None, "digits", DataSpec(), DataSpec("a b", 32), DataSpec(test=0.1)]),
        model=rng.choice([None, "cnn", "yes"]),
        budget=rng.choice([None, Budget(3), Budget(1, 2, 90.0), Budget(timeout=0.25)]),
        start_from=[free] if free and rng.random() < 0.5 else (),
    )


@pytest.mark.parametrize("seed", range(150))
def test_round_trips_of_random_spaces(seed):
    space = random_space(seed)
    text = to_yaml(space)
    data, lines = parse_yaml(text, "f.yaml")
    again = Space.from_dict(data, "f.yaml", lines=lines)
    for other in (again, from_python(to_python(space)), Space.from_dict(space.to_dict())):
        assert other == space
        assert list(other.parameters) == list(space.parameters)
        assert to_yaml(other) == text
        assert to_python(other) == to_python(space)
    assert pickle.loads(pickle.dumps(space)) == space


@pytest.mark.parametrize("name", sorted(shipped_spaces()))
def test_round_trips_of_shipped_spaces(name):
    space = load_space(name)
    assert Space.from_dict(parse_yaml(to_yaml(space), "f")[0]) == space
    assert from_python(to_python(space)) == space


def test_to_yaml_is_readable():
    space = Space(
        {
            "learning_rate": Float(1e-4, 1e-1, log=True),
            "opt": Choice(["sgd", "on"]),
            "m": Float(0.8, 0.99, when={"opt": "sgd"}),
            "batch": 64,
        },
        ["val_accuracy", "latency"],
        name="demo",
        budget=Budget(30, 50, "2h"),
    )
    assert to_yaml(space) == (
        "name: demo\n"
        "objective:\n"
        "  - {metric: val_accuracy, direction: maximize}\n"
        "  - {metric: latency, direction: minimize}\n"
        'budget: {epochs: 30, trials: 50, timeout: "2h"}\n'
        "parameters:\n"
        "  learning_rate: {float: [0.0001, 0.1], log: true}\n"
        '  opt:           {choice: [sgd, "on"]}\n'
        "  m:             {float: [0.8, 0.99], when: {opt: sgd}}\n"
        "  batch:         64\n"
    )


def test_to_dict_leaves_defaults_out():
    space = Space({"x": Int(1, 2, step=1, log=False)}, "val_loss", description="", budget=Budget())
    assert space.to_dict() == {
        "name": "space",
        "objective": {"metric": "val_loss", "direction": "minimize"},
        "parameters": {"x": {"int": [1, 2]}},
    }


def test_equality_ignores_lines_and_tells_contents_apart():
    text = "name: a\nobjective: val_loss\nparameters: {x: {choice: [1, 2]}}\n"
    data, lines = parse_yaml(text, "f")
    space = Space.from_dict(data, lines=lines)
    assert space == Space({"x": Choice([1, 2])}, "val_loss", name="a")
    assert space != Space({"x": Choice([1.0, 2])}, "val_loss", name="a")
    assert space != Space({"x": Choice([1, 2])}, "val_loss", name="b")
    assert space != text
    assert len({space, Space.from_dict(data)}) == 1
