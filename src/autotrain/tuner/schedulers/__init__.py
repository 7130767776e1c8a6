"""Who goes on: pruners, and populations whose members replace each other.

A scheduler is made of the settings of a study: by a name, by an entry point of a package in the
group `autotrain.schedulers` (for `--pruner`) or `autotrain.strategies` (for `--strategy`), each a
function of the settings; or it is passed as an object, one of Optuna's pruners too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from autotrain.errors import ConfigurationError
from autotrain.registry import Registry
from autotrain.trial import INDEPENDENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from autotrain.storage.settings import StudySettings
    from autotrain.tuner.schedulers.base import Scheduler

__all__ = [
    "PRUNERS",
    "STRATEGIES",
    "scheduler_name",
    "scheduler_of",
]

MakeScheduler: TypeAlias = "Callable[[StudySettings], Scheduler]"
_HERE = "autotrain.tuner.schedulers"


PRUNERS: Registry[MakeScheduler] = Registry(
    "pruner",
    "autotrain.schedulers",
    {
        "asha": f"{_HERE}.asha:asha",
        "hyperband": f"{_HERE}.asha:hyperband",
        "median": f"{_HERE}.median:median",
        "none": f"{_HERE}.base:nop",
    },
)
STRATEGIES: Registry[MakeScheduler | None] = Registry(
    "strategy",
    "autotrain.strategies",
    {INDEPENDENT: None, "pbt": f"{_HERE}.pbt:pbt", "pb2": f"{_HERE}.pb2:pb2"},
)


def scheduler_of(settings: StudySettings, given: object = None) -> Scheduler:
    """What decides who goes on in a study of these settings.

    Args:
        given: an object instead of the pruner of the settings; a name counts for nothing.

    Raises:
        ConfigurationError: there is no such pruner or strategy, or it cannot serve the settings.
    """
    strategy = STRATEGIES.get(settings.strategy, "--strategy")
    if strategy is not None:
        return _checked(STRATEGIES, settings.strategy, strategy(settings))
    if given is None or isinstance(given, str):
        made = PRUNERS.get(settings.pruner, "--pruner")(settings)
        return _checked(PRUNERS, settings.pruner, made)
    if hasattr(given, "decide"):
        return _wrapped(given, scheduler_name(given))
    from optuna.pruners import BasePruner

    from autotrain.tuner.schedulers.optuna_pruner import OptunaPruner

    if isinstance(given, BasePruner):
        return OptunaPruner(given, settings)
    raise ConfigurationError(
        f"pruner must be one of {', '.join(PRUNERS.names())}, an object with a method `decide` "
        f"(autotrain.Scheduler), or one of Optuna's pruners, got {given!r}"
    )


def scheduler_name(chosen: object) -> str:
    """How a pruner is called where a study is described."""
    return chosen if isinstance(chosen, str) else type(chosen).__name__


def _checked(registry: Registry[Any], name: str, made: Scheduler) -> Scheduler:
    """With its answers checked where it is not our own."""
    return _wrapped(made, name) if registry.origin(name) else made


def _wrapped(scheduler: object, name: str) -> Scheduler:
    from autotrain.tuner.schedulers.base import CheckedScheduler

    return CheckedScheduler(scheduler, name)
