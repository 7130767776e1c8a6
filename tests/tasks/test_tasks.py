"""What holds for every task, built in or not."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.errors import ConfigurationError
from autotrain.serving.answers import ANSWERS, BY_TASK
from autotrain.tasks import TASKS, direction_of, task_named

EXAMPLES = {
    "classification": np.arange(12) % 3,
    "multilabel": np.stack([np.arange(12) % 2, np.arange(12) % 3 == 0, np.ones(12)], 1),
    "regression": np.random.default_rng(0).normal(size=(12, 3)),
    "forecast": np.random.default_rng(0).normal(size=(12, 3)),
}


@pytest.mark.parametrize("name", TASKS.names())
def test_a_task_evaluates_what_it_encodes(name):
    task = task_named(name).fitted({"naive_error": 0.5})
    encoded, names = task.encode("here", {"train": EXAMPLES[name]}, ())
    y = encoded["train"]
    assert y.shape[1:] == task.target_shape(len(names))
    assert len(task.strata(y)) == len(y)
    outputs = np.random.default_rng(1).normal(size=(len(y), len(names)))
    found = task.evaluate(outputs, y, task.metrics)
    assert set(found) == set(task.metrics)
    assert set(task.metrics.values()) <= {"minimize", "maximize"}
    assert {task.training_metric, task.first_metric} <= set(task.metrics)
    assert len(task.counts(y, len(names))) == (len(names) if task.has_classes else 0)
    assert all(len(values) == len(names) for values in task.by_class(outputs, y).values())
    answers = task.probabilities(outputs)
    assert task.difference(answers, answers) == (0.0, 1.0)
    assert all(len(values) == len(y) for values in task.predicted(names, answers).values())
    np.testing.assert_allclose(task.probabilities(task.logits(answers)), answers)
    np.testing.assert_allclose(
        task.probabilities(task.mean([outputs, outputs])), answers, rtol=1e-5
    )


@pytest.mark.parametrize("name", TASKS.names())
def test_a_task_answers_in_a_form_that_exports_know(name):
    task = task_named(name)
    assert BY_TASK[name] == task.answer
    names = ["a", "b", "c"]
    answer, row = ANSWERS[task.answer], np.array([0.2, 0.7, 0.1])
    assert len(answer.header(names)) == len(answer.cells(names, row))


def test_the_direction_of_a_metric_is_that_of_any_task():
    assert (direction_of("macro_f1"), direction_of("rmse")) == ("maximize", "minimize")
    assert (direction_of("f2:a loss"), direction_of("pinball_0.9")) == ("maximize", "minimize")
    assert direction_of("charm") is None


def test_an_unknown_task_gets_the_nearest():
    with pytest.raises(ConfigurationError, match="did you mean 'regression'"):
        task_named("regresion")
