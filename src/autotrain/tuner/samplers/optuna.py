"""Samplers by name: each proposal comes from one seeded by the study seed and the trial number.

No sampler keeps state between proposals, so a resumed search proposes what the uninterrupted one
would have.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial

from autotrain.errors import ConfigurationError, MissingExtraError
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.trial import derive_seed


def distribution(parameter: Parameter) -> BaseDistribution | None:
    """Optuna's distribution of a parameter; None for a fixed one."""
    if isinstance(parameter, Int):
        return IntDistribution(parameter.low, parameter.high, parameter.log, parameter.step)
    if isinstance(parameter, Float):
        return FloatDistribution(parameter.low, parameter.high, parameter.log, parameter.step)
    if isinstance(parameter, Choice):
        return CategoricalDistribution(tuple(parameter.values))
    return None


def _random(seed: int, number: int, space: Space) -> BaseSampler:
    return optuna.samplers.RandomSampler(seed=derive_seed(seed, number))


def _tpe(seed: int, number: int, space: Space) -> BaseSampler:
    # `benchmarks/samplers.py` compares these settings on LCBench.
    return optuna.samplers.TPESampler(
        seed=derive_seed(seed, number), multivariate=True, group=True, constant_liar=True
    )


def _qmc(seed: int, number: int, space: Space) -> BaseSampler:
    return _FlatQMC(seed, number, space)


def _cmaes(seed: int, number: int, space: Space) -> BaseSampler:
    return optuna.samplers.CmaEsSampler(
        seed=derive_seed(seed, number),
        n_startup_trials=1,
        independent_sampler=_random(seed, number, space),
        warn_independent_sampling=False,
    )


def _gp(seed: int, number: int, space: Space) -> BaseSampler:
    return optuna.samplers.GPSampler(
        seed=derive_seed(seed, number),
        independent_sampler=_random(seed, number, space),
        deterministic_objective=False,
    )


class _FlatQMC(optuna.samplers.QMCSampler):
    """Quasi-Monte Carlo over all numeric parameters, active or not.

    Optuna's own takes the first trial's parameters for the whole space, which a conditional space
    breaks. One sequence serves the whole study, so its seed is the study's, and a trial's place in
    it is its number: Optuna counts in the storage, and a trial asked for twice would skip a point.
    """

    def __init__(self, seed: int, number: int, space: Space) -> None:
        super().__init__(
            seed=derive_seed(seed, "qmc"),
            scramble=True,
            independent_sampler=_random(seed, number, space),
            warn_independent_sampling=False,
        )
        self._number = number
        found = {name: distribution(parameter) for name, parameter in space.parameters.items()}
        self._flat = {
            n: d for n, d in found.items() if isinstance(d, (IntDistribution, FloatDistribution))
        }

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """The whole numeric part of the space, for every trial."""
        return dict(self._flat)

    def _find_sample_id(
        self, study: optuna.Study, search_space: dict[str, BaseDistribution]
    ) -> int:
        return self._number


_FACTORIES: dict[str, Callable[[int, int, Space], BaseSampler]] = {
    "tpe": _tpe,
    "random": _random,
    "qmc": _qmc,
    "grid": _random,  # the grid fixes every parameter; nothing is left to draw
    "gp": _gp,
    "cmaes": _cmaes,
}
_PACKAGES = {"gp": ("torch", "scipy"), "cmaes": ("cmaes",), "qmc": ("scipy",)}
SAMPLERS = tuple(_FACTORIES)


def build_sampler(name: str, seed: int, number: int, space: Space) -> BaseSampler:
    """The sampler that proposes trial `number`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return _FACTORIES[name](seed, number, space)


def check_sampler(name: str, space: Space) -> None:
    """Whether a sampler can serve a space, before any work starts.

    Raises:
        ConfigurationError, MissingExtraError: it cannot, and why.
    """
    if name not in _FACTORIES:
        raise ConfigurationError(f"--sampler is one of {', '.join(SAMPLERS)}, got {name!r}")
    if any(importlib.util.find_spec(package) is None for package in _PACKAGES.get(name, ())):
        raise MissingExtraError(f"the sampler {name}", "samplers")
    if name in ("gp", "cmaes") and len(space.objectives) > 1 and name == "cmaes":
        raise ConfigurationError("--sampler cmaes takes one objective: use tpe for several")
    if name == "grid":
        _check_grid(space)


def _check_grid(space: Space) -> None:
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


def _grid_values(parameter: Parameter) -> list[Any]:
    if isinstance(parameter, Choice):
        return list(parameter.values)
    if isinstance(parameter, Fixed):
        return [parameter.value]
    if isinstance(parameter, Int):
        return list(range(parameter.low, parameter.high + 1, parameter.step))
    assert isinstance(parameter, Float)
    assert parameter.step is not None  # `_check_grid` refused the others
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
        for value in _grid_values(space.parameters[name]):
            yield from extend(position + 1, {**params, name: value})

    return extend(0, {})
