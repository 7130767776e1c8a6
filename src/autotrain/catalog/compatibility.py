"""Whether the training core can run every configuration of a space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autotrain.catalog.families import FAMILIES, Family, family_of, models_of
from autotrain.data import DataInfo
from autotrain.errors import ConfigurationError, Problem, SpaceError, nearest
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.tasks.metrics import METRICS, TRAINING_METRIC, metrics_of

KINDS = ("image", "tabular", "text")  # of data
GOALS = ("classification", "multilabel", "regression")  # one class, several labels, numbers
TASKS = tuple(f"{kind}_{goal}" for kind in KINDS for goal in GOALS)


def check_space(space: Space) -> None:
    """Check models, task, objectives and parameters against the core.

    Raises:
        SpaceError: for an unknown model, task, metric or parameter, one that no family of the
            space has, or a range beyond what is allowed; all of them are listed.
    """
    families = [family for family in map(family_of, models_of(space)) if family is not None]
    problems = [*_model_problems(space), *_task_problems(space, families)]
    problems += _objective_problems(space)
    for name, parameter in space.parameters.items():
        if name != "model":
            problems += _parameter_problems(space, families, name, parameter)
    if problems:
        raise SpaceError(problems)


def goal_of(space: Space) -> str:
    """What is predicted: `classification` (unless the task says otherwise), `multilabel` …"""
    return (space.task or "_classification").rpartition("_")[2]


def check_goal(space: Space, info: DataInfo) -> None:
    """Check that the data has what the space's task predicts.

    Raises:
        ConfigurationError: it has not; names the task that would fit.
    """
    goal = goal_of(space)
    if goal == info.goal:
        return
    task = space.task or f"{info.kind}_{goal} (the default)"
    raise ConfigurationError(
        f"the task {task} predicts {_TARGETS[goal]}, but '{info.source}' has "
        f"{_TARGETS[info.goal]}: use a space for them, or --set task={info.kind}_{info.goal} "
        f"--set objective.metric=val_{TRAINING_METRIC[info.goal]}"
    )


_TARGETS = {
    "classification": "one class for each example",
    "multilabel": "any of several labels for each example",
    "regression": "numbers",
}


def kind_of(space: Space) -> str | None:
    """The kind of data that the families of a space read; None where any will do."""
    families = [family_of(model) for model in models_of(space)]
    return next((family.kind for family in families if family and family.kind), None)


def _model_problems(space: Space) -> list[Problem]:
    where = space.locate("model")
    models = models_of(space)
    rule = (
        f"'model' must be one of {', '.join(FAMILIES)}, or a function in a file: my_file.py:build"
    )
    if not models:
        return [Problem(where, rule, repr(space.model))]
    return [
        Problem(where, rule, repr(model), nearest(model, FAMILIES))
        for model in models
        if family_of(model) is None
    ]


def _task_problems(space: Space, families: Sequence[Family]) -> list[Problem]:
    kinds = sorted({family.kind for family in families if family.kind})
    if len(kinds) > 1:
        rule = "the models of a space must read one kind of data"
        return [Problem(space.locate("model"), rule, f"models for {' and '.join(kinds)}")]
    if space.task is None:
        return []
    if space.task not in TASKS:
        rule = f"'task' must be one of {', '.join(TASKS)}"
        return [Problem(space.locate("task"), rule, repr(space.task), nearest(space.task, TASKS))]
    kind = space.task.rpartition("_")[0]
    if kinds and kind != kinds[0]:
        fitting = [task for task in TASKS if task.startswith(kinds[0])]
        names = ", ".join(models_of(space))
        rule = f"'task' of the model {names} must be one of {', '.join(fitting)}"
        return [Problem(space.locate("task"), rule, repr(space.task), nearest(space.task, fitting))]
    return []


def _objective_problems(space: Space) -> list[Problem]:
    goal = goal_of(space)
    if goal not in METRICS:
        return []
    known = metrics_of(goal)
    rule = f"a metric of {goal} must be one of {', '.join(known)}"
    return [
        Problem(
            space.locate("objective"),
            rule,
            repr(o.metric),
            _task_with(space, o.metric) or nearest(o.metric, known),
        )
        for o in space.objectives
        if o.metric not in known
    ]


def _task_with(space: Space, metric: str) -> str:
    """The hint at tasks that have a metric, for the space's kind of data."""
    kind = kind_of(space) or (space.task or "").rpartition("_")[0] or "image"
    tasks = [f"{kind}_{goal}" for goal in METRICS if metric in metrics_of(goal)]
    return f"the task {' or '.join(tasks)} has it: --set task={tasks[0]}" if tasks else ""


def _parameter_problems(
    space: Space, families: Sequence[Family], name: str, parameter: Parameter
) -> list[Problem]:
    where = space.locate("parameters", name)
    known: dict[str, Any] = {}
    for family in families:
        known |= family.hyperparameters()
    if name not in known:
        if not families or any(family.is_own for family in families):
            return []  # a builder of the user's own has parameters of its own
        rule = f"the model '{', '.join(models_of(space))}' has the parameters {', '.join(known)}"
        return [Problem(where, rule, repr(name), nearest(name, known))]
    info = known[name]
    wrong = [value for value in extreme_values(parameter) if not info.allows(value)]
    if not wrong:
        return []
    return [Problem(where, f"'{name}' must be {info.rule()}", ", ".join(map(repr, wrong)))]


def extreme_values(parameter: Parameter) -> tuple[Any, ...]:
    """The values that decide whether a whole range is allowed."""
    if isinstance(parameter, (Int, Float)):
        return (parameter.low, parameter.high)
    if isinstance(parameter, Choice):
        return tuple(parameter.values)
    assert isinstance(parameter, Fixed)
    return (parameter.value,)
