"""What a space says, as one schema: the fields, their types, and the rules that they obey.

Pydantic checks a space from a file and one made in Python alike, and finds all mistakes at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from autotrain.space.base import Part
from autotrain.space.conditions import condition_mistakes
from autotrain.space.configuration import read_start_from
from autotrain.space.mistakes import Mistake, broken, mistakes_of, places_of, refuse, unknown
from autotrain.space.parameters import Choice, Fixed, Float, Int, Parameter
from autotrain.space.scalars import Scalar, flow_yaml, is_number
from autotrain.space.sections import Budget, DataSpec, Objective, readable

# By the key that gives the range; the other keys of a parameter are the fields of its class.
FORMS: dict[str, type[Parameter]] = {"int": Int, "float": Float, "choice": Choice, "value": Fixed}
SHORT_FORMS = {"data": "source", "objective": "metric"}  # the field that a bare text gives
_CHOSEN_ABOVE = object()
MOST_PARAMETERS = 1000
_STARTS = list[Annotated[dict[str, Scalar], Field(min_length=1)]]
_LONGEST_NAME = 100


def read_parameter(form: Any, name: str) -> Parameter:
    """One parameter from its YAML form, a bare value, or an object made in Python.

    Args:
        name: of the parameter, for hints.

    Raises:
        ValidationError: with every mistake, at its place in the form.
    """
    if isinstance(form, (Int, Float, Choice, Fixed)):
        return form
    if not isinstance(form, Mapping):
        refuse(_bare_mistakes(form))
        form = {"value": form}
    keys = [key for key in FORMS if key in form]
    if len(keys) != 1:
        refuse(_key_mistakes(form, keys))
    key, value = keys[0], form[keys[0]]
    wrong = []
    if key in ("int", "float") and not (isinstance(value, (list, tuple)) and len(value) == 2):
        scalar = isinstance(value, (int, float, str))
        hint = f"a fixed value is written  {name}: {flow_yaml(value)}" if scalar else ""
        wrong = [Mistake((key,), f"{key} must be a range [low, high]", value, hint)]
    reader = TypeAdapter(FORMS[key])
    try:
        parameter: Parameter = reader.validate_python(dict(form), by_alias=True, by_name=False)
    except ValidationError as error:
        # What is no range has neither low nor high: that is one mistake.
        wrong += [m for m in mistakes_of(error) if not wrong or m.path[0] != key]
    refuse(wrong)
    return parameter


def _bare_mistakes(form: object) -> list[Mistake]:
    """What is wrong with a parameter that is no mapping; a scalar is fine."""
    if form is _CHOSEN_ABOVE:
        return [Mistake((), "the model is chosen under 'model'", "model")]
    if form is None:
        hint = "a fixed null is written {value: null}"
        return [Mistake((), "a parameter must have a range or a value", hint=hint)]
    if not isinstance(form, (list, tuple)):
        return []
    flat = all(not isinstance(item, (list, tuple, Mapping)) for item in form)
    hint = f"did you mean {{choice: {flow_yaml(form)}}}?" if flat else "wrap it in {choice: ...}"
    return [Mistake((), "a parameter must be a value or a mapping", form, hint)]


def _key_mistakes(form: Mapping[object, object], keys: list[str]) -> list[Mistake]:
    """What is wrong with a parameter that has no range, or several."""
    known = [*FORMS, "log", "step", "when"]
    rule = "a parameter has no such key"
    wrong = [unknown(key, rule, known) for key in form if key not in known]
    if keys or not wrong:  # otherwise the unknown key is the mistake, not a missing one
        rule = f"a parameter must have exactly one of the keys {', '.join(FORMS)}"
        wrong.append(Mistake((), rule, keys or list(form)))
    return wrong


def _objective_form(value: object) -> Any:
    if isinstance(value, str):
        return {SHORT_FORMS["objective"]: value}
    if not isinstance(value, (Mapping, Objective)):
        hint = "write it as {metric: val_accuracy, direction: maximize}"
        raise broken("an objective must name a metric", hint)
    return value


class SpaceSchema(BaseModel):
    """The fields of a space in the order of its file; `Space` says what each of them means."""

    model_config = ConfigDict(extra="forbid", loc_by_alias=False, frozen=True)

    name: str = Field(default="space", strict=True, max_length=_LONGEST_NAME)
    description: str = Field(default="", strict=True)
    task: str | None = Field(default=None, strict=True, max_length=_LONGEST_NAME)
    data: DataSpec | None = None
    model: str | None = Field(default=None, strict=True, max_length=_LONGEST_NAME)
    objectives: tuple[Annotated[Objective, BeforeValidator(_objective_form)], ...] = Field(
        validation_alias="objective"
    )
    threshold: str | None = Field(default=None, strict=True)
    budget: Budget = Budget()
    parameters: dict[str, Parameter]
    start_from: tuple[dict[str, Any], ...] = ()

    _text = field_validator("name", "task", "model", "threshold")(readable)

    @field_validator("threshold", mode="before", json_schema_input_type=str | float | None)
    @classmethod
    def _threshold_may_be_a_number(cls, value: object) -> Any:
        return str(value) if is_number(value) else value

    @model_validator(mode="before")
    @classmethod
    def _model_may_be_a_parameter(cls, raw: Any) -> Any:
        """`model: {choice: [cnn, resnet]}` is the first of the parameters."""
        model, others = raw.get("model"), raw.get("parameters")
        if not isinstance(model, (Mapping, Choice)) or not isinstance(others, Mapping):
            return raw
        twice = {"model": _CHOSEN_ABOVE} if "model" in others else {}
        return {**raw, "model": None, "parameters": {"model": model, **others, **twice}}

    @model_validator(mode="before")
    @classmethod
    def _null_says_nothing(cls, raw: Any) -> Any:
        optional = [key for key, info in cls.model_fields.items() if not info.is_required()]
        return {k: value for k, value in raw.items() if value is not None or k not in optional}

    @field_validator("description")
    @classmethod
    def _check_description(cls, text: str) -> str:
        if text:
            readable("".join(text.split("\n")))
        return text

    @field_validator("data", mode="before", json_schema_input_type=DataSpec | str | None)
    @classmethod
    def _data_may_be_a_source(cls, data: object) -> Any:
        return {SHORT_FORMS["data"]: readable(data)} if isinstance(data, str) else data

    @field_validator(
        "objectives", mode="wrap",
        json_schema_input_type=Objective | str
        | Annotated[list[Objective | str], Field(min_length=1)],
    )  # fmt: skip
    @classmethod
    def _one_objective_or_several(
        cls, value: object, read: ValidatorFunctionWrapHandler
    ) -> tuple[Objective, ...]:
        if not isinstance(value, (list, tuple)):
            try:
                return tuple(read([value]))
            except ValidationError as error:  # of the only one, which has no number
                refuse(replace(m, path=m.path[1:]) for m in mistakes_of(error))
        if not value:
            raise broken("there must be at least one objective")
        objectives: tuple[Objective, ...] = tuple(read(value))
        metrics = [objective.metric for objective in objectives]
        rule = "objectives must have different metrics"
        refuse(Mistake((i,), rule, m) for i, m in enumerate(metrics) if m in metrics[:i])
        return objectives

    @field_validator(
        "parameters", mode="plain",
        json_schema_input_type=Annotated[
            dict[str, Int | Float | Choice | Fixed | str | int | float | bool],
            Field(min_length=1, max_length=MOST_PARAMETERS),
        ],
    )  # fmt: skip
    @classmethod
    def _read_parameters(cls, value: object) -> dict[str, Parameter]:
        if not isinstance(value, Mapping):
            hint = "write each as  name: {float: [0.0, 0.5]}"
            raise broken("parameters must be a mapping of names to ranges", hint)
        if not value:
            raise broken("there must be at least one parameter")
        if len(value) > MOST_PARAMETERS:
            rule = f"there must not be more than {MOST_PARAMETERS} parameters"
            raise broken(rule, value=len(value))
        parameters: dict[str, Parameter] = {}
        wrong: list[Mistake] = []
        for name, form in value.items():
            wrong += _name_mistakes(name)
            try:
                parameters[str(name)] = read_parameter(form, str(name))
            except ValidationError as error:
                wrong += [m.below(str(name), prefix=f"{name}: ") for m in mistakes_of(error)]
        written = [str(name) for name in value]
        refuse([*wrong, *condition_mistakes(parameters, written, sound=not wrong)])
        return parameters

    @field_validator("start_from", mode="plain", json_schema_input_type=_STARTS)
    @classmethod
    def _read_start_from(cls, value: object, info: ValidationInfo) -> tuple[dict[str, Any], ...]:
        if "parameters" not in info.data:  # else each would be a mistake again
            return ()
        return read_start_from(value, info.data["parameters"])


def _name_mistakes(name: object) -> list[Mistake]:
    if isinstance(name, str) and name.isidentifier() and len(name) <= _LONGEST_NAME:
        return []
    rule = "a parameter's name is made of letters, digits and '_' and begins with a letter"
    better = re.sub(r"\W+", "_", str(name)).strip("_")
    hint = f"write {better}" if better.isidentifier() and len(better) < _LONGEST_NAME else ""
    return [Mistake((str(name),), rule, name, hint)]


def _section(annotation: object) -> type[Part] | None:
    """The part that a field holds, if it is one, alone or in a tuple."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next(filter(None, map(_section, get_args(annotation))), None)


KEYS = {str(key): name for name, (key, *_) in places_of(SpaceSchema.model_fields).items()}
SECTIONS = {
    key: section
    for key, name in KEYS.items()
    if key != "parameters" and (section := _section(SpaceSchema.model_fields[name].annotation))
}
