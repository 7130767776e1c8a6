"""Tasks, metrics and data that must fit each other."""

from dataclasses import replace

import numpy as np
import pytest

from autotrain.catalog.compatibility import (
    check_objectives,
    check_space,
    check_task,
    known_tasks,
    space_task,
)
from autotrain.data import DataInfo
from autotrain.errors import ConfigurationError, SpaceError
from autotrain.space import Float, Space, load_space
from autotrain.tasks import TASKS

INFO = DataInfo(
    source="houses.csv",
    modality="tabular",
    fingerprint="f",
    seed=0,
    validation=0.2,
    test=0.2,
    input_shape=(4,),
    dtype="float32",
    classes=3,
    class_names=("a", "b", "c"),
    sizes={"train": 60, "validation": 20, "test": 20},
    class_counts={"train": (20, 20, 20)},
)


def space(metric, task=None, model="mlp"):
    return Space({"learning_rate": Float(0.01, 1)}, metric, task=task, model=model)


def test_every_task_of_a_space_is_a_task_of_the_registry():
    assert len(known_tasks()) == 13
    predicted = {space_task(space("val_loss", task)).name for task in known_tasks()}
    assert predicted == set(TASKS.names())


@pytest.mark.parametrize("task", TASKS.names())
def test_every_metric_of_a_task_can_be_its_objective(task):
    for metric, direction in TASKS.get(task).reported_metrics.items():
        objective = {"metric": metric, "direction": direction}
        of_sequences = task == "forecast"
        name = f"sequence_{task}" if of_sequences else f"tabular_{task}"
        check_space(space(objective, name, "sequence" if of_sequences else "mlp"))
        check_space(space(objective, task, "sequence" if of_sequences else "mlp"))


@pytest.mark.parametrize(
    ("task", "metric", "tasks"),
    [
        (None, "val_rmse", "tabular_regression"),
        ("tabular_classification", "val_r2", "tabular_regression"),
        ("tabular_classification", "val_exact_accuracy", "tabular_multilabel"),
        ("tabular_multilabel", "val_balanced_accuracy", "tabular_classification"),
        ("tabular_multilabel", "val_mae", "tabular_regression"),
        ("tabular_regression", "val_auc", "tabular_classification or tabular_multilabel"),
    ],
)
def test_a_metric_of_another_task_names_the_task_that_has_it(task, metric, tasks):
    with pytest.raises(SpaceError) as caught:
        check_space(space(metric, task))
    text = str(caught.value)
    assert f"got '{metric}'" in text
    assert f"the task {tasks} has it: --set task={tasks.split()[0]}" in text
    for known in space_task(space("loss", task)).reported_metrics:
        assert known in text


def test_a_metric_that_no_task_has_is_answered_with_the_nearest():
    with pytest.raises(SpaceError, match="did you mean 'val_rmse'"):
        check_space(space({"metric": "val_rmsee", "direction": "minimize"}, "tabular_regression"))


@pytest.mark.parametrize(
    ("task", "metrics"),
    [
        (None, ["val_recall:a: b", "val_f0.5:überläuft", "val_f2", "val_weighted_f1", "val_mcc",
                "val_log_loss", "val_top_5_accuracy", "val_macro_f2", "val_specificity:a",
                "val_recall_at_precision_0.95:a", "val_pr_auc:a"]),
        ("tabular_multilabel", ["val_micro_f1", "val_precision:a b"]),
        ("tabular_regression", ["val_mape", "val_pinball_0.9"]),
    ],
)  # fmt: skip
def test_metrics_of_one_class_and_with_a_number_are_known(task, metrics):
    check_space(space(metrics, task))


@pytest.mark.parametrize(
    ("task", "metric", "hint"),
    [
        (None, "val_recal:churned", "did you mean 'val_recall:churned'"),
        (None, "val_fbeta", "did you mean 'val_f2'"),
        (None, "val_accuracy:churned", "must be one of .*val_recall:NAME"),
        (None, "recall:churned", "did you mean 'val_recall:churned'"),
        (None, "val_top_accuracy", "did you mean 'val_top_5_accuracy'"),
        ("tabular_regression", "val_pinball", "did you mean 'val_pinball_0.9'"),
        (None, "val_pinball_0.9", "the task tabular_regression has it"),
    ],
)
def test_a_misspelt_one_is_answered_with_the_nearest(task, metric, hint):
    with pytest.raises(SpaceError, match=hint):
        check_space(space({"metric": metric, "direction": "maximize"}, task))


OF_TWO = TASKS.get("classification").of(("no", "churned: yes"))


def test_a_class_that_the_data_has_not_is_answered_with_the_nearest():
    asked = space("val_loss").with_overrides({"objective.metric": "val_f1:churned yes"})
    with pytest.raises(SpaceError, match=r"^--set objective.metric: .*did you mean 'churned: yes'"):
        check_objectives(asked, OF_TWO, np.array([0, 1]))


def test_an_objective_that_the_validation_part_leaves_undefined_is_refused():
    task = TASKS.get("regression").of(["price"])
    with pytest.raises(SpaceError, match="val_mape is undefined on the validation part: it div"):
        check_objectives(space("val_mape", "tabular_regression"), task, np.array([0.0, 3.0]))
    check_objectives(space("val_mape", "tabular_regression"), task, np.array([1.0, 3.0]))


