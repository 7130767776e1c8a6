"""Settings from the command line."""

from dataclasses import fields, replace

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


@pytest.mark.parametrize(
    ("setting", "value", "field", "expected"),
    [
        ("data.source", "wine", "source", "wine"),
        ("data.image_size", "16", "image_size", 16),
        ("data.validation", "0.3", "validation", 0.3),
        ("data.test", "0.1", "test", 0.1),
        ("data.target", "price", "target", "price"),
        ("data.target", "3", "target", "3"),
        ("data.target", "[price, 4]", "target", ("price", "4")),
        ("data.text", "review", "text", "review"),
        ("data.ignore", "id,name", "ignore", "id,name"),
        ("data.header", "false", "header", False),
        ("data.decimal", '","', "decimal", ","),
        ("data.split_text", "character", "split_text", "character"),
    ],
)
def test_overrides_reach_every_field_of_data(space, setting, value, field, expected):
    found = space.with_overrides({setting: value})
    assert getattr(found.data, field) == expected
    assert found.data == replace(space.data, **{field: expected})
    assert found.replace(data=space.data) == space
    assert {f.name for f in fields(DataSpec)} == set(DATA_FIELDS)


DATA_FIELDS = (
    *("source", "image_size", "validation", "test", "target"),
    *("text", "ignore", "header", "decimal", "split_text"),
)


@pytest.mark.parametrize(
    ("settings", "budget"),
    [
        ({"budget.epochs": "5"}, Budget(5, 50)),
        ({"budget.trials": "5"}, Budget(30, 5)),
        ({"budget.timeout": "90m"}, Budget(30, 50, 5400)),
        ({"budget.trials": "null"}, Budget(30)),
        ({"budget": "{trials: 3}"}, Budget(trials=3)),
        ({"budget": "null"}, Budget()),
        ({"budget": "null", "budget.epochs": "2"}, Budget(2)),
    ],
)
def test_overrides_reach_every_field_of_the_budget(space, settings, budget):
    assert space.with_overrides(settings).budget == budget


@pytest.mark.parametrize(
    ("settings", "objectives"),
    [
        ({"objective.metric": "val_auc"}, [Objective("val_auc", "maximize")]),
        ({"objective.direction": "minimize"}, [Objective("val_accuracy", "minimize")]),
        ({"objective": "val_loss"}, [Objective("val_loss", "minimize")]),
        ({"objective": "{metric: speed, direction: maximize}"}, [Objective("speed", "maximize")]),
        ({"objective": "[val_loss, val_auc]"}, [Objective("val_loss"), Objective("val_auc")]),
        ({"objective": "x", "objective.direction": "minimize"}, [Objective("x", "minimize")]),
    ],
)
def test_overrides_reach_every_field_of_the_objective(space, settings, objectives):
    assert list(space.with_overrides(settings).objectives) == objectives


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("task", "text_regression", "text_regression"),
        ("task", "null", None),
        ("model", "mlp", "mlp"),
        ("name", "'7'", "7"),
        ("description", "A few words.", "A few words."),
        ("data", "{source: wine, test: 0.1}", DataSpec("wine", test=0.1)),
        ("data", "null", None),
        ("start_from", "[{depth: 2}, {batch_size: 64}]", ({"depth": 2}, {"batch_size": 64})),
    ],
)
def test_overrides_reach_every_other_field(space, setting, value, expected):
    assert getattr(space.with_overrides({setting: value}), setting) == expected


def test_overrides_give_a_choice_among_models(space):
    found = space.with_overrides({"model": "{choice: [cnn, resnet]}"})
    assert found.model is None
    assert next(iter(found.parameters.items())) == ("model", Choice(["cnn", "resnet"]))


