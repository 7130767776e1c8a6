"""Optuna's pruners as objects, through a session."""

import optuna
import pytest

from autotrain.errors import ConfigurationError
from autotrain.space import Float, Space
from autotrain.tuner.schedulers import scheduler_of
from autotrain.tuner.schedulers.base import NopScheduler

CURVES = [0.9, 0.8, 0.7, 0.6, 0.95, 0.1, 0.2, 0.85]


def level(params, epoch):
    return params["x"]


@pytest.fixture
def lines(lab):
    """A study whose trials stay at the levels of CURVES."""
    lab.set(space=Space({"x": Float(0.0, 1.0)}, "val_accuracy"), pruner="given")

    def search(pruner, **options):
        session = lab.open(len(CURVES), pruner=pruner, **options)
        session.enqueue([{"x": value} for value in CURVES])
        return session

    return search


def test_median_pruner_stops_what_is_below_the_middle(lines, tools):
    session = tools.drive(lines(optuna.pruners.MedianPruner(n_startup_trials=4)), level)
    assert tools.states(session) == ["COMPLETE"] * 5 + ["PRUNED"] * 2 + ["COMPLETE"]


PRUNERS = {
    "SuccessiveHalvingPruner": {},
    "HyperbandPruner": {"max_resource": 9},
    "PercentilePruner": {"percentile": 50.0, "n_startup_trials": 3},
    "ThresholdPruner": {"lower": 0.5},
    "PatientPruner": {"wrapped_pruner": None, "patience": 2},
    "NopPruner": {},
    "WilcoxonPruner": {},
}


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize("name", PRUNERS)
def test_every_pruner_of_optuna_works_on_several_workers(lines, tools, name):
    pruner = getattr(optuna.pruners, name)(**PRUNERS[name])
    session = tools.drive(lines(pruner), level, workers=2)
    assert session.is_over
    assert tools.count(session, "COMPLETE") >= 1
    if isinstance(pruner, optuna.pruners.ThresholdPruner):
        assert tools.states(session)[5:7] == ["PRUNED"] * 2


def test_scheduler_object_is_used_as_it_is(lines, tools):
    session = tools.drive(lines(NopScheduler()), level)
    assert tools.states(session) == ["COMPLETE"] * len(CURVES)


def test_several_objectives_are_refused(new_lab):
    space = Space({"x": Float(0, 1)}, ["val_accuracy", "latency"])
    settings = new_lab(space=space).settings
    with pytest.raises(ConfigurationError, match="MedianPruner takes one objective"):
        scheduler_of(settings, optuna.pruners.MedianPruner())
    with pytest.raises(ConfigurationError, match=r"pruner must be one of asha.*got 3"):
        scheduler_of(settings, 3)
