"""Every configuration of a finite space, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autotrain.errors import ConfigurationError
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.trial import Params
from autotrain.tuner.samplers.base import Sampler, Suggestion, given_values
from autotrain.tuner.samplers.optuna import random_sampler
from autotrain.tuner.view import StudyView


class GridSampler(Sampler):
    """The next point that the study does not have; what is missing in a queued trial is drawn."""

    def __init__(self) -> None:
        self._points: Iterator[dict[str, Any]] | None = None
        self._random = random_sampler()

    def check(self, space: Space) -> None:
        """Whether every parameter has a finite list of values."""
        endless = [
            f"'{name}'"
            for name, parameter in space.parameters.items()
            if isinstance(parameter, Float) and parameter.step is None
        ]
        if endless:
            raise ConfigurationError(
                f"--sampler grid needs a finite list of values for {', '.join(endless)}: "
                "give each a step, or write it as a choice"
            )

    def suggest(self, study: StudyView, number: int, seed: int) -> Suggestion | Params | None:
        """The next point; None after the last."""
        if given_values(study, number):
            return self._random.suggest(study, number, seed)
        if self._points is None:
            self._points = grid_points(study.space)
        seen = {_key(trial.params) for trial in study.trials.values() if not trial.queued}
        return next((point for point in self._points if _key(point) not in seen), None)


def _key(params: Params) -> str:
    return repr(sorted(params.items()))


def _values(parameter: Parameter) -> list[Any]:
    if isinstance(parameter, Choice):
        return list(parameter.values)
    if isinstance(parameter, Fixed):
        return [parameter.value]
    if isinstance(parameter, Int):
        return list(range(parameter.low, parameter.high + 1, parameter.step))
    assert isinstance(parameter, Float)
    assert parameter.step is not None  # `check` refused the others
    count = int(np.floor((parameter.high - parameter.low) / parameter.step + 1e-9)) + 1
    return [float(round(parameter.low + i * parameter.step, 12)) for i in range(count)]


def grid_points(space: Space) -> Iterator[dict[str, Any]]:
    """Every distinct configuration, active parameters only, in a fixed order."""

    def extend(position: int, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if position == len(space.order):
            yield params
            return
        name = space.order[position]
        if not space.is_active(name, params):
            yield from extend(position + 1, params)
            return
        for value in _values(space.parameters[name]):
            yield from extend(position + 1, {**params, name: value})

    return extend(0, {})
