"""Whether the training core can run every configuration of a space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autotrain.catalog.families import FAMILIES, ModelFamily, family_of, models_of
from autotrain.data import MODALITIES, DataInfo
from autotrain.errors import ConfigurationError, Problem, SpaceError, nearest
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.tasks import TASKS, Task, task_named
from autotrain.tasks.thresholds import understood


def check_space(space: Space) -> None:
    """Check models, task, objectives and parameters against the core.

    Raises:
        SpaceError: for an unknown model, task, metric or parameter, one that no family of the
            space has, or a range beyond what is allowed; all of them are listed.
    """
    families = [family for family in map(family_of, models_of(space)) if family is not None]
    problems = [*_model_problems(space), *_task_problems(space, families)]
    if space.task is None or space.task in known_tasks():
        problems += _objective_problems(space)
        problems += _threshold_problems(space, space_task(space))
    for name, parameter in space.parameters.items():
        if name != "model":
            problems += _parameter_problems(space, families, name, parameter)
    if problems:
        raise SpaceError(problems)


def known_tasks() -> tuple[str, ...]:
    """What a space's `task` can be, such as `image_classification`; the first word may be left out."""
    found = []
    for modality in MODALITIES.names():
        for name, task in TASKS.available().items():
            if task.modalities is None or modality in task.modalities:
                found.append(f"{modality}_{name}")
    return tuple(found)


def space_task(space: Space) -> Task:
    """What is predicted: classification, unless the space's `task` says otherwise.

    Raises:
        ConfigurationError: it says what there is not.
    """
    return task_named(space.task.rpartition("_")[2] if space.task else "classification")


def check_task(space: Space, info: DataInfo) -> None:
    """Check that the data has what the space's task predicts.

    Raises:
        ConfigurationError: it has not; names the task that would fit.
    """
    asked, there = space_task(space), task_named(info.task)
    if asked.name == there.name:
        return
    task = space.task or f"{info.modality}_{asked.name} (the default)"
    raise ConfigurationError(
        f"the task {task} predicts {asked.words}, but '{info.source}' has "
        f"{there.words}: use a space for them, or --set task={info.modality}_{there.name} "
        f"--set objective.metric=val_{there.training_metric}"
    )


def space_modality(space: Space) -> str | None:
    """What the families of a space read; None where anything will do."""
    families = [family_of(model) for model in models_of(space)]
    return next((family.modality for family in families if family and family.modality), None)


def wanted_modality(space: Space) -> str | None:
    """What a space reads: by its families, or by its task where they read anything."""
    prefix = (space.task or "").rpartition("_")[0]
    return space_modality(space) or (prefix if prefix in MODALITIES.names() else None)


def _model_problems(space: Space) -> list[Problem]:
    where = space.locate("model")
    models = models_of(space)
    rule = f"'model' must be one of {', '.join(FAMILIES.names())}, or a function in a file: my_file.py:build"
    if not models:
        return [Problem(where, rule, repr(space.model))]
    return [
        Problem(where, rule, repr(model), nearest(model, FAMILIES.names()))
        for model in models
        if family_of(model) is None
    ]


def _task_problems(space: Space, families: Sequence[ModelFamily]) -> list[Problem]:
    read = sorted({family.modality for family in families if family.modality})
    if len(read) > 1:
        rule = "the models of a space must read one kind of data"
        return [Problem(space.locate("model"), rule, f"models for {' and '.join(read)}")]
    known = known_tasks()
    fitting = [task for task in known if not read or task.startswith(f"{read[0]}_")]
    bare = {task.rpartition("_")[2] for task in fitting}
    if space.task is None or space.task in fitting or space.task in bare:
        return []
    rule = f"'task' must be one of {', '.join(known)}"
    if space.task in (*known, *TASKS.names()):
        names = ", ".join(models_of(space))
        rule = f"'task' of the model {names} must be one of {', '.join(fitting)}"
    return [Problem(space.locate("task"), rule, repr(space.task), nearest(space.task, known))]


def _objective_problems(space: Space) -> list[Problem]:
    if space.task is not None and space.task not in (*known_tasks(), *TASKS.names()):
        return []
    task = space_task(space)
    forms = ", ".join(form.shown for form in task.forms)
    rule = f"a metric of {task.name} must be one of {', '.join(task.reported_metrics)}; or {forms}"
    wrong = []
    for objective in space.objectives:
        if task.reports(objective.metric):
            continue
        hint = _task_with(space, objective.metric) or task.nearest_metric(objective.metric)
        wrong.append(Problem(space.locate("objective"), rule, repr(objective.metric), hint))
    return wrong


def _threshold_problems(space: Space, task: Task) -> list[Problem]:
    if space.threshold is None:
        return []
    try:
        understood(task, wanted_threshold(space, space.threshold))
    except ConfigurationError as error:
        return [Problem(space.locate("threshold"), str(error))]
    return []


def wanted_threshold(space: Space, said: str) -> str:
    """A threshold as it is asked for, where `objective` stands for the metric searched for."""
    return space.objectives[0].name if said == "objective" else said


def check_objectives(space: Space, task: Task, targets: np.ndarray) -> None:
    """Check that the data has what the objectives and the threshold are of.

    Args:
        task: with the names of its outputs.
        targets: [n, ...] of the validation part, encoded.

    Raises:
        SpaceError: there is no such class, or a metric is undefined on these targets.
    """
    problems = _threshold_problems(space, task)
    for objective in space.objectives:
        if not objective.metric.startswith("val_"):
            continue
        try:
            reason = task.undefined(targets, [objective.name]).get(objective.name, "")
        except ConfigurationError as error:
            rule = str(error)
        else:
            rule = (
                f"{objective.metric} is undefined on the validation part: {reason}"
                if reason
                else ""
            )
        if rule:
            problems.append(Problem(space.locate("objective"), rule))
    if problems:
        raise SpaceError(problems)


def _task_with(space: Space, metric: str) -> str:
    """The hint at tasks that have a metric, for the space's kind of data."""
    modality = space_modality(space) or (space.task or "").rpartition("_")[0] or "image"
    known = known_tasks()
    having = [n for n, task in TASKS.available().items() if task.reports(metric)]
    names = [f"{modality}_{name}" for name in having if f"{modality}_{name}" in known]
    return f"the task {' or '.join(names)} has it: --set task={names[0]}" if names else ""


def _parameter_problems(
    space: Space, families: Sequence[ModelFamily], name: str, parameter: Parameter
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
