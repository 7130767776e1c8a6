"""Checks configurations (values for a space's parameters) from files, command lines and users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from autotrain.errors import nearest
from autotrain.space.conditions import allows
from autotrain.space.mistakes import NOTHING, Mistakes, Path
from autotrain.space.parameters import Fixed, Parameter
from autotrain.space.scalars import flow_yaml

if TYPE_CHECKING:
    from autotrain.space.space import Space

Where: TypeAlias = str | Callable[[str], str]  # a fixed place, or a parameter name's place


def check(
    space: Space, params: Mapping[str, Any], where: Where = "", *, partial: bool = False
) -> dict[str, Any]:
    """The configuration in the space's order, canonical, with fixed values filled in.

    Args:
        space: the space that the configuration is for.
        params: values by parameter name.
        where: what to call the configuration in messages, or a function from a name to its place.
        partial: allow missing values.

    Raises:
        SpaceError: unknown names, missing or inactive parameters, values out of range: all at once.
    """
    bad = Mistakes()
    accepted = check_into(space.parameters, space.order, params, (), bad, partial=partial)
    bad.raise_at(lambda path: (0, _place(where, str(path[0]) if path else "")))
    return accepted


def check_into(
    parameters: Mapping[str, Parameter],
    order: Sequence[str],
    params: Any,
    path: Path,
    bad: Mistakes,
    *,
    partial: bool = True,
) -> dict[str, Any]:
    """Like `check`, but mistakes are noted in `bad`, below the configuration's path.

    Args:
        order: the parameters' names, every condition's subject first.
    """
    if not isinstance(params, Mapping):
        bad.add(path, "a configuration must be a mapping of names to values", params)
        return {}
    return _Check(parameters, order, params, path, bad, partial).run()


def _place(where: Where, name: str) -> str:
    if not isinstance(where, str):
        return where(name)
    return where or "configuration"


@dataclass
class _Check:
    """One configuration's check; a mistaken or missing subject leaves its dependents undecided."""

    parameters: Mapping[str, Parameter]
    order: Sequence[str]
    params: Mapping[str, Any]
    path: Path
    bad: Mistakes
    partial: bool
    accepted: dict[str, Any] = field(default_factory=dict)
    activity: dict[str, bool | None] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        known = self.parameters
        for name in self.params:
            if name not in known:
                hint = nearest(name, known) or f"parameters: {', '.join(known)}"
                self._problem(str(name), "the space has no such parameter", name, hint)
        for name in self.order:
            self.activity[name] = self._is_active(known[name])
            self._check_one(name, known[name])
        return self.accepted

    def _check_one(self, name: str, parameter: Parameter) -> None:
        active = self.activity[name]
        if name in self.params:
            try:
                value = parameter.canonical(self.params[name])
            except (ValueError, TypeError, OverflowError):
                rule = f"{name} must be {parameter.range_text}"
                self._problem(name, rule, self.params[name])
                return
            if active is False:
                conditions = " and ".join(
                    f"{subject} is {' or '.join(flow_yaml(v) for v in values)}"
                    for subject, values in parameter.conditions.items()
                )
                rule = f"{name} must be given only where {conditions}"
                self._problem(name, rule, self.params[name], "remove it")
                return
            self.accepted[name] = value
        elif active and isinstance(parameter, Fixed):
            self.accepted[name] = parameter.value
        elif active and not self.partial:
            hint = f"it must be {parameter.range_text}"
            self._problem(name, f"{name} is missing from the configuration", hint=hint)

    def _is_active(self, parameter: Parameter) -> bool | None:
        """True, False, or None where that depends on a value which is missing or mistaken."""
        answers = [self._holds(subject, values) for subject, values in parameter.conditions.items()]
        if False in answers:
            return False
        return None if None in answers else True

    def _holds(self, subject: str, values: tuple[Any, ...]) -> bool | None:
        if self.activity[subject] is False:
            return False
        if subject in self.accepted:
            held = allows(self.parameters[subject], values, self.accepted[subject])
            # Undecided subjects may turn out inactive; only a "no" is certain then.
            return held if self.activity[subject] or not held else None
        parameter = self.parameters[subject]
        if isinstance(parameter, Fixed) and not allows(parameter, values, parameter.value):
            return False
        return None

    def _problem(self, name: str, rule: str, value: Any = NOTHING, hint: str = "") -> None:
        self.bad.add((*self.path, name), rule, value, hint)
