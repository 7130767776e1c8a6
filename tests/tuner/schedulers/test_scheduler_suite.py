"""The suite of schedulers over every pruner and strategy that a user can name."""

from __future__ import annotations

import optuna

from autotrain.testing.schedulers import SchedulerSuite
from autotrain.testing.simulation import simulated_settings
from autotrain.tuner.schedulers import PRUNERS, STRATEGIES


class Pruner(SchedulerSuite):
    """A pruner by its name."""

    name = "none"

    def settings(self):
        return simulated_settings(pruner=self.name)


class TestNone(Pruner):
    name = "none"


class TestMedian(Pruner):
    name = "median"


class TestAsha(Pruner):
    name = "asha"


class TestHyperband(Pruner):
    name = "hyperband"


class Strategy(SchedulerSuite):
    """A population by its name."""

    name = "pbt"
    least = 4

    def settings(self):
        return simulated_settings(strategy=self.name, population=4, interval=2)


class TestPbt(Strategy):
    name = "pbt"


class TestPb2(Strategy):
    name = "pb2"


class TestOptunaObject(SchedulerSuite):
    def scheduler(self):
        return optuna.pruners.SuccessiveHalvingPruner()


def test_every_scheduler_is_tested_here():
    assert {suite.name for suite in Pruner.__subclasses__()} == set(PRUNERS.names())
    populations = {suite.name for suite in Strategy.__subclasses__()}
    assert populations | {"independent"} >= set(STRATEGIES.names())
