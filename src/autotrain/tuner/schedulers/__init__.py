"""Who goes on: pruners, and populations whose members replace each other.

A scheduler is made of the settings of a study: by a name, by an entry point of a package in the
group `autotrain.schedulers` (for `--pruner`) or `autotrain.strategies` (for `--strategy`), each a
function of the settings; or it is passed as an object, one of Optuna's pruners too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

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
    from autotrain.tuner.schedulers.base import Scheduler

    strategy = STRATEGIES.get(settings.strategy, "--strategy")
    if strategy is not None:
        return strategy(settings)
    if given is None or isinstance(given, str):
        return PRUNERS.get(settings.pruner, "--pruner")(settings)
    if isinstance(given, Scheduler):
        return given
    from optuna.pruners import BasePruner

    from autotrain.tuner.schedulers.optuna_pruner import OptunaPruner

    if isinstance(given, BasePruner):
        return OptunaPruner(given, settings)
    raise ConfigurationError(
        f"pruner must be one of {', '.join(PRUNERS.names())}, an autotrain.Scheduler or one of "
        f"Optuna's pruners, got {given!r}"
    )


def scheduler_name(chosen: object) -> str:
    """How a pruner is called where a study is described."""
    return chosen if isinstance(chosen, str) else type(chosen).__name__
