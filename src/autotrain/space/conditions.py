"""Conditions among parameters: their order, which are active, and which can never hold."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any

from autotrain.errors import nearest
from autotrain.space.mistakes import NOTHING, Mistake, Path
from autotrain.space.parameters import Fixed, Float, Parameter
from autotrain.space.scalars import Scalar, is_number, same, scalar_yaml

Reach = dict[str, tuple[Scalar, ...]]


def ordered(parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    """Names with every condition's subject first, otherwise as written.

    Parameters on a cycle, and those that depend on one, are left out.
    """
    names = list(parameters)
    sorter = TopologicalSorter({n: set(parameters[n].conditions) & set(names) for n in names})
    with suppress(CycleError):  # it sorts what it can
        sorter.prepare()
    order: list[str] = []
    ready: list[int] = []
    while True:
        for name in sorter.get_ready():
            heapq.heappush(ready, names.index(name))
        if not ready:
            return tuple(order)
        order.append(names[heapq.heappop(ready)])
        sorter.done(order[-1])


def allows(subject: Parameter, values: tuple[Scalar, ...], value: object) -> bool:
    """Whether a subject's value is among those that a condition names."""
    if isinstance(subject, Float) and is_number(value):
        # Numbers on a grid come out of sums of steps: 0.1 + 2 * 0.1 is not 0.3.
        return any(is_number(v) and math.isclose(v, value, rel_tol=1e-9) for v in values)  # type: ignore[arg-type]
    return any(same(v, value) for v in values)


def is_active(parameters: Mapping[str, Parameter], name: str, known: Mapping[str, object]) -> bool:
    """Whether all conditions of a parameter hold for the active values known so far."""
    return all(
        subject in known and allows(parameters[subject], values, known[subject])
        for subject, values in parameters[name].conditions.items()
    )


def active(
    parameters: Mapping[str, Parameter], order: tuple[str, ...], params: Mapping[str, object]
) -> dict[str, Any]:
    """The active part of an assignment, in order; fixed values are filled in."""
    known: dict[str, Any] = {}
    for name in order:
        if not is_active(parameters, name, known):
            continue
        parameter = parameters[name]
        if name in params:
            known[name] = params[name]
        elif isinstance(parameter, Fixed):
            known[name] = parameter.value
    return known


def condition_mistakes(
    parameters: Mapping[str, Parameter], written: Sequence[str], sound: bool
) -> list[Mistake]:
    """Conditions on unknown parameters, on cycles, and those that can never hold.

    Args:
        parameters: those without a mistake of their own.
        written: all names, so that a condition on a mistaken parameter is not a second mistake.
        sound: whether no parameter is mistaken.

    Returns:
        Mistakes with paths that begin with a parameter's name.
    """
    found: list[Mistake] = []
    for name, parameter in parameters.items():
        for subject, values in parameter.conditions.items():
            path: Path = (name, "when", subject)
            if subject not in written:
                rule = f"{name}: a condition must name a parameter of this space"
                close = nearest(subject, [other for other in written if other != name])
                found.append(Mistake(path, rule, subject, close))
            elif subject in parameters and subject != name:
                found += _value_mistakes(path, values, parameters[subject])
    order = ordered(parameters)
    found += _cycles(parameters, order)
    if sound and not found:  # only then do all subjects exist and all values fit
        for name, subject in dead(parameters, order).items():
            rule = f"{name} can never be active: no value of {subject} meets all its conditions"
            hint = "the conditions of the parameters that it depends on must hold as well"
            found.append(Mistake((name, "when"), rule, NOTHING, hint))
    return found


def _value_mistakes(
    path: Path, values: tuple[Scalar, ...], subject: Parameter
) -> Iterable[Mistake]:
    name, _, asked = path
    if isinstance(subject, Float) and subject.step is None:
        rule = f"{name}: a condition needs a parameter with separate values"
        hint = f"{asked} is a float without step: it meets a given number almost never"
        yield Mistake(path, rule, asked, hint)
        return
    choices = [scalar_yaml(choice) for choice in getattr(subject, "values", ())]
    for index, value in enumerate(values):
        if not subject.contains(value):
            rule = f"{name}: a condition must be able to hold, and {asked} is {subject.range_text}"
            inner = (*path, index) if len(values) > 1 else path
            yield Mistake(inner, rule, value, nearest(value, choices))


def _cycles(parameters: Mapping[str, Parameter], order: tuple[str, ...]) -> Iterable[Mistake]:
    """Names each cycle once, at its first written member."""
    stuck = {name: None for name in parameters if name not in set(order)}
    while stuck:
        trail = [next(iter(stuck))]
        while True:  # every stuck parameter has a stuck subject, so the walk ends in a cycle
            subject = next((s for s in parameters[trail[-1]].conditions if s in stuck), None)
            if subject is None or subject in trail:
                break
            trail.append(subject)
        if subject is not None:
            cycle = trail[trail.index(subject) :]
            first = min(cycle, key=list(parameters).index)
            turn = cycle.index(first)
            names = " -> ".join([*cycle[turn:], *cycle[:turn], first])
            rule = f"{first}: conditions must not form a cycle: {names}"
            yield Mistake((first, "when"), rule)
        for name in trail:
            del stuck[name]


def dead(parameters: Mapping[str, Parameter], order: tuple[str, ...]) -> dict[str, str]:
    """Parameters that no assignment makes active, each with a subject that has no value left.

    A parameter is active when its own conditions and all of its subjects' hold. Each of them
    restricts one subject alone, so they can hold together exactly if every subject keeps a value.
    """
    reaches: dict[str, Reach] = {}
    found: dict[str, str] = {}
    for name in order:
        own = parameters[name].conditions
        lost = [subject for subject in own if subject not in reaches]
        reach: Reach = {}
        for subject, values in own.items() if not lost else ():
            held = tuple(value for value in values if parameters[subject].contains(value))
            for inner, allowed in (*reaches[subject].items(), (subject, held)):
                before = reach.get(inner, allowed)
                reach[inner] = tuple(v for v in before if allows(parameters[inner], allowed, v))
        lost += [subject for subject, values in reach.items() if not values]
        if lost:
            found[name] = lost[0]
        else:
            reaches[name] = reach
    return found
