"""Objective, budget and data."""

import copy
import inspect
import math
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from autotrain.errors import SpaceError
from autotrain.space import Budget, DataSpec, Objective


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("val_accuracy", "maximize"),
        ("accuracy", "maximize"),
        ("val_auc", "maximize"),
        ("macro_f1", "maximize"),
        ("val_loss", "minimize"),
        ("aux_loss", "minimize"),
        ("error", "minimize"),
        ("train_seconds", "minimize"),
        ("params", "minimize"),
        ("val_recall:a loss", "maximize"),
        ("val_f0.5:x: y", "maximize"),
        ("val_recall_at_precision_0.9", "maximize"),
        ("val_mcc", "maximize"),
        ("val_top_5_accuracy", "maximize"),
        ("val_log_loss", "minimize"),
        ("val_mape", "minimize"),
        ("val_pinball_0.9", "minimize"),
    ],
)
def test_objective_known_metric_needs_no_direction(metric, direction):
    assert Objective(metric).direction == direction


def test_objective_direction_may_differ_from_the_usual():
    assert Objective("val_accuracy", "minimize").direction == "minimize"


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("reward",), "needs a direction, got 'reward' (add direction: maximize or minimize)"),
        (("lossy",), "needs a direction"),
        (("val_fbeta:churned",), "did you mean 'val_f2:churned'?"),
        (("val_loss", "minimise"), "got 'minimise' (did you mean 'minimize'?)"),
        (("val_loss", "down"), "direction must be maximize or minimize, got 'down'"),
        (("val_loss", 1), "direction must be maximize or minimize, got 1"),
        (("val_loss", []), "direction must be"),
        (("", "maximize"), "metric must be readable text"),
        (("a\nb", "maximize"), "metric must be readable text"),
        ((None, "maximize"), "metric must be a string, got null"),
        ((3,), "metric must be a string, got 3"),
    ],
)
def test_objective_mistake(arguments, phrase):
    with pytest.raises(SpaceError) as caught:
        Objective(*arguments)
    assert phrase in str(caught.value)


@pytest.mark.parametrize(
    ("objective", "name", "sign", "better"),
    [
        (Objective("val_accuracy"), "accuracy", 1.0, (0.9, 0.8)),
        (Objective("val_loss"), "loss", -1.0, (0.1, 0.2)),
        (Objective("latency_ms", "minimize"), "latency_ms", -1.0, (-2.0, 0.0)),
    ],
)
def test_objective_knows_which_of_two_values_is_better(objective, name, sign, better):
    good, bad = better
    assert (objective.name, objective.sign) == (name, sign)
    assert objective.better(good, bad)
    assert not objective.better(bad, good)
    assert not objective.better(good, good)
    assert not objective.better(math.nan, good)
    assert not objective.better(good, math.nan)


PARTS = [Objective("a", "minimize"), Budget(3, timeout="1h"), DataSpec("x", target=["a", 2])]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_part_is_an_immutable_value(part):
    assert pickle.loads(pickle.dumps(part)) == copy.deepcopy(part) == replace(part) == part
    assert eval(repr(part)) == part
    assert len({part, replace(part)}) == 1
    with pytest.raises(FrozenInstanceError):
        part.name = "x"


@pytest.mark.parametrize("kind", [Objective, Budget, DataSpec])
def test_part_has_the_signature_that_an_editor_shows(kind):
    parameters = inspect.signature(kind).parameters
    assert list(parameters) == [field.name for field in fields(kind)]
    assert "Args:" in inspect.getdoc(kind)


def test_part_made_with_an_unknown_argument_is_answered_with_the_nearest():
    with pytest.raises(
        SpaceError, match=r"^Budget\(.*no such key, got 'epoch' \(did you mean 'epochs'"
    ):
        Budget(epoch=3)
    with pytest.raises(SpaceError, match="an objective must have the key 'metric'"):
        Objective()


def test_budget_timeout_is_kept_as_seconds():
    assert Budget(timeout="2h") == Budget(timeout=7200)
    assert Budget() == Budget(None, None, None)


def test_budget_lists_all_mistakes():
    with pytest.raises(SpaceError) as caught:
        Budget(epochs=0, trials=2.5, timeout="soon")
    text = str(caught.value)
    assert "epochs must be at least 1, got 0" in text
    assert "trials must be a whole number, got 2.5" in text
    assert "timeout: a duration is" in text
    with pytest.raises(SpaceError, match="epochs must be a whole number, got true"):
        Budget(epochs=True)


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ({"source": ""}, "source must be readable text"),
        ({"source": 3}, "source must be a string"),
        ({"image_size": 0}, "image_size must be at least 1"),
        ({"image_size": "32"}, "image_size must be a whole number"),
        ({"validation": 0}, "validation is a fraction"),
        ({"validation": 1}, "validation is a fraction"),
        ({"validation": 20}, "validation is a fraction"),
        ({"test": -0.1}, "test is a fraction"),
        ({"test": math.nan}, "test must be a finite number"),
        ({"test": True}, "test must be a number"),
        ({"validation": 0.5, "test": 0.5}, "must leave something to train on"),
        ({"target": []}, "target must name a column, got []"),
        ({"target": ["a", ""]}, "target.1 must be readable text and not empty, got ''"),
        ({"ignore": 2.5}, "ignore must be a string, got 2.5"),
        ({"text": ["a"]}, "text must be a string, got ['a']"),
        ({"header": 1}, "header must be true or false, got 1"),
        ({"split_text": "word"}, "split_text must be one of auto, whitespace, character"),
        ({"split_text": "charcter"}, "(did you mean 'character'?)"),
    ],
)
def test_data_mistake(arguments, phrase):
    with pytest.raises(SpaceError) as caught:
        DataSpec(**arguments)
    assert phrase in str(caught.value)


def test_data_default_split():
    assert (DataSpec("digits").validation, DataSpec("digits").test) == (0.2, 0.2)
