"""Settings from the command line."""

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
    to_yaml,
)


@pytest.fixture
def space():
    return Space(
        {
            "depth": Int(1, 4),
            "optimizer": Choice(["sgd", "adam"]),
            "width": Choice([16, 32]),
            "momentum": Float(0.8, 0.99, when={"optimizer": "sgd"}),
            "nesterov": Choice([True, False], when={"momentum_kind": "a"}),
            "momentum_kind": Choice(["a", "b"], when={"optimizer": "sgd"}),
            "learning_rate": Float(1e-4, 1e-1, log=True),
            "dropout": Float(0, 0.5, step=0.1),
            "deep_only": Int(1, 2, when={"depth": [3, 4]}),
            "batch_size": 64,
        },
        "val_accuracy",
        data="digits",
        model="cnn",
        budget=Budget(30, 50),
    )


def problems(space, settings):
    with pytest.raises(SpaceError) as caught:
        space.with_overrides(settings)
    return [str(problem) for problem in caught.value.problems]


def test_overrides_change_ranges(space):
    found = space.with_overrides({"learning_rate.high": "1", "depth.low": "2", "depth.step": "2"})
    assert found.parameters["learning_rate"] == Float(1e-4, 1, log=True)
    assert found.parameters["depth"] == Int(2, 4, step=2)
    assert space.parameters["depth"] == Int(1, 4)


def test_overrides_low_and_high_may_pass_old_bounds_in_any_order(space):
    expected = Int(7, 9)
    del space.parameters["deep_only"]
    assert space.with_overrides({"depth.low": 7, "depth.high": 9}).parameters["depth"] == expected
    assert space.with_overrides({"depth.high": 9, "depth.low": 7}).parameters["depth"] == expected


def test_overrides_switch_log_and_step(space):
    found = space.with_overrides({"learning_rate.log": "false", "dropout.step": "null"})
    assert found.parameters["learning_rate"] == Float(1e-4, 1e-1)
    assert found.parameters["dropout"] == Float(0, 0.5)


def test_overrides_bare_name_fixes(space):
    found = space.with_overrides(
        {"batch_size": "32", "width": 16, "learning_rate": "0.5", "parameters.depth": "9"}
    )
    assert found.parameters["batch_size"] == Fixed(32)
    assert found.parameters["width"] == Fixed(16)
    assert found.parameters["learning_rate"] == Fixed(0.5)
    assert found.parameters["depth"] == Fixed(9)
    assert "deep_only" not in found.parameters  # its condition names 3 and 4
    assert list(found.parameters) == [n for n in space.parameters if n != "deep_only"]


def test_overrides_value_of_fixed(space):
    assert space.with_overrides({"batch_size.value": "16"}).parameters["batch_size"] == Fixed(16)


def test_overrides_keep_the_condition_of_a_fixed_parameter(space):
    found = space.with_overrides({"momentum": "0.5"})
    assert found.parameters["momentum"] == Fixed(0.5, when={"optimizer": "sgd"})


def test_overrides_initials_stand_for_a_name(space):
    found = space.with_overrides({"lr.high": "0.05", "bs": "16"})
    assert found.parameters["learning_rate"].high == 0.05
    assert found.parameters["batch_size"] == Fixed(16)
    other = Space({"lr": Float(0, 1), "learning_rate": Float(0, 1)}, "val_loss")
    assert other.with_overrides({"lr": 0.5}).parameters["learning_rate"] == Float(0, 1)


def test_overrides_remove_what_can_no_longer_be_active(space):
    found = space.with_overrides({"optimizer": "adam"})
    gone = set(space.parameters) - set(found.parameters)
    assert gone == {"momentum", "momentum_kind", "nesterov"}
    assert Space.from_dict(parse_yaml(to_yaml(found), "f")[0]) == found


def test_overrides_narrow_conditions(space):
    found = space.with_overrides({"depth.high": "3"})
    assert found.parameters["deep_only"] == Int(1, 2, when={"depth": 3})
    assert "deep_only" not in space.with_overrides({"depth.high": "2"}).parameters


def test_overrides_remove_conditions_that_only_together_cannot_hold():
    space = Space(
        {
            "a": Int(1, 3),
            "b": Int(1, 2, when={"a": [2, 3]}),
            "c": Int(1, 2, when={"a": [1, 3], "b": 1}),
        },
        "val_loss",
    )
    assert list(space.with_overrides({"a.high": 2}).parameters) == ["a", "b"]


