"""The learning-rate schedules that a space searches over, as small plots of text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autotrain.catalog.hyperparameters import resolve
from autotrain.catalog.schedules import factors
from autotrain.reports.units import number
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space

_BLOCKS = " ▁▂▃▄▅▆▇█"
_WIDTH, _ROWS = 60, 3
_SETTINGS = {  # what a schedule depends on besides its name
    "exponential": ("final_factor",),
    "polynomial": ("final_factor", "power"),
    "cosine_restarts": ("cycles",),
    "one_cycle": ("peak",),
    "triangular": ("peak",),
    "plateau": ("plateau_factor", "plateau_patience"),
}


def schedule_plots(space: Space) -> list[str]:
    """Lines that show how the learning rate moves from the first to the last step.

    A setting that is searched over stands at the middle of its range. Empty where the space says
    nothing of schedules.
    """
    lines: list[str] = []
    if not {"schedule", "warmup"} & space.parameters.keys():
        return lines
    for schedule in _schedules(space):
        names = ("warmup", *_SETTINGS.get(schedule, ()))
        known = {"schedule": schedule}
        settings = {
            name: middle(space.parameters[name])
            for name in names
            if name in space.parameters and _may_be_active(space.parameters[name], known)
        }
        full = resolve({**known, **settings})
        shown = {n: full[n] for n in names if n in settings or n != "warmup"}
        words = ", ".join(f"{name} {number(value)}" for name, value in shown.items())
        lines += ["", f"{schedule}{'  ' if words else ''}{words}"]
        if schedule == "plateau":
            lines[-1] += " (falls when the objective stops improving)"
        lines += plot(factors(full, 0, _WIDTH, _WIDTH))
    head = "learning rate over all steps, as a share of learning_rate (0 to 1):"
    return [head, *lines]


def _schedules(space: Space) -> tuple[str, ...]:
    parameter = space.parameters.get("schedule")
    if isinstance(parameter, Choice):
        return tuple(map(str, parameter.values))
    if isinstance(parameter, Fixed):
        return (str(parameter.value),)
    return (str(resolve({})["schedule"]),)


def _may_be_active(parameter: Parameter, known: dict[str, Any]) -> bool:
    """Whether the conditions on what is known hold; others may hold in some configuration."""
    return all(
        known[subject] in values
        for subject, values in parameter.conditions.items()
        if subject in known
    )


def middle(parameter: Parameter) -> Any:
    """A typical value: the middle of a range, on its own scale; the first of a choice."""
    if isinstance(parameter, Fixed):
        return parameter.value
    if isinstance(parameter, Choice):
        return parameter.values[0]
    assert isinstance(parameter, (Int, Float))
    low, high = parameter.low, parameter.high
    value = math.sqrt(low * high) if parameter.log else (low + high) / 2
    return round(value) if isinstance(parameter, Int) else value


def plot(values: np.ndarray) -> list[str]:
    """Columns of blocks for numbers from 0 to 1, the highest row first; at least a sliver each."""
    eighths = np.clip(np.round(np.asarray(values) * _ROWS * 8), 1, _ROWS * 8).astype(int)
    return [
        "".join(_BLOCKS[height] for height in np.clip(eighths - row * 8, 0, 8)).rstrip()
        for row in reversed(range(_ROWS))
    ]
