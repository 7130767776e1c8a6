"""A JSON Schema of spaces, with which an editor completes and checks them while they are written.

The fields are those of the schema in `autotrain.space`, the names and limits the catalog's. What a
JSON Schema cannot say, such as that low is not above high, is left to `autotrain spaces check`.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection
from typing import Any, TypeAlias

from autotrain.catalog.compatibility import known_tasks
from autotrain.catalog.families import FAMILIES, ModelFamily
from autotrain.catalog.hyperparameters import HYPERPARAMETERS, Hyperparameter
from autotrain.space import Space
from autotrain.space.mistakes import Places, places_of
from autotrain.space.schema import FORMS, SECTIONS, SpaceSchema
from autotrain.tasks import TASKS, Task

Schema: TypeAlias = dict[str, Any]

_OWN_MODEL: Schema = {"type": "string", "pattern": r"\.py:[^\s:]+$"}
# Letters, digits and '_' of any script: all but ASCII's other characters, for engines without \p.
_NAME = r"^[^\s0-9!-/:-@\[-^`{-~][^\s!-/:-@\[-^`{-~]*$"


def json_schema_text() -> str:
    """The schema as the text of a file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False)


def json_schema() -> Schema:
    """The schema, of draft 2020-12, as plain data."""
    made = _tidy(SpaceSchema.model_json_schema(by_alias=False))
    definitions = made["$defs"]
    for part in (*FORMS.values(), *SECTIONS.values()):
        places = places_of(part.__pydantic_fields__)
        definitions[part.__name__] = _yaml_form(definitions[part.__name__], places, part)
    schema = _yaml_form(made, places_of(SpaceSchema.model_fields), Space)
    properties = schema["properties"]
    for key, field in properties.items():
        if key not in schema["required"]:
            properties[key] = _or_null(field)
    definitions["Parameter"] = properties["parameters"]["additionalProperties"]
    definitions |= {f"{name}_value": _value(info) for name, info in HYPERPARAMETERS.items()}
    properties["parameters"] |= {
        "additionalProperties": {"$ref": "#/$defs/Parameter"},
        "propertyNames": {"pattern": _NAME},
        "properties": {name: _described(info) for name, info in HYPERPARAMETERS.items()},
    }
    families, tasks = FAMILIES.available().values(), TASKS.available().values()
    one: list[Schema] = [{"enum": [family.name for family in families]}, _OWN_MODEL]
    models = {"properties": {"choice": {"items": {"anyOf": one}}}}
    chosen = {"allOf": [{"$ref": "#/$defs/Choice"}, models]}
    properties["model"]["anyOf"] = [*one, chosen, {"type": "null"}]
    properties["task"] |= {"anyOf": [{"enum": [*known_tasks(), *TASKS.names()]}, {"type": "null"}]}
    metrics = dict.fromkeys(metric for task in tasks for metric in task.reported_metrics)
    definitions["Objective"]["properties"]["metric"]["examples"] = [*metrics]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A search space of autotrain",
        "allOf": [_limits(families), *map(_of_family, families), *map(_of_task, tasks)],
        "$defs": definitions,
    }


