"""A space as plain data, as YAML text and as Python source; each reads back as an equal space."""

from __future__ import annotations

from dataclasses import fields

from autotrain.files import JsonObject
from autotrain.space.parameters import Choice, Fixed, Int, Parameter
from autotrain.space.scalars import Scalar, duration_text, flow_yaml, scalar_yaml
from autotrain.space.schema import SpaceSchema
from autotrain.space.sections import Budget, DataSpec, Objective


def to_dict(space: SpaceSchema) -> JsonObject:
    """The space in the YAML form; what has its default value is left out."""
    objectives: list[dict[str, str]] = [_objective(item) for item in space.objectives]
    entries = {
        "name": space.name,
        "description": space.description or None,
        "task": space.task,
        "data": None if space.data is None else _data(space.data),
        "model": space.model,
        "objective": objectives[0] if len(objectives) == 1 else objectives,
        "threshold": space.threshold,
        "budget": _budget(space.budget) or None,
        "parameters": {name: parameter_form(item) for name, item in space.parameters.items()},
        "start_from": [dict(params) for params in space.start_from] or None,
    }
    return {key: value for key, value in entries.items() if value is not None}


def to_yaml(space: SpaceSchema) -> str:
    """The space as YAML text, one parameter per line."""
    lines = []
    for key, value in to_dict(space).items():
        if key == "parameters":
            names = {name: f"{scalar_yaml(name)}:" for name in value}
            width = max(len(text) for text in names.values())
            lines.append("parameters:")
            lines += [f"  {names[n]:<{width}} {flow_yaml(spec)}" for n, spec in value.items()]
        elif isinstance(value, list):
            lines += [f"{key}:", *(f"  - {flow_yaml(item)}" for item in value)]
        else:
            lines.append(f"{key}: {flow_yaml(value)}")
    return "\n".join(lines) + "\n"


def to_python(space: SpaceSchema) -> str:
    """Python source that makes the space and calls it `space`."""
    lines = ["import autotrain", "", "space = autotrain.Space("]
    for key, value in to_dict(space).items():
        if key == "parameters":
            lines.append("    parameters={")
            lines += [
                f"        {name!r}: autotrain.{parameter!r},"
                for name, parameter in space.parameters.items()
            ]
            lines.append("    },")
        else:
            lines.append(f"    {key}={value!r},")
    return "\n".join([*lines, ")", ""])


def _objective(objective: Objective) -> dict[str, str]:
    return {"metric": objective.metric, "direction": objective.direction}


def _budget(budget: Budget) -> JsonObject:
    timeout = None if budget.timeout is None else duration_text(budget.timeout)
    entries = {"epochs": budget.epochs, "trials": budget.trials, "timeout": timeout}
    return {key: value for key, value in entries.items() if value is not None}


def _data(data: DataSpec) -> str | JsonObject:
    default = DataSpec()
    given = {field.name: getattr(data, field.name) for field in fields(data)}
    entries = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in given.items()
        if value != getattr(default, key)
    }
    return data.source if data.source is not None and len(entries) == 1 else entries


def parameter_form(parameter: Parameter) -> Scalar | JsonObject:
    """A parameter in the YAML form."""
    if isinstance(parameter, Fixed):
        if not parameter.when and parameter.value is not None:
            return parameter.value
        form: JsonObject = {"value": parameter.value}
    elif isinstance(parameter, Choice):
        form = {"choice": list(parameter.values)}
    else:
        form = {parameter.kind: [parameter.low, parameter.high]}
        form |= {"log": True} if parameter.log else {}
        if parameter.step != (1 if isinstance(parameter, Int) else None):
            form["step"] = parameter.step
    if parameter.when:
        form["when"] = {n: v[0] if len(v) == 1 else list(v) for n, v in parameter.when.items()}
    return form
