"""Where a copy goes from its parent: other values in the same structure."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.storage.recorder import PARENT, START, Entry
from autotrain.trial import Params
from autotrain.tuner.schedulers.pb2 import Gain, best_values

_RESAMPLE = 0.25  # how often a value is drawn anew instead of perturbed, as in Ray Tune
_FACTORS = (0.8, 1.2)


def perturbed(params: Params, space: Space, tunable: Callable[[str], bool], seed: int) -> Params:
    """A copy's configuration: values a fifth up or down, or drawn anew; its structure stays.

    Parameters that a condition asks about stay too, so that the same ones are active.

    Args:
        tunable: whether a parameter can change within a compiled program.
    """
    asked = {name for parameter in space.parameters.values() for name in parameter.conditions}
    draw = random.Random(seed)
    changed = dict(params)
    for name, value in params.items():
        if tunable(name) and name not in asked:
            changed[name] = _explored(space.parameters[name], value, draw)
    return changed


def _explored(parameter: Parameter, value: Any, draw: random.Random) -> Any:
    anew, fraction, factor = draw.random() < _RESAMPLE, draw.random(), draw.choice(_FACTORS)
    if isinstance(parameter, Fixed):
        return value
    if isinstance(parameter, Choice):
        return parameter.values[int(fraction * len(parameter.values))] if anew else value
    if not anew and value:
        moved = _inside(parameter, value * factor)
        step = parameter.step if moved == value and isinstance(parameter, Int) else 0
        return _inside(parameter, moved + (step if factor > 1 else -step))
    return _at(parameter, fraction)


def _at(parameter: Any, fraction: float) -> int | float:
    """The value at a part of the range, from 0 to 1."""
    low, high = parameter.low, parameter.high
    if parameter.log:
        return _inside(parameter, low * (high / low) ** fraction)
    return _inside(parameter, low + fraction * (high - low))


def _fraction(parameter: Any, value: float) -> float:
    """The part of the range at which a value lies."""
    low, high = parameter.low, parameter.high
    if low == high:
        return 0.0
    if parameter.log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _inside(parameter: Int | Float, value: float) -> int | float:
    """The nearest value that the parameter can take."""
    low, step = parameter.low, parameter.step
    if step is not None:
        most = math.floor((parameter.high - low) / step + 1e-9)
        value = low + min(max(round((value - low) / step), 0), most) * step
    value = min(max(value, low), parameter.high)
    return int(value) if isinstance(parameter, Int) else float(value)


def suggested(
    params: Params,
    space: Space,
    tunable: Callable[[str], bool],
    seed: int,
    entries: Mapping[int, Entry],
    score: Callable[[Mapping[str, float]], float],
    interval: int,
    epoch: int,
) -> Params:
    """A copy's configuration by PB2: numbers by a Gaussian process, choices as in `perturbed`.

    Args:
        entries: all trials so far, by number.
        score: of the metrics of an epoch, higher is better.
        epoch: from which the copy goes on.
    """
    changed = dict(perturbed(params, space, tunable, seed))
    names = [
        name for name in params if tunable(name) and isinstance(space.parameters[name], Float | Int)
    ]
    gains = list(_gains(names, space, entries, score, interval, epoch))
    if not names or len(gains) < 2:
        return changed
    best = best_values(gains, epoch // interval, seed)
    for name, fraction in zip(names, best, strict=True):
        changed[name] = _at(space.parameters[name], float(fraction))
    return changed


def _gains(
    names: list[str],
    space: Space,
    entries: Mapping[int, Entry],
    score: Callable[[Mapping[str, float]], float],
    interval: int,
    epoch: int,
) -> Iterable[Gain]:
    """What each generation up to an epoch brought to each trial that has all the values."""
    for entry in entries.values():
        if not all(name in entry.params for name in names):
            continue
        place = tuple(_fraction(space.parameters[name], entry.params[name]) for name in names)
        scores = {record.epoch: score(record.metrics) for record in entry.epochs}
        if START in entry.attrs:
            parent = entries[entry.attrs[PARENT]]
            scores |= {
                r.epoch: score(r.metrics) for r in parent.epochs if r.epoch == entry.start_epoch
            }
        for end in sorted(scores):
            if end <= epoch and end % interval == 0 and end - interval in scores:
                yield Gain(end // interval - 1, place, scores[end] - scores[end - interval])