def _tidy(node: object) -> Any:
    """Without titles, and with the types of alternatives in one list where they say no more."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(value) for key, value in node.items() if key != "title"}
    tidy = {
        key: value for key, value in tidy.items() if key != "default" or value not in (None, "")
    }
    options = tidy.get("anyOf", [])
    types = [option["type"] for option in options if option.keys() == {"type"}]
    if len(types) > 1:
        types = [kind for kind in types if kind != "integer" or "number" not in types]
        rest = [option for option in options if option.keys() != {"type"}]
        tidy["anyOf"] = [*rest, {"type": types}]
        if not rest:
            tidy |= tidy.pop("anyOf")[0]
    return tidy


def _yaml_form(schema: Schema, places: Places, documented: type) -> Schema:
    """Fields under the keys that files have; those that share one, as low and high, are a list."""
    summary, arguments = _documentation(documented)
    properties: Schema = {}
    for name, (key, *index) in places.items():
        field, about = schema["properties"][name], arguments.get(name) or arguments[str(key)]
        if not index:
            properties[str(key)] = {"description": about, **field}
            continue
        ends = properties.setdefault(str(key), {"description": "", "type": "array", "items": field})
        ends["description"] = f"{ends['description']} {name}: {about}".strip()
        ends["minItems"] = ends["maxItems"] = int(index[0]) + 1
    required = dict.fromkeys(str(places[name][0]) for name in schema.get("required", ()))
    return {
        "description": summary,
        "type": "object",
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
    }


def _documentation(documented: type) -> tuple[str, dict[str, str]]:
    """The first paragraph of a docstring, and its arguments with their descriptions."""
    text = re.sub(r"\bNone\b", "null", inspect.getdoc(documented) or "")
    section = re.search(r"\nArgs:\n((?:    .*\n|\n)*)", text)
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", section[1] if section else "", re.M)
    return text.partition("\n\n")[0], {name: " ".join(about.split()) for name, about in found}


def _or_null(field: Schema) -> Schema:
    """An optional field, of which null says nothing."""
    notes: Schema = {key: field[key] for key in ("description", "default") if key in field}
    rest = {key: value for key, value in field.items() if key not in notes}
    options = rest["anyOf"] if rest.keys() == {"anyOf"} else [rest]
    said = any("null" in option.get("type", ()) for option in options)
    return {**notes, "anyOf": options if said else [*options, {"type": "null"}]}


def _described(info: Hyperparameter) -> Schema:
    default = {} if info.default is None else {"default": info.default}
    return {"description": f"{info.what}: {info.rule()}", **default, "$ref": "#/$defs/Parameter"}


def _value(info: Hyperparameter) -> Schema:
    """One value of a hyperparameter."""
    if info.kind == "choice":
        return {"enum": [*info.choices]}
    if info.kind in ("bool", "text"):
        return {"type": "boolean"} if info.kind == "bool" else {"type": "string", "minLength": 1}
    low = {"exclusiveMinimum" if info.above else "minimum": info.low}
    high = {"exclusiveMaximum" if info.below else "maximum": info.high}
    limits = {key: end for key, end in {**low, **high}.items() if abs(end) != float("inf")}
    return {"type": "integer" if info.kind == "int" else "number", **limits}


def _within(info: Hyperparameter, value: Schema) -> Schema:
    """A parameter all of whose values a hyperparameter allows."""
    inside: Schema = {key: {"items": value} for key in ("int", "float", "choice")}
    inside |= {key: False for key in ("int", "float") if info.kind not in ("float", key)}
    return {"anyOf": [value, {"type": "object", "properties": {**inside, "value": value}}]}


def _where(model: Schema, then: Schema, **others: Schema) -> Schema:
    """What holds for spaces that name a certain model."""
    return {"if": {"properties": {"model": model, **others}, "required": ["model"]},
            "then": {"properties": then}}  # fmt: skip


def _limits(families: Collection[ModelFamily]) -> Schema:
    """With models that have a name, parameters are those of the catalog, within its limits."""
    names = {"enum": [family.name for family in families]}
    chosen = {"type": "object", "properties": {"choice": {"items": names}}}
    parameters: Schema = {
        name: _within(info, {"$ref": f"#/$defs/{name}_value"})
        for name, info in HYPERPARAMETERS.items()
    }
    own = {name: True for family in families for name in family.own}
    allowed = {"model": True, **own, **parameters}
    closed = {"properties": allowed, "additionalProperties": False}
    return _where({"anyOf": [names, chosen]}, {"parameters": closed})


def _of_family(family: ModelFamily) -> Schema:
    """A family has some of the hyperparameters, and reads one kind of data."""
    parameters: Schema = {"propertyNames": {"enum": ["model", *family.hyperparameters()]}}
    if family.own:
        parameters["properties"] = {n: _within(i, _value(i)) for n, i in family.own.items()}
    tasks = [task for task in known_tasks() if task.startswith(f"{family.modality}_")]
    bare = [task.rpartition("_")[2] for task in tasks]
    then = {"parameters": parameters, "task": {"enum": [*tasks, *bare, None]}}
    return _where({"const": family.name}, then)


def _forms(predicted: Task) -> list[Schema]:
    """Metrics with a number or an output in their name."""
    ends = (
        f"^val_(?:{form.pattern}){'(:.+)?' if form.of_one else ''}$" for form in predicted.forms
    )
    return [{"type": "string", "pattern": end} for end in ends]


def _of_task(predicted: Task) -> Schema:
    """What is predicted decides what can be measured; a space that names no task classifies."""
    metric: Schema = {"anyOf": [{"enum": [*predicted.reported_metrics]}, *_forms(predicted)]}
    one = [{"type": "string", **metric}, {"type": "object", "properties": {"metric": metric}}]
    objective = {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}]}
    task: Schema = {"type": "string", "pattern": f"(^|_){predicted.name}$"}
    if predicted.name == "classification":
        return _where({}, {"objective": objective}, task={"anyOf": [task, {"type": "null"}]})
    where = _where({}, {"objective": objective}, task=task)
    where["if"]["required"] = ["model", "task"]
    return where
