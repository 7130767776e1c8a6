"""Plain data in the YAML form to the parts of a space, noting every mistake on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from autotrain.errors import nearest
from autotrain.space.conditions import check_conditions
from autotrain.space.mistakes import Mistakes, PartError, Path
from autotrain.space.parameters import Choice, Fixed, Float, Int, Parameter
from autotrain.space.scalars import flow_yaml
from autotrain.space.settings import TASKS, Budget, DataSpec, Objective
from autotrain.space.starting import read_start_from

KEYS = (
    "name",
    "description",
    "task",
    "data",
    "model",
    "objective",
    "budget",
    "parameters",
    "start_from",
)
_REQUIRED = ("objective", "parameters")
_OPTIONS = {
    "int": ("log", "step", "when"),
    "float": ("log", "step", "when"),
    "choice": ("when",),
    "value": ("when",),
}
_MOST_PARAMETERS = 1000
_LONGEST_NAME = 100


@dataclass
class Parts:
    """A space's content; complete only if no mistake was noted while reading."""

    name: str
    description: str
    task: str | None
    data: DataSpec | None
    model: str | None
    objectives: tuple[Objective, ...]
    budget: Budget
    parameters: dict[str, Parameter]
    start_from: tuple[dict[str, Any], ...]


def read_parts(raw: Any, bad: Mistakes, default_name: str = "space") -> Parts | None:
    """Reads a whole space.

    Args:
        raw: a mapping in the YAML form; parts may also be objects made in Python.
        bad: where mistakes are noted, with paths into `raw`.
        default_name: the space's name where it has none.

    Returns:
        The parts, or None where `raw` is no mapping.
    """
    if not isinstance(raw, Mapping):
        hint = f"it needs the keys {' and '.join(_REQUIRED)}"
        if raw is None:
            bad.add((), "a space must not be empty", hint=hint)
        else:
            bad.add((), "a space must be a mapping of keys to values", raw, hint)
        return None
    _check_keys(raw, (), KEYS, "a space", bad)
    for key in _REQUIRED:
        if key not in raw:
            bad.add((), f"a space must have the key '{key}'")
    model = raw.get("model")
    choice = {"model": model} if isinstance(model, (Mapping, Choice)) else {}
    if choice and isinstance(raw.get("parameters"), Mapping) and "model" in raw["parameters"]:
        bad.add(("parameters", "model"), "the model is chosen under 'model'", "model")
    before = len(bad.found)
    parameters = _read_parameters(raw["parameters"], bad, choice) if "parameters" in raw else {}
    sound = parameters and len(bad.found) == before  # else each would be a mistake again
    return Parts(
        name=_read_text(raw, "name", bad) or default_name,
        description=_read_description(raw.get("description"), bad),
        task=_read_task(raw, bad),
        data=_read_data(raw.get("data"), bad),
        model=None if choice else _read_text(raw, "model", bad),
        objectives=_read_objectives(raw["objective"], bad) if "objective" in raw else (),
        budget=_read_budget(raw.get("budget"), bad),
        parameters=parameters,
        start_from=read_start_from(raw.get("start_from"), parameters, bad) if sound else (),
    )


def _check_keys(
    raw: Mapping[Any, Any], path: Path, known: Iterable[str], owner: str, bad: Mistakes
) -> bool:
    """Notes unknown keys; returns whether there are none."""
    unknown = [key for key in raw if key not in known]
    for key in unknown:
        hint = nearest(key, known) or f"known keys: {', '.join(known)}"
        bad.add((*path, str(key)), f"{owner} has no such key", key, hint)
    return not unknown


def _read_text(raw: Mapping[str, Any], key: str, bad: Mistakes) -> str | None:
    value = raw.get(key)
    if value is None:
        return None
    text = bad.text((key,), value)
    if text is not None and len(text) > _LONGEST_NAME:
        bad.add((key,), f"{key} must not be longer than {_LONGEST_NAME} characters", text)
    return text


def _read_description(value: Any, bad: Mistakes) -> str:
    return (bad.text(("description",), value, lines=True) or "") if value not in (None, "") else ""


def _read_task(raw: Mapping[str, Any], bad: Mistakes) -> str | None:
    task = _read_text(raw, "task", bad)
    if task is not None and task not in TASKS:
        bad.add(("task",), f"task must be one of {', '.join(TASKS)}", task, nearest(task, TASKS))
    return task


def _make(kind: Callable[..., Any], values: Mapping[str, Any], path: Path, bad: Mistakes) -> Any:
    """The part made of keyword arguments, or None after noting its mistakes."""
    try:
        return kind(**values)
    except PartError as error:
        bad.absorb(error, lambda inner: path + inner)
        return None


def _read_section(kind: Any, value: Any, key: str, bad: Mistakes) -> Any:
    """A section whose keys are the fields of a dataclass."""
    if not isinstance(value, Mapping):
        bad.add((key,), f"{key} must be a mapping of keys to values", value)
        return None
    names = [field.name for field in fields(kind)]
    _check_keys(value, (key,), names, key, bad)
    return _make(kind, {name: value[name] for name in names if name in value}, (key,), bad)


def _read_data(value: Any, bad: Mistakes) -> DataSpec | None:
    if value is None or isinstance(value, DataSpec):
        return value
    if isinstance(value, str):
        if bad.text(("data",), value) is None:
            return None
        return DataSpec(source=value)
    data: DataSpec | None = _read_section(DataSpec, value, "data", bad)
    return data


def _read_budget(value: Any, bad: Mistakes) -> Budget:
    if value is None:
        return Budget()
    if isinstance(value, Budget):
        return value
    return _read_section(Budget, value, "budget", bad) or Budget()