@pytest.mark.parametrize(
    ("threshold", "rule"),
    [
        ("auc", "auc does not"),
        ("objective", "loss does not"),
        ("recall:churned", "name recall_at_precision_0.9"),
        (2, "between 0 and 1, both excluded, got 2"),
        ("f-1", "did you mean 'f1'"),
    ],
)
def test_a_threshold_that_none_follows_from_is_refused(threshold, rule):
    asked = space("val_loss").replace(threshold=threshold)
    with pytest.raises(SpaceError, match=rf"^threshold: .*{rule}"):
        check_space(asked)


def test_a_threshold_is_of_two_classes():
    for good in ("f1", "f2:churned: yes", 0.3, "0.3:no"):
        asked = space("val_loss").replace(threshold=good)
        check_space(asked)
        check_objectives(asked, OF_TWO, np.array([0, 1]))
    three = TASKS.get("classification").of(("a", "b", "c"))
    with pytest.raises(SpaceError, match="between two classes, and this model predicts 3 classes"):
        check_objectives(space("val_loss").replace(threshold="mcc"), three, np.array([0, 1, 2]))
    with pytest.raises(SpaceError, match="this model predicts numbers"):
        check_space(space("val_mae", "tabular_regression").replace(threshold=0.3))


def test_a_forecast_is_of_sequences_and_the_word_for_the_data_may_be_left_out():
    check_space(space("val_mase", "forecast", "sequence"))
    with pytest.raises(SpaceError, match=r"mlp must be one of .*, got 'forecast'"):
        check_space(space("val_mae", "forecast"))


def test_a_task_for_other_data_than_the_models_is_refused():
    with pytest.raises(
        SpaceError, match=r"mlp must be one of .*tabular_regression.*'text_regression'"
    ):
        check_space(space("val_rmse", "text_regression"))


@pytest.mark.parametrize(
    ("task", "hint"), [("image_clasification", "image_classification"), ("images", None)]
)
def test_a_task_that_does_not_exist_is_refused_where_it_was_given(task, hint):
    for where, asked in (
        ("task", space("val_loss", task)),
        ("--set task", space("val_loss").with_overrides({"task": task})),
    ):
        with pytest.raises(SpaceError, match=rf"^{where}: 'task' must be one of .*text_regression"):
            check_space(asked)
        with pytest.raises(SpaceError, match=f"did you mean '{hint}'" if hint else f"got '{task}'"):
            check_space(asked)


def test_a_setting_beyond_what_is_allowed_is_named():
    asked = space("val_loss").with_overrides({"learning_rate.low": "-1"})
    with pytest.raises(SpaceError, match=r"^--set learning_rate.low: 'learning_rate' must be a"):
        check_space(asked)


def test_mistakes_of_the_file_and_of_the_catalog_are_listed_together(tmp_path):
    file = tmp_path / "f.yaml"
    file.write_text(
        "task: image_clasification\n"
        "model: cnn\n"
        "objective: val_acuracy\n"
        "budget: {epochs: 0}\n"
        "parameters:\n"
        "  learing_rate: {float: [0.1, 1]}\n"
        "  momentum: {float: [0.5, 1.5]}\n"
        "  depth: {int: [4, 2]}\n"
        "  width: {flaot: [4, 2]}\n",
        "utf-8",
    )
    with pytest.raises(SpaceError) as caught:
        load_space(file, check_space)
    found = [str(problem).removeprefix(str(file)) for problem in caught.value.problems]
    assert [text.split(":")[1] for text in found] == ["1", "3", "4", "6", "7", "8", "9"]
    assert "did you mean 'image_classification'?" in found[0]
    assert "did you mean 'val_accuracy'?" in found[1]
    assert "did you mean 'learning_rate'?" in found[3]
    assert "'momentum' must be a number at least 0 and below 1, got 1.5" in found[4]


@pytest.mark.parametrize("model", ["3", "{choice: []}", "{choice: [cnn, cnn]}", "[cnn]"])
def test_a_mistaken_model_is_one_mistake(model, tmp_path):
    file = tmp_path / "f.yaml"
    file.write_text(f"objective: val_loss\nparameters: {{x: 1}}\nmodel:\n  {model}\n", "utf-8")
    with pytest.raises(SpaceError) as caught:
        load_space(file, check_space)
    assert len(caught.value.problems) == 1


def test_the_shipped_table_space_serves_regression_with_two_settings():
    changed = load_space("tabular_mlp").with_overrides(
        {"task": "tabular_regression", "objective.metric": "val_rmse"}
    )
    check_space(changed)
    assert space_task(changed).name == "regression"
    assert changed.objectives[0].direction == "minimize"


@pytest.mark.parametrize("task", TASKS.names())
@pytest.mark.parametrize("has", TASKS.names())
def test_a_task_needs_data_with_its_targets(task, has):
    asked, info = space("val_loss", f"tabular_{task}"), replace(INFO, task=has)
    if task == has:
        check_task(asked, info)
        return
    with pytest.raises(ConfigurationError, match=r"houses\.csv") as caught:
        check_task(asked, info)
    assert f"task tabular_{task} predicts" in str(caught.value)
    assert f"--set task=tabular_{has} --set objective.metric=val_" in str(caught.value)


def test_a_space_without_a_task_is_for_classes():
    check_task(space("val_accuracy"), INFO)
    with pytest.raises(ConfigurationError, match="the default"):
        check_task(space("val_accuracy"), replace(INFO, task="regression"))
