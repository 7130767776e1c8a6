"""`Space` as an object: changed copies, equality, and what is right of a mistaken one."""

import copy
import pickle

import pytest

from autotrain.errors import SpaceError
from autotrain.space import Budget, Choice, DataSpec, Float, Int, Objective, Space, parse_yaml

TEXT = """\
name: mine
objective: val_loss
data: {source: digits, test: 0.1}
parameters:
  a: {int: [1, 3]}
  b: {float: [0, 1], when: {a: 2}}
start_from:
  - {a: 2, b: 0.5}
"""


def read(text=TEXT):
    data, lines = parse_yaml(text, "f.yaml")
    return Space.from_dict(data, lines=lines)


def test_replace_changes_what_it_names_and_nothing_else():
    space = read()
    changed = space.replace(data="wine", budget={"trials": 3}, objective=["val_auc", "loss"])
    assert changed.data == DataSpec("wine")
    assert changed.budget == Budget(trials=3)
    assert changed.objectives == (Objective("val_auc"), Objective("loss"))
    assert changed.replace(data=space.data, budget=None, objective="val_loss") == space
    assert changed.parameters["b"] is space.parameters["b"]


def test_replace_keeps_the_lines_for_messages():
    space = read()
    assert space.replace(data=None).locate("parameters", "b") == "f.yaml:6"
    with pytest.raises(SpaceError, match=r"^f.yaml:3: test is a fraction"):
        space.replace(data={"test": 2})


def test_replace_checks_the_whole():
    space = read()
    assert space.replace(parameters={**space.parameters, "c": 1}).order == ("a", "b", "c")
    with pytest.raises(SpaceError) as caught:
        space.replace(parameters={"a": Int(1, 1)}, objective="reward", modle="cnn")
    found = [str(problem) for problem in caught.value.problems]
    assert len(found) == 4
    assert "no such key, got 'modle' (did you mean 'model'?)" in found[0]
    assert found[1].startswith("f.yaml:2: an objective with a metric")
    assert found[2:] == [
        "f.yaml:8: the space has no such parameter, got 'b' (parameters: a)",
        "f.yaml:8: a must be a whole number from 1 to 1, got 2",
    ]


def test_space_is_a_value():
    space = read()
    assert space.order == ("a", "b")
    for other in (pickle.loads(pickle.dumps(space)), copy.deepcopy(space)):
        assert other == space
        assert hash(other) == hash(space)
        assert other.lines == space.lines
    assert str(space) == repr(space)
    assert repr(space).startswith("Space({'a': Int(1, 3), ")
    with pytest.raises(ValueError, match="frozen"):
        space.name = "x"


def test_space_of_several_models_has_the_choice_as_its_first_parameter():
    space = Space({"a": 1}, "val_loss", model=Choice(["cnn", "mlp"]))
    assert space == Space({"a": 1}, "val_loss", model={"choice": ["cnn", "mlp"]})
    assert (space.model, list(space.parameters)) == (None, ["model", "a"])
    assert Space.from_dict(space.to_dict()) == space


def test_model_mistake_has_the_line_of_the_model():
    parameters = "parameters: {a: 1}\nobjective: val_loss\n"
    text = parameters + "model:\n  choice:\n    - cnn\n    - cnn\n"
    with pytest.raises(SpaceError, match=r"^f.yaml:6: model: choices must differ"):
        read(text)
    with pytest.raises(SpaceError, match=r"^f.yaml:3: model: .*'chioce' \(did you mean 'choice'"):
        read(parameters + "model: {chioce: [cnn]}\n")
    with pytest.raises(SpaceError, match=r"^f.yaml:1: .*the model is chosen under 'model'"):
        read("parameters: {model: cnn}\nobjective: val_loss\nmodel: {choice: [cnn]}\n")


def test_sound_part_is_what_can_be_checked_further():
    text = (
        "name: 3\ntask: image_x\nmodel: cnn\nobjective: [val_loss, 3]\nbudget: {epochs: 0}\n"
        "parameters:\n  a: {int: [3, 1]}\n  b: {float: [0, 1]}\n  c-d: 1\nextra: 1\n"
    )
    data, lines = parse_yaml(text, "f.yaml")
    sound = Space.sound_part(data, lines)
    assert (sound.name, sound.task, sound.model) == ("space", "image_x", "cnn")
    assert (sound.objectives, sound.budget) == ((), Budget())
    assert list(sound.parameters) == ["b", "c-d"]
    assert sound.parameters["b"] == Float(0, 1)
    assert sound.locate("parameters", "b") == "f.yaml:8"


@pytest.mark.parametrize("raw", [{}, {"parameters": 3, "model": []}, {1: 2, "model": {"a": 1}}])
def test_sound_part_of_anything_is_a_space(raw):
    sound = Space.sound_part(raw, read().lines)
    assert (sound.objectives, sound.parameters, sound.model) == ((), {}, None)