def _read_objectives(value: Any, bad: Mistakes) -> tuple[Objective, ...]:
    several = isinstance(value, (list, tuple))
    items = list(value) if several else [value]
    if not items:
        bad.add(("objective",), "there must be at least one objective", [])
    found: list[Objective] = []
    for index, item in enumerate(items):
        path: Path = ("objective", index) if several else ("objective",)
        objective = _read_objective(item, path, bad)
        if objective is None:
            continue
        if objective.metric in [other.metric for other in found]:
            bad.add(path, "objectives must have different metrics", objective.metric)
        found.append(objective)
    return tuple(found)


def _read_objective(value: Any, path: Path, bad: Mistakes) -> Objective | None:
    if isinstance(value, Objective):
        return value
    if isinstance(value, str):
        value = {"metric": value}
    if not isinstance(value, Mapping):
        hint = "write it as {metric: val_accuracy, direction: maximize}"
        bad.add(path, "an objective must name a metric", value, hint)
        return None
    _check_keys(value, path, ("metric", "direction"), "an objective", bad)
    if "metric" not in value:
        bad.add(path, "an objective must have the key 'metric'", value)
        return None
    direction = value.get("direction")
    values = {"metric": value["metric"], "direction": "" if direction is None else direction}
    objective: Objective | None = _make(Objective, values, path, bad)
    return objective


def _read_parameters(value: Any, bad: Mistakes, choice: Mapping[str, Any]) -> dict[str, Parameter]:
    """All parameters; a choice among models is the first of them."""
    if not isinstance(value, Mapping):
        hint = "write each as  name: {float: [0.0, 0.5]}"
        bad.add(("parameters",), "parameters must be a mapping of names to ranges", value, hint)
        return {}
    if not value:
        bad.add(("parameters",), "there must be at least one parameter", {})
    if len(value) > _MOST_PARAMETERS:
        rule = f"there must not be more than {_MOST_PARAMETERS} parameters"
        bad.add(("parameters",), rule, len(value))
        return {}
    parameters: dict[str, Parameter] = {}
    for name, spec in {**choice, **value}.items():
        _check_name(name, bad)
        parameter = read_parameter(spec, str(name), bad)
        if parameter is not None:
            parameters[str(name)] = parameter
    check_conditions(parameters, tuple(str(name) for name in (*choice, *value)), bad)
    return parameters


def _check_name(name: Any, bad: Mistakes) -> None:
    if not isinstance(name, str) or not name.isidentifier() or len(name) > _LONGEST_NAME:
        rule = "a parameter's name is made of letters, digits and '_' and begins with a letter"
        better = re.sub(r"\W+", "_", str(name)).strip("_")
        hint = f"write {better}" if better.isidentifier() and len(better) < _LONGEST_NAME else ""
        bad.add(("parameters", str(name)), rule, name, hint)


def read_parameter(spec: Any, name: str, bad: Mistakes) -> Parameter | None:
    """One parameter from its YAML form, a bare value, or an object made in Python."""
    path: Path = ("parameters", name)
    if isinstance(spec, (Int, Float, Choice, Fixed)):
        return spec
    if isinstance(spec, Mapping):
        return _read_spec(spec, path, name, bad)
    if isinstance(spec, (list, tuple)):
        rule, hint = f"{name}: a parameter must be a value or a mapping", "wrap it in {choice: ...}"
        if all(not isinstance(item, (list, tuple, Mapping)) for item in spec):
            hint = f"did you mean {{choice: {flow_yaml(spec)}}}?"
        bad.add(path, rule, spec, hint)
        return None
    if spec is None:
        hint = "a fixed null is written {value: null}"
        bad.add(path, f"{name}: a parameter must have a range or a value", hint=hint)
        return None
    try:
        return Fixed(spec)
    except PartError as error:
        bad.absorb(error, lambda inner: path, f"{name}: ")
        return None


def _read_spec(spec: Mapping[str, Any], path: Path, name: str, bad: Mistakes) -> Parameter | None:
    kinds = [key for key in _OPTIONS if key in spec]
    if len(kinds) != 1:
        known = [*_OPTIONS, "log", "step", "when"]
        all_known = _check_keys(spec, path, known, f"{name}: a parameter", bad)
        if kinds or all_known:  # otherwise the unknown key is the mistake, not a missing one
            rule = f"{name}: a parameter must have exactly one of the keys {', '.join(_OPTIONS)}"
            bad.add(path, rule, kinds or list(spec))
        return None
    kind = kinds[0]
    _check_keys(spec, path, (kind, *_OPTIONS[kind]), f"{name}: a parameter with '{kind}'", bad)
    options = {key: spec[key] for key in _OPTIONS[kind] if key in spec}
    value = spec[kind]
    if kind in ("int", "float") and not (isinstance(value, (list, tuple)) and len(value) == 2):
        rule, hint = f"{name}: {kind} must be a range [low, high]", ""
        if isinstance(value, (int, float, str)):
            hint = f"a fixed value is written  {name}: {flow_yaml(value)}"
        bad.add((*path, kind), rule, value, hint)
        return None
    try:
        return _construct(kind, value, options)
    except PartError as error:
        bad.absorb(error, lambda inner: path + _in_yaml(kind, inner), f"{name}: ")
        return None


def _construct(kind: str, value: Any, options: dict[str, Any]) -> Parameter:
    if kind == "choice":
        return Choice(value, **options)
    if kind == "value":
        return Fixed(value, **options)
    return (Int if kind == "int" else Float)(value[0], value[1], **options)


def _in_yaml(kind: str, path: Path) -> Path:
    """Where an argument of a parameter's class stands in its YAML form."""
    places: dict[Any, Path] = {
        "low": (kind, 0),
        "high": (kind, 1),
        "values": (kind,),
        "value": (kind,),
    }
    return (*places.get(path[0], (path[0],)), *path[1:])
