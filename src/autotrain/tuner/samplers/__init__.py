"""What to try next: samplers by name, from packages, or as objects.

A package adds one by an entry point of the group `autotrain.samplers`, a class or function that
makes a `Sampler` without arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autotrain.errors import ConfigurationError
from autotrain.registry import Extra, Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from autotrain.tuner.samplers.base import Sampler

__all__ = ["SAMPLERS", "sampler_name", "sampler_of"]

_HERE = "autotrain.tuner.samplers"

SAMPLERS: Registry[Callable[[], Sampler]] = Registry(
    "sampler",
    "autotrain.samplers",
    {
        "tpe": f"{_HERE}.optuna:tpe_sampler",
        "random": f"{_HERE}.optuna:random_sampler",
        "qmc": f"{_HERE}.optuna:qmc_sampler",
        "grid": f"{_HERE}.grid:GridSampler",
        "gp": f"{_HERE}.optuna:gp_sampler",
        "cmaes": f"{_HERE}.optuna:cmaes_sampler",
    },
    extras={
        "gp": Extra("samplers", ("torch", "scipy")),
        "cmaes": Extra("samplers", ("cmaes",)),
        "qmc": Extra("samplers", ("scipy",)),
    },
)


def sampler_of(chosen: object) -> Sampler:
    """The sampler of a name, or an object that is one, of Optuna's too.

    Raises:
        ConfigurationError, MissingExtraError: there is no such sampler, or it cannot be used.
    """
    from autotrain.tuner.samplers.base import CheckedSampler

    if isinstance(chosen, str):
        made = SAMPLERS.get(chosen, "--sampler")()
        return CheckedSampler(made, chosen) if SAMPLERS.origin(chosen) else made
    if hasattr(chosen, "suggest"):
        return CheckedSampler(chosen, sampler_name(chosen))
    from optuna.samplers import BaseSampler

    from autotrain.tuner.samplers.optuna import GivenSampler

    if isinstance(chosen, BaseSampler):
        return GivenSampler(chosen)
    raise ConfigurationError(
        f"sampler must be one of {', '.join(SAMPLERS.names())}, an object with a method `suggest` "
        f"(autotrain.Sampler), or one of Optuna's samplers, got {chosen!r}"
    )


def sampler_name(chosen: object) -> str:
    """How a sampler is called where a study is described."""
    return chosen if isinstance(chosen, str) else type(chosen).__name__
