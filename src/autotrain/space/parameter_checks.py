"""Checks that several kinds of parameter share."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping
from typing import Any

from autotrain.space.mistakes import Mistakes, Path
from autotrain.space.scalars import Scalar, flow_yaml


def check_range(
    bad: Mistakes,
    written: tuple[Any, Any],
    low: float | None,
    high: float | None,
    step: float | None,
) -> None:
    """Notes a range upside down, or smaller than its step; None is a bound already noted."""
    if low is None or high is None:
        return
    if low > high:
        hint = f"swap them: {flow_yaml(written[::-1])}"
        bad.add(("low",), "low must not be above high", written, hint)
    elif step is not None and low < high and step > high - low:
        bad.add(("step",), "step must not be larger than high - low", step)


def check_choices(bad: Mistakes, values: Any) -> tuple[Scalar, ...]:
    """The choices as a tuple, after noting what is wrong with them."""
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        bad.add(("values",), "the choices must be a list", values)
        return ()
    items = tuple(plain(value) for value in values)
    if not items:
        bad.add(("values",), "there must be at least one choice", [])
    seen: dict[Scalar, int] = {}
    for index, item in enumerate(items):
        if not bad.scalar(("values", index), item, "a choice"):
            continue
        first = items[seen.setdefault(item, index)]
        if seen[item] != index:
            alike = "" if repr(first) == repr(item) else f"it equals {flow_yaml(first)}"
            bad.add(("values", index), "choices must differ from one another", item, alike)
    return items


def check_when(bad: Mistakes, when: Any) -> dict[str, tuple[Scalar, ...]] | None:
    """Conditions with all values as tuples, after noting what is wrong with them."""
    if when is None:
        return None
    if not isinstance(when, Mapping):
        hint = "write it as {optimizer: sgd}"
        bad.add(("when",), "when must name other parameters with their values", when, hint)
        return None
    if not when:
        bad.add(("when",), "when must hold at least one condition", {}, "remove it")
    return {str(name): _check_condition(bad, ("when", name), when[name]) for name in when}


def _check_condition(bad: Mistakes, path: Path, values: Any) -> tuple[Scalar, ...]:
    several = isinstance(values, (list, tuple, set, frozenset))
    items = tuple(plain(value) for value in values) if several else (plain(values),)
    if not items:
        bad.add(path, "a condition must name at least one value", [])
    for index, item in enumerate(items):
        bad.scalar((*path, index) if several else path, item, "a condition's value")
    return items


def plain(value: Any) -> Any:
    """Numpy's scalars and the like as Python's own; anything else as it is."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    return float(value) if isinstance(value, numbers.Real) else value
