"""Changes to a space from the command line: `--set learning_rate.high=0.1`.

What can be set are the fields of the schema, so that none is forgotten here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from autotrain.errors import Problem, SpaceError, nearest
from autotrain.space.conditions import condition_mistakes, dead, ordered
from autotrain.space.configuration import still_possible
from autotrain.space.mistakes import NOTHING, Mistake, Path, mistakes_of, places_of
from autotrain.space.parameters import Choice, Fixed, Float, Int, Parameter
from autotrain.space.scalars import flow_yaml, is_number, parse_scalar
from autotrain.space.schema import KEYS, SECTIONS, SHORT_FORMS, SpaceSchema, read_parameter
from autotrain.space.serialize import parameter_form
from autotrain.space.yaml_reader import parse_yaml


class Overrides:
    """The fields of a space while settings are applied to them.

    Attributes:
        mistakes: found so far; those of a setting as such have a path that no space has.
        places: by path of keys, the setting that changed it.
    """

    def __init__(self, space: SpaceSchema, settings: Mapping[str, object], where: str) -> None:
        self.mistakes: list[Mistake] = []
        self.places: dict[Path, str] = {}
        self._space, self._where = space, where
        self._fields: dict[str, Any] = {}
        self._parameters = dict(space.parameters)
        # Ranges are made anew at the end, so that a new low may pass the old high.
        self._forms: dict[str, dict[str, Any]] = {}
        for setting, value in settings.items():
            self._apply(str(setting), value)
        for name, form in self._forms.items():
            self._read(name, form)

    def changes(self) -> dict[str, Any]:
        """The fields to replace, of which only the parameters are checked.

        Where a setting of a parameter is mistaken, what follows from it is not judged.
        """
        if self.mistakes:
            return self._fields
        parameters = self._pruned()
        wrong = condition_mistakes(parameters, [*parameters], sound=True)
        if wrong:
            self.mistakes += [mistake.below("parameters") for mistake in wrong]
            return self._fields
        starts = still_possible(self._space.start_from, parameters)
        return {"start_from": starts, **self._fields, "parameters": parameters}

    def _apply(self, setting: str, value: object) -> None:
        try:
            value = _parsed(value)
        except SpaceError as error:
            for problem in error.problems:
                self._wrong(setting, problem.rule, value, problem.hint)
            return
        head, _, attribute = setting.removeprefix("parameters.").partition(".")
        name = self._parameter_name(head)
        if name is not None and attribute:
            self._set_attribute(setting, name, attribute, value)
        elif name is not None:
            self._set_parameter(setting, name, value)
        elif attribute in _fields_of(head):
            self._set_in_section(setting, head, attribute, value)
        elif not attribute and _can_be(head, value):
            self._claim(setting, (head,))
            self._fields[head] = value
        else:
            self._unknown(setting, head)

    def _parameter_name(self, head: str) -> str | None:
        """The parameter of that name or, if there is only one, of these initials."""
        if head in self._parameters:
            return head
        if head in KEYS or len(head) < 2:
            return None
        alike = [n for n in self._parameters if "".join(w[:1] for w in n.split("_")) == head]
        return alike[0] if len(alike) == 1 else None

    def _set_parameter(self, setting: str, name: str, value: object) -> None:
        """Fixes a parameter, or gives it choices or another form."""
        parameter = self._parameters[name]
        if name in self._forms:
            rule = f"{name} must be either fixed or given another range"
            self._wrong(setting, rule, value)
            return
        form = _form(parameter, value)
        if form is None:
            hint = nearest(value, getattr(parameter, "values", ()))
            if isinstance(value, list):
                hint = f"write {name}={{{parameter.kind}: {flow_yaml(value)}}}"
            self._wrong(setting, f"{name} must be {_kind_text(parameter)}", value, hint)
            return
        self._claim(setting, ("parameters", name, *(("when",) if "when" in form else ())))
        self._read(name, {"when": parameter.conditions or None, **form})

    def _set_attribute(self, setting: str, name: str, attribute: str, value: object) -> None:
        parameter = self._parameters[name]
        fields = places_of(parameter.__pydantic_fields__)
        if isinstance(parameter, Choice):  # a choice's values go by the names that files give them
            fields |= dict.fromkeys(("choice", "choices"), fields["values"])
        if attribute not in fields:
            hint = nearest(attribute, fields) or f"fix it with {name}=VALUE"
            rule = f"{name} ({parameter.kind}) has no such setting"
            self._wrong(setting, rule, attribute, hint)
            return
        key, *index = map(str, fields[attribute])
        self._claim(setting, ("parameters", name, *fields[attribute]))
        written = parameter_form(parameter)
        form = self._forms.setdefault(
            name, written if isinstance(written, dict) else {"value": written}
        )
        if index:
            form[key][int(index[0])] = value
        elif value is None and key in ("log", "step", "when"):
            form.pop(key, None)
        else:
            form[key] = value

    def _set_in_section(self, setting: str, head: str, attribute: str, value: object) -> None:
        section = self._fields.get(head, _section_form(self._space, head)) or {}
        if isinstance(section, (list, tuple)):
            rule = "a space with several objectives cannot be changed by a setting of one"
            self._wrong(setting, rule, hint="set them all, as objective=[val_loss, val_accuracy]")
            return
        self._claim(setting, (head, attribute))
        section = dict(section) if isinstance(section, Mapping) else {SHORT_FORMS[head]: section}
        if attribute == "metric" and (head, "direction") not in self.places:
            section.pop("direction", None)  # it belonged to the old metric
        self._fields[head] = {**section, attribute: value}

    def _read(self, name: str, form: Mapping[str, object]) -> None:
        try:
            self._parameters[name] = read_parameter(form, name)
        except ValidationError as error:
            below = ("parameters", name)
            self.mistakes += [m.below(*below, prefix=f"{name}: ") for m in mistakes_of(error)]

    def _pruned(self) -> dict[str, Parameter]:
        """Without the condition values that became impossible, and parameters left without any.

        Conditions that a setting gives stay: what is wrong with them is a mistake.
        """
        order = ordered(self._parameters)
        kept = {n: p for n, p in self._parameters.items() if n not in order or self._is_new(n)}
        for name in order:
            parameter = self._parameters[name]
            conditions = {
                subject: [v for v in values if subject in kept and kept[subject].contains(v)]
                for subject, values in parameter.conditions.items()
            }
            if name not in kept and all(conditions.values()):
                kept[name] = replace(parameter, when=conditions or None)
        impossible = {n for n in dead(kept, ordered(kept)) if not self._is_new(n)}
        left = {n: kept[n] for n in self._parameters if n in kept and n not in impossible}
        gone = [n for n in self._parameters if n not in left and ("parameters", n) in self.places]
        rule = "is never active with these settings"
        self.mistakes += [Mistake(("parameters", name), f"{name} {rule}") for name in gone]
        return left

    def _is_new(self, name: str) -> bool:
        """Whether a setting gave a parameter its conditions."""
        return ("parameters", name, "when") in self.places

    def _claim(self, setting: str, path: Path) -> None:
        """Remembers what a setting changed; the first one speaks for all around it."""
        place = f"{self._where} {setting}".strip()
        for length in range(1 if path[0] != "parameters" else 2, len(path)):
            self.places.setdefault(path[:length], place)
        self.places[path] = place

    def _unknown(self, setting: str, head: str) -> None:
        if head in SECTIONS:
            known = [f"{head}.{name}" for name in _fields_of(head)]
            close = nearest(setting, known) if setting != head else ""
            hint = close or f"known: {', '.join(known)}"
        else:
            names = [*self._parameters, *(key for key in KEYS if key != "parameters")]
            dotted = [f"{section}.{name}" for section in SECTIONS for name in _fields_of(section)]
            hint = nearest(setting, [*names, *dotted]) or nearest(head, names)
            if not hint or head == "parameters":
                hint = f"parameters: {', '.join(self._parameters)}"
        self._wrong(setting, "the space has no such setting", setting, hint)

    def _wrong(self, setting: str, rule: str, value: object = NOTHING, hint: str = "") -> None:
        path = ("--set", setting)
        self._claim(setting, path)
        self.mistakes.append(Mistake(path, rule, value, hint))


def _parsed(value: object) -> Any:
    """The value of a text: lists and mappings as in a file, anything else as a scalar."""
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in ("[", "{"):
        return parse_yaml(value, "--set")[0]
    try:
        return parse_scalar(value)
    except ValueError as error:
        raise SpaceError([Problem("--set", str(error))]) from None


def _fields_of(head: str) -> tuple[str, ...]:
    return tuple(SECTIONS[head].__pydantic_fields__) if head in SECTIONS else ()


def _section_form(space: SpaceSchema, head: str) -> Any:
    """A section as it is: a mapping, several objectives, or None."""
    if head == "objective":
        return vars(space.objectives[0]) if len(space.objectives) == 1 else space.objectives
    section = getattr(space, head)
    return None if section is None else vars(section)


def _can_be(head: str, value: object) -> bool:
    """Whether a field can be given as a whole; a section only if it has a short form."""
    whole = head not in SECTIONS or head in SHORT_FORMS or isinstance(value, Mapping)
    return head in KEYS and head != "parameters" and (whole or value is None)


def _form(parameter: Parameter, value: Any) -> Mapping[str, Any] | None:
    """The form that a value gives to a parameter, or None where it fits none.

    A range of numbers is a guess about where to look, so another number is fine; a list of names
    is all there is, so another name is a slip.
    """
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list):
        return None if isinstance(parameter, (Int, Float)) else {"choice": value}
    if parameter.contains(value):
        return {"value": parameter.canonical(value)}
    numbers = isinstance(parameter, (Int, Float)) or any(
        map(is_number, getattr(parameter, "values", ()))
    )
    whole = isinstance(value, int) or not isinstance(parameter, Int)
    other = numbers and whole and is_number(value) and math.isfinite(value)
    return {"value": value} if other or isinstance(parameter, Fixed) else None


def _kind_text(parameter: Parameter) -> str:
    if isinstance(parameter, Choice):
        return parameter.range_text
    return "a whole number" if isinstance(parameter, Int) else "a finite number"