def test_overrides_of_the_rest(space):
    found = space.with_overrides(
        {
            "budget.epochs": "3",
            "budget.timeout": "2h",
            "objective.metric": "val_loss",
            "data.image_size": "16",
            "model": "mlp",
            "name": "other",
        }
    )
    assert found.budget == Budget(3, 50, 7200)
    assert found.objectives == (Objective("val_loss", "minimize"),)
    assert found.data == DataSpec("digits", 16)
    assert (found.model, found.name) == ("mlp", "other")
    assert space.with_overrides({"data": "cifar10"}).data == DataSpec("cifar10")
    assert space.with_overrides({"objective": "val_loss"}).objectives == found.objectives


def test_overrides_direction_and_metric_in_any_order(space):
    settings = {"objective.direction": "maximize", "objective.metric": "reward"}
    for items in (settings.items(), reversed(settings.items())):
        assert space.with_overrides(dict(items)).objectives == (Objective("reward", "maximize"),)


def test_overrides_of_nothing_give_an_equal_space(space):
    assert space.with_overrides({}) == space


@pytest.mark.parametrize(
    ("setting", "value", "phrase"),
    [
        ("optimzer", "adam", "no such setting, got 'optimzer' (did you mean 'optimizer'?)"),
        ("zzz", "1", "(parameters: depth, optimizer"),
        ("", "1", "no such setting"),
        (".", "1", "no such setting"),
        ("depth.", "9.5", "depth must be a whole number, got 9.5"),
        ("budget.epoch", "3", "did you mean 'budget.epochs'?"),
        ("budget", "3", "known: budget.epochs, budget.trials, budget.timeout"),
        ("budget.epochs", "many", "epochs must be a whole number, got 'many'"),
        ("budget.timeout", "soon", "a duration is"),
        ("learning_rate.hihg", "1", "has no such setting, got 'hihg' (did you mean 'high'?)"),
        ("learning_rate.high.x", "1", "has no such setting"),
        ("optimizer.low", "1", "has no such setting, got 'low' (fix it with optimizer=VALUE)"),
        ("learning_rate.high", "fast", "high must be a number, got 'fast'"),
        ("learning_rate.high", "1e-9", "low must not be above high, got [0.0001, 1e-9]"),
        ("learning_rate.low", "0", "low must be above zero where log is true, got 0"),
        ("learning_rate.step", "0.1", "step must not be given where log is true"),
        ("learning_rate", "fast", "learning_rate must be a finite number, got 'fast'"),
        ("learning_rate", ".inf", "learning_rate must be a finite number, got .inf"),
        ("depth", "2.5", "depth must be a whole number, got 2.5"),
        ("depth", "true", "depth must be a whole number, got true"),
        ("depth", "9" * 200, "at most 100 digits"),
        ("depth", "9" * 50, "must lie within"),
        ("optimizer", "adm", "one of sgd, adam, got 'adm' (did you mean 'adam'?)"),
        ("optimizer", "3", "optimizer must be one of sgd, adam, got 3"),
        ("width", "wide", "width must be one of 16, 32, got 'wide'"),
        ("objective.metric", "reward", "needs a direction"),
        ("objective.direction", "up", "direction must be maximize or minimize"),
        ("data.test", "2", "test is a fraction"),
        ("name", "3", "name must be a string"),
    ],
)
def test_override_mistake_names_the_setting(space, setting, value, phrase):
    found = problems(space, {setting: value})
    assert len(found) == 1
    assert found[0].startswith("--set" if setting in ("", ".") else f"--set {setting}")
    assert phrase in found[0]


def test_override_mistakes_are_listed_together(space):
    assert len(problems(space, {"a": 1, "depth": "x", "budget.epoch": 3})) == 3


def test_override_of_a_parameter_that_another_one_removes_is_refused(space):
    found = problems(space, {"optimizer": "adam", "momentum": "0.9"})
    assert found == ["--set momentum: momentum is never active with these settings"]


def test_override_fixing_and_ranging_at_once_is_refused(space):
    assert "either fixed or given another range" in problems(space, {"depth.low": 1, "depth": 2})[0]
    assert "(fixed) has no such setting" in problems(space, {"depth": 2, "depth.low": 1})[0]


def test_override_of_one_of_several_objectives_is_refused():
    space = Space({"x": Int(1, 2)}, ["val_loss", "latency"])
    assert "several objectives" in problems(space, {"objective.metric": "val_accuracy"})[0]


def test_overrides_make_a_space_for_another_task():
    space = Space({"x": Int(1, 2)}, "val_accuracy", task="tabular_classification")
    changed = space.with_overrides(
        {"objective.metric": "val_rmse", "task": "tabular_regression"}, "--set"
    )
    assert changed.task == "tabular_regression"
    assert changed.objectives == (Objective("val_rmse", "minimize"),)
