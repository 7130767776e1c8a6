"""Configurations (values for a space's parameters) of files, command lines and `start_from`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autotrain.space.conditions import allows, ordered
from autotrain.space.mistakes import Mistake, broken, refuse, unknown
from autotrain.space.parameters import Fixed, Parameter
from autotrain.space.scalars import flow_yaml

_MOST_STARTS = 1000


def check_configuration(
    parameters: Mapping[str, Parameter],
    order: Sequence[str],
    params: object,
    *,
    partial: bool = True,
) -> tuple[dict[str, Any], list[Mistake]]:
    """The configuration in order, canonical, with fixed values filled in; and what is wrong.

    Args:
        parameters: of the space that the configuration is for.
        order: the parameters' names, every condition's subject first.
        params: values by parameter name.
        partial: allow missing values.
    """
    if not isinstance(params, Mapping):
        rule = "a configuration must be a mapping of names to values"
        return {}, [Mistake((), rule, params)]
    rule = "the space has no such parameter"
    strange = [name for name in params if name not in parameters]
    wrong = [unknown(name, rule, parameters, "parameters") for name in strange]
    accepted: dict[str, Any] = {}
    active: dict[str, bool | None] = {}  # None: it depends on a value that is missing or mistaken
    for name in order:
        parameter = parameters[name]
        held = [
            _holds(s, v, parameters[s], accepted, active) for s, v in parameter.conditions.items()
        ]
        active[name] = False if False in held else None if None in held else True
        if name in params:
            mistakes = _mistakes_in(name, params[name], parameter, active[name])
            wrong += mistakes
            if not mistakes:
                accepted[name] = parameter.canonical(params[name])
        elif active[name] and isinstance(parameter, Fixed):
            accepted[name] = parameter.value
        elif active[name] and not partial:
            rule = f"{name} is missing from the configuration"
            wrong.append(Mistake((name,), rule, hint=f"it must be {parameter.range_text}"))
    return accepted, wrong


def _holds(
    subject: str,
    values: tuple[Any, ...],
    parameter: Parameter,
    accepted: Mapping[str, object],
    active: Mapping[str, bool | None],
) -> bool | None:
    """Whether a condition holds, or None where that is undecided."""
    if active[subject] is False:
        return False
    if subject in accepted:
        held = allows(parameter, values, accepted[subject])
        # Undecided subjects may turn out inactive; only a "no" is certain then.
        return held if active[subject] or not held else None
    fixed = isinstance(parameter, Fixed) and not allows(parameter, values, parameter.value)
    return False if fixed else None


def _mistakes_in(
    name: str, value: object, parameter: Parameter, active: bool | None
) -> list[Mistake]:
    if not parameter.contains(value):
        return [Mistake((name,), f"{name} must be {parameter.range_text}", value)]
    if active is not False:
        return []
    conditions = " and ".join(
        f"{subject} is {' or '.join(flow_yaml(v) for v in values)}"
        for subject, values in parameter.conditions.items()
    )
    return [Mistake((name,), f"{name} must be given only where {conditions}", value, "remove it")]


def read_start_from(
    value: object, parameters: Mapping[str, Parameter]
) -> tuple[dict[str, Any], ...]:
    """The configurations in the space's order, with the values that were given and no others.

    Args:
        value: a list of mappings, each with some or all parameters.
        parameters: all of the space's, without a mistake.

    Raises:
        PydanticCustomError, ValidationError: with every mistake.
    """
    hint = "write each as  - {depth: 3, optimizer: sgd}"
    if not isinstance(value, (list, tuple)):
        raise broken("start_from must be a list of configurations", hint)
    if len(value) > _MOST_STARTS:
        rule = f"start_from must not have more than {_MOST_STARTS} configurations"
        raise broken(rule, value=len(value))
    order, wrong = ordered(parameters), []
    found: list[dict[str, Any]] = []
    for index, item in enumerate(value):
        accepted, mistakes = check_configuration(parameters, order, item)
        accepted = _given(item, accepted)
        if item == {}:
            rule = "a configuration to start from must give a parameter"
            mistakes = [Mistake((), rule, item, hint)]
        elif not mistakes and accepted in found:
            rule = "configurations to start from must differ"
            same = f"it is the same as number {found.index(accepted) + 1}"
            mistakes = [Mistake((), rule, accepted, same)]
        wrong += [mistake.below(index) for mistake in mistakes]
        found.append(accepted)
    refuse(wrong)
    return tuple(found)


def still_possible(
    configurations: Iterable[Mapping[str, Any]], parameters: Mapping[str, Parameter]
) -> list[dict[str, Any]]:
    """Those that changed parameters still allow.

    One of which a value is impossible now goes as a whole: a learning rate that is good for `sgd`
    is no known good one for what replaced `sgd`.
    """
    order = ordered(parameters)
    checked = [
        (params, *check_configuration(parameters, order, params)) for params in configurations
    ]
    return [_given(params, accepted) for params, accepted, wrong in checked if not wrong]


def _given(params: Any, accepted: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fixed values that the check filled in."""
    return {name: value for name, value in accepted.items() if name in params}
