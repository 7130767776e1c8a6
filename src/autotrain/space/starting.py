"""`start_from`: configurations known to be good, which a search tries first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autotrain.space.checking import check_into
from autotrain.space.conditions import ordered
from autotrain.space.mistakes import Mistakes, Path
from autotrain.space.parameters import Parameter

_MOST = 1000


def read_start_from(
    value: Any, parameters: Mapping[str, Parameter], bad: Mistakes
) -> tuple[dict[str, Any], ...]:
    """The configurations in the space's order, with the values that were given and no others.

    Args:
        value: a list of mappings, each with some or all parameters.
        parameters: all of the space's, without a mistake.
        bad: where mistakes are noted, with paths such as `("start_from", 0, "depth")`.
    """
    if value is None:
        return ()
    hint = "write each as  - {depth: 3, optimizer: sgd}"
    if not isinstance(value, (list, tuple)):
        bad.add(("start_from",), "start_from must be a list of configurations", value, hint)
        return ()
    if len(value) > _MOST:
        rule = f"start_from must not have more than {_MOST} configurations"
        bad.add(("start_from",), rule, len(value))
        return ()
    found: list[dict[str, Any]] = []
    for index, item in enumerate(value):
        path: Path = ("start_from", index)
        if isinstance(item, Mapping) and not item:
            bad.add(path, "a configuration to start from must give a parameter", item, hint)
            continue
        before = len(bad.found)
        accepted = _given(item, check_into(parameters, ordered(parameters), item, path, bad))
        if len(bad.found) > before:
            continue
        if accepted in found:
            first = found.index(accepted) + 1
            rule = "configurations to start from must differ"
            bad.add(path, rule, accepted, f"it is the same as number {first}")
        found.append(accepted)
    return tuple(found)


def still_possible(
    configurations: Iterable[Mapping[str, Any]], parameters: Mapping[str, Parameter]
) -> list[dict[str, Any]]:
    """Those that changed parameters still allow.

    One of which a value is impossible now goes as a whole: a learning rate that is good for `sgd`
    is no known good one for what replaced `sgd`.
    """
    order = ordered(parameters)
    kept = []
    for params in configurations:
        bad = Mistakes()
        accepted = check_into(parameters, order, params, (), bad)
        if not bad.found:
            kept.append(_given(params, accepted))
    return kept


def _given(params: Any, accepted: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fixed values that the check filled in."""
    return {name: value for name, value in accepted.items() if name in params}
