"""Checks configurations (values for a space's parameters) from files, command lines and users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from autotrain.errors import Problem, SpaceError, nearest
from autotrain.space.conditions import allows
from autotrain.space.parameters import Fixed, Parameter
from autotrain.space.scalars import flow_yaml, shown

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
    return _Check(space, params, where, partial).run()


class _Check:
    """One configuration's check; a mistaken or missing subject leaves its dependents undecided."""

    def __init__(
        self, space: Space, params: Mapping[str, Any], where: Where, partial: bool
    ) -> None:
        self.space, self.params, self.where, self.partial = space, params, where, partial
        self.problems: list[Problem] = []
        self.accepted: dict[str, Any] = {}
        self.activity: dict[str, bool | None] = {}

    def run(self) -> dict[str, Any]:
        parameters = self.space.parameters
        if not isinstance(self.params, Mapping):
            rule = "a configuration must be a mapping of names to values"
            raise SpaceError([Problem(self._place(""), rule, shown(self.params))])
        for name in self.params:
            if name not in parameters:
                hint = nearest(name, parameters) or f"parameters: {', '.join(parameters)}"
                self._problem(str(name), "the space has no such parameter", shown(name), hint)
        for name in self.space.order:
            self.activity[name] = self._is_active(parameters[name])
            self._check_one(name, parameters[name])
        if self.problems:
            raise SpaceError(self.problems)
        return self.accepted

    def _check_one(self, name: str, parameter: Parameter) -> None:
        active = self.activity[name]
        if name in self.params:
            try:
                value = parameter.canonical(self.params[name])
            except (ValueError, TypeError, OverflowError):
                rule = f"{name} must be {parameter.range_text}"
                self._problem(name, rule, shown(self.params[name]))
                return
            if active is False:
                conditions = " and ".join(
                    f"{subject} is {' or '.join(flow_yaml(v) for v in values)}"
                    for subject, values in parameter.conditions.items()
                )
                rule = f"{name} must be given only where {conditions}"
                self._problem(name, rule, shown(self.params[name]), "remove it")
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
            held = allows(self.space.parameters[subject], values, self.accepted[subject])
            # Undecided subjects may turn out inactive; only a "no" is certain then.
            return held if self.activity[subject] or not held else None
        parameter = self.space.parameters[subject]
        if isinstance(parameter, Fixed) and not allows(parameter, values, parameter.value):
            return False
        return None

    def _place(self, name: str) -> str:
        if not isinstance(self.where, str):
            return self.where(name)
        return self.where or "configuration"

    def _problem(self, name: str, rule: str, value: str = "", hint: str = "") -> None:
        self.problems.append(Problem(self._place(name), rule, value, hint))
