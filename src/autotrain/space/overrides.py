"""Changes to a space from the command line: `--set learning_rate.high=0.1`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autotrain.errors import nearest
from autotrain.space.conditions import dead, ordered
from autotrain.space.mistakes import NOTHING, Mistakes, PartError, Path
from autotrain.space.parameters import Choice, Fixed, Float, Int, Parameter
from autotrain.space.reading import Parts, read_parameter, read_parts
from autotrain.space.scalars import is_number, parse_scalar
from autotrain.space.starting import still_possible

if TYPE_CHECKING:
    from autotrain.space.space import Space

_SECTIONS = {
    "budget": ("epochs", "trials", "timeout"),
    "data": ("source", "image_size", "validation", "test"),
    "objective": ("metric", "direction"),
}
_TEXTS = ("name", "description", "task", "model", "data", "objective")
_ATTRIBUTES = {
    "int": ("low", "high", "step", "log"),
    "float": ("low", "high", "step", "log"),
    "choice": (),
    "fixed": ("value",),
}


def apply_overrides(space: Space, overrides: Mapping[str, Any], where: str) -> Parts:
    """The parts of the space with settings changed.

    `parameter.low` (high, step, log) changes a range, a bare parameter name fixes the parameter,
    and `budget.epochs`, `objective.metric`, `data.source`, `model` ... change the rest. `lr` stands
    for `learning_rate`, unless a parameter has that name: the initials of a name will do.

    Conditions that can hold no longer are removed: with `optimizer=adam` a momentum that needs
    `optimizer: sgd` leaves the space. So does a configuration to start from as soon as one of its
    values is impossible.

    Raises:
        SpaceError: with every mistake; `where` and the setting's name are its place.
    """
    change = _Change(space, where)
    for setting, value in overrides.items():
        change.apply(str(setting), value)
    change.rebuild_ranges()
    change.finish()
    change.prune()
    change.finish()
    parts = read_parts({**change.raw, "parameters": change.parameters}, change.bad)
    change.finish()
    assert parts is not None  # the raw form is a mapping
    return parts


class _Change:
    """The space's plain form while settings are applied to it."""

    def __init__(self, space: Space, where: str) -> None:
        self.space, self.where = space, where
        self.bad = Mistakes()
        self.raw: dict[str, Any] = space.to_dict()
        self.parameters: dict[str, Parameter] = dict(space.parameters)
        # Ranges are made anew at the end, so that a new low may pass the old high.
        self.attributes: dict[str, dict[str, Any]] = {}
        self.settings: dict[Path, str] = {}  # path changed: the setting that did it

    def apply(self, setting: str, value: Any) -> None:
        """Applies one setting or notes what is wrong with it."""
        if isinstance(value, str):
            try:
                value = parse_scalar(value)
            except ValueError as error:
                self._wrong(setting, str(error), value)
                return
        head, _, attribute = setting.removeprefix("parameters.").partition(".")
        name = self._parameter_name(head)
        if name is not None and attribute:
            self._set_attribute(setting, name, attribute, value)
        elif name is not None:
            self._fix(setting, name, value)
        elif attribute and attribute in _SECTIONS.get(head, ()):
            self._set_in_section(setting, head, attribute, value)
        elif not attribute and head in _TEXTS:
            self.settings[(head,)] = setting
            self.raw[head] = value
        else:
            self._unknown(setting, head)

    def rebuild_ranges(self) -> None:
        """Makes the parameters whose attributes were set."""
        for name, attributes in self.attributes.items():
            spec = self.raw["parameters"][name]
            spec = dict(spec) if isinstance(spec, Mapping) else {"value": spec}
            kind = self.space.parameters[name].kind
            for attribute, value in attributes.items():
                if attribute in ("low", "high"):
                    spec[kind] = list(spec[kind])
                    spec[kind][attribute == "high"] = value
                elif attribute == "step" and value is None:
                    spec.pop("step", None)
                else:
                    spec[attribute] = value
            parameter = read_parameter(spec, name, self.bad)
            if parameter is not None:
                self.parameters[name] = parameter

    def prune(self) -> None:
        """Removes condition values that became impossible, and parameters left without any."""
        kept: dict[str, Parameter] = {}
        for name in ordered(self.parameters):
            parameter = self.parameters[name]
            conditions = {
                subject: [v for v in values if subject in kept and kept[subject].contains(v)]
                for subject, values in parameter.conditions.items()
            }
            if all(conditions.values()):
                kept[name] = dataclasses.replace(parameter, when=conditions or None)
        kept = {name: kept[name] for name in kept if name not in dead(kept, ordered(kept))}
        for name in self.parameters:
            if name not in kept and ("parameters", name) in self.settings:
                setting = self.settings[("parameters", name)]
                self._wrong(setting, f"{name} is never active with these settings")
        self.parameters = {name: kept[name] for name in self.parameters if name in kept}
        self.raw["start_from"] = still_possible(self.space.start_from, self.parameters)

    def finish(self) -> None:
        """Raises the mistakes noted so far."""
        self.bad.raise_at(self._locate)

    def _locate(self, path: Path) -> tuple[int, str]:
        for length in range(len(path), 0, -1):
            if path[:length] in self.settings:
                return 0, f"{self.where} {self.settings[path[:length]]}".strip()
        return self.space.lines.line(*path), self.space.locate(*path)

    def _parameter_name(self, head: str) -> str | None:
        if head in self.parameters:
            return head
        if head in _SECTIONS or head in _TEXTS or len(head) < 2:
            return None
        alike = [n for n in self.parameters if "".join(w[:1] for w in n.split("_")) == head]
        return alike[0] if len(alike) == 1 else None

    def _claim(self, setting: str, name: str, *inner: str | int) -> None:
        self.settings.setdefault(("parameters", name), setting)
        self.settings[("parameters", name, *inner)] = setting

    def _set_attribute(self, setting: str, name: str, attribute: str, value: Any) -> None:
        kind = self.parameters[name].kind
        known = _ATTRIBUTES[kind]
        if attribute not in known:
            hint = nearest(attribute, known) or f"fix it with {name}=VALUE"
            self._wrong(setting, f"{name} ({kind}) has no such setting", attribute, hint)
            return
        place = {"low": (kind, 0), "high": (kind, 1)}.get(attribute, (attribute,))
        self._claim(setting, name, *place)
        self.attributes.setdefault(name, {})[attribute] = value

    def _fix(self, setting: str, name: str, value: Any) -> None:
        parameter = self.parameters[name]
        if name in self.attributes:
            self._wrong(setting, f"{name} must be either fixed or given another range", value)
            return
        if parameter.contains(value):
            value = parameter.canonical(value)
        elif not _fits(parameter, value):
            hint = nearest(value, getattr(parameter, "values", ()))
            self._wrong(setting, f"{name} must be {_kind_text(parameter)}", value, hint)
            return
        self._claim(setting, name)
        try:
            self.parameters[name] = Fixed(value, when=parameter.when)
        except PartError as error:
            self.bad.absorb(error, lambda inner: ("parameters", name), f"{name}: ")

    def _set_in_section(self, setting: str, head: str, attribute: str, value: Any) -> None:
        section = self.raw.get(head) or {}
        if isinstance(section, list):
            rule = "a space with several objectives cannot be changed by a setting"
            self._wrong(setting, rule, hint="change the space's file")
            return
        self.settings.setdefault((head,), setting)
        self.settings[(head, attribute)] = setting
        section = dict(section) if isinstance(section, Mapping) else {_inner(head): section}
        if attribute == "metric" and (head, "direction") not in self.settings:
            section.pop("direction", None)  # it belonged to the old metric
        self.raw[head] = {**section, attribute: value}

    def _unknown(self, setting: str, head: str) -> None:
        if head in _SECTIONS:
            known = [f"{head}.{name}" for name in _SECTIONS[head]]
            close = nearest(setting, known) if setting != head else ""
            hint = close or f"known: {', '.join(known)}"
        else:
            hint = nearest(head, [*self.parameters, *_TEXTS, *_SECTIONS])
            hint = hint or f"parameters: {', '.join(self.parameters)}"
        self._wrong(setting, "the space has no such setting", setting, hint)

    def _wrong(self, setting: str, rule: str, value: Any = NOTHING, hint: str = "") -> None:
        self.settings[("--set", setting)] = setting  # a path that no space has
        self.bad.add(("--set", setting), rule, value, hint)


def _inner(head: str) -> str:
    """The key that a section's short form, a bare string, stands for."""
    return "source" if head == "data" else "metric"


def _fits(parameter: Parameter, value: Any) -> bool:
    """Whether a value outside the range may still replace it.

    A range of numbers is a guess about where to look, so another number is fine; a list of names
    is all there is, so another name is a slip.
    """
    if isinstance(parameter, Fixed):
        return value is None or isinstance(value, (str, int, float, bool))
    if not is_number(value) or not math.isfinite(value):
        return False
    if isinstance(parameter, Int):
        return isinstance(value, int)
    return isinstance(parameter, Float) or any(is_number(v) for v in parameter.values)


def _kind_text(parameter: Parameter) -> str:
    if isinstance(parameter, Choice):
        return parameter.range_text
    return "a whole number" if isinstance(parameter, Int) else "a finite number"