@pytest.mark.parametrize("setting", ["optimizer", "optimizer.choice", "optimizer.choices"])
def test_overrides_give_other_choices(space, setting):
    found = space.with_overrides({setting: "[sgd, lion]"})
    assert found.parameters["optimizer"] == Choice(["sgd", "lion"])
    assert found.parameters["momentum"] == space.parameters["momentum"]
    found = space.with_overrides({setting: ["adam", "lion"]})
    assert "momentum" not in found.parameters  # it needs sgd


def test_overrides_give_a_fixed_parameter_choices(space):
    found = space.with_overrides({"batch_size": "[32, 64]"})
    assert found.parameters["batch_size"] == Choice([32, 64])


def test_overrides_give_a_parameter_another_form_and_keep_its_condition(space):
    found = space.with_overrides({"momentum": "{choice: [0.9, 0.95]}", "depth": "{int: [2, 9]}"})
    assert found.parameters["momentum"] == Choice([0.9, 0.95], when={"optimizer": "sgd"})
    assert found.parameters["depth"] == Int(2, 9)


def test_overrides_change_conditions(space):
    found = space.with_overrides({"momentum.when": "{depth: [1, 2]}", "deep_only.when": "null"})
    assert found.parameters["momentum"] == Float(0.8, 0.99, when={"depth": [1, 2]})
    assert found.parameters["deep_only"] == Int(1, 2)


def test_overrides_tell_where_a_value_comes_from():
    data, lines = parse_yaml(
        "objective: val_loss\nparameters: {a: 1, b: {int: [1, 9]}}\n", "f.yaml"
    )
    space = Space.from_dict(data, lines=lines).with_overrides({"task": "x", "b.high": 5})
    assert space.locate("task") == "--set task"
    assert space.locate("parameters", "b") == "--set b.high"
    assert space.locate("parameters", "a") == "f.yaml:2"
    assert space.with_overrides({"a": 2}).locate("parameters", "b") == "--set b.high"


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
        ("data.test", "0.9", "must leave something to train on"),
        ("data.header", "yes", "header must be true or false, got 'yes'"),
        ("data.split_text", "word", "split_text must be one of auto, whitespace, character"),
        ("data.txt", "a", "(did you mean 'data.text'?)"),
        ("data", "{sorce: x}", "data has no such key, got 'sorce' (did you mean 'source'?)"),
        ("data", "3", "data must be a mapping of keys to values, got 3"),
        ("budgt.epochs", "3", "(did you mean 'budget.epochs'?)"),
        ("objective.metrc", "x", "(did you mean 'objective.metric'?)"),
        ("objective", "null", "an objective must name a metric"),
        ("parameters", "{a: 1}", "no such setting, got 'parameters' (parameters: depth,"),
        ("start_from", "[{dept: 1}]", "got 'dept' (did you mean 'depth'?)"),
        ("optimizer.choics", "[a]", "got 'choics' (did you mean 'choices'?)"),
        ("optimizer.choices", "adam", "the choices must be a list, got 'adam'"),
        ("optimizer", "[]", "there must be at least one choice"),
        ("optimizer", "[sgd, sgd]", "choices must differ from one another, got 'sgd'"),
        ("optimizer", "[sgd, adam", "a list opened by '[' must be closed by ']'"),
        ("depth", "[1, 9]", "depth must be a whole number, got [1, 9] (write depth={int: [1, 9]})"),
        ("dropout", "{flaot: [0, 1]}", "got 'flaot' (did you mean 'float'?)"),
        ("dropout", "null", "dropout must be a finite number, got null"),
        ("momentum.when", "{optimzer: sgd}", "got 'optimzer' (did you mean 'optimizer'?)"),
        ("momentum.when", "{optimizer: sdg}", "one of sgd, adam, got 'sdg' (did you mean 'sgd'?)"),
        ("momentum.when", "sgd", "when must name other parameters with their values, got 'sgd'"),
        ("optimizer.when", "{momentum_kind: a}", "conditions must not form a cycle"),
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
    settings = {"depth.low": "x", "data.test": 2, "budget.trials": 0, "objective": "", "name": 3}
    assert len(problems(space, settings)) == 5


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
