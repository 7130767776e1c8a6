"""Optuna's samplers: each proposal comes from one seeded by the study seed and the trial number.

No sampler keeps state between proposals, so a search that goes on proposes what the uninterrupted
one would have. A sampler that a user passes as an object is asked as it is, with whatever state it
has.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from autotrain.errors import ConfigurationError
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.trial import derive_seed
from autotrain.tuner.optuna_view import (
    FIXED,
    FrozenTrials,
    OptunaView,
    distribution,
    frozen_trial,
)
from autotrain.tuner.samplers.base import Sampler, Suggestion, given_values
from autotrain.tuner.view import StudyView

MakeSampler = Callable[[int, int, Space], BaseSampler]


class OptunaSampler(Sampler):
    """Asks one of Optuna's samplers.

    Args:
        make: from the study's seed, the trial's number and the space to the sampler.
        most_objectives: how many objectives it takes.
        name: for messages.
    """

    def __init__(self, make: MakeSampler, name: str, most_objectives: int | None = None) -> None:
        self._make, self._name, self._most = make, name, most_objectives
        self._trials = FrozenTrials()

    def check(self, space: Space) -> None:
        """Whether it takes so many objectives."""
        if self._most is not None and len(space.objectives) > self._most:
            raise ConfigurationError(
                f"--sampler {self._name} takes one objective: use tpe for several"
            )

    def suggest(self, study: StudyView, number: int, seed: int) -> Suggestion:
        """Parameter by parameter, in the order of the space."""
        directions = [objective.direction for objective in study.space.objectives]
        fixed = {FIXED: dict(given)} if (given := given_values(study, number)) else {}
        current = frozen_trial(number, TrialState.RUNNING, {}, {}, fixed)
        with _silence():
            sampler = self._make(seed, number, study.space)
            shown = self._trials.shown(study)
            view = OptunaView(directions, shown, current, self._trials.notes)
            self._before(view.open(sampler), shown)
            params = _suggested(optuna.Trial(view.open(sampler), number), study.space)
        return Suggestion(params, view.written)

    def _before(self, study: optuna.Study, shown: list[FrozenTrial]) -> None:
        """Nothing to tell a sampler that is made anew."""


class GivenSampler(OptunaSampler):
    """Asks a sampler object of the user's, which also hears of trials that ended."""

    def __init__(self, sampler: BaseSampler) -> None:
        super().__init__(lambda seed, number, space: sampler, type(sampler).__name__)
        self._told: set[int] = set()

    def _before(self, study: optuna.Study, shown: list[FrozenTrial]) -> None:
        for trial in shown:
            if trial.state.is_finished() and trial.number not in self._told:
                self._told.add(trial.number)
                study.sampler.after_trial(study, trial, trial.state, trial.values)


@contextmanager
def _silence() -> Iterator[None]:
    """Within, Optuna's remarks about experimental parts and unusual choices are silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _suggested(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for name in space.order:
        if space.is_active(name, params):
            params[name] = _value(trial, name, space.parameters[name])
    return params


def _value(trial: optuna.Trial, name: str, parameter: Parameter) -> Any:
    if isinstance(parameter, Int):
        least, most = parameter.low, parameter.high
        return trial.suggest_int(name, least, most, step=parameter.step, log=parameter.log)
    if isinstance(parameter, Float):
        low, high = parameter.low, parameter.high
        return trial.suggest_float(name, low, high, step=parameter.step, log=parameter.log)
    if isinstance(parameter, Choice):
        return trial.suggest_categorical(name, list(parameter.values))
    assert isinstance(parameter, Fixed)
    return parameter.value


def random_sampler() -> Sampler:
    """`random`: uniform over the space."""
    return OptunaSampler(_random, "random")


def tpe_sampler() -> Sampler:
    """`tpe`: the tree-structured Parzen estimator (Bergstra et al. 2011), multivariate."""
    return OptunaSampler(_tpe, "tpe")


def qmc_sampler() -> Sampler:
    """`qmc`: scrambled Sobol points (quasi-Monte Carlo)."""
    return OptunaSampler(_FlatQMC, "qmc")


def gp_sampler() -> Sampler:
    """`gp`: a Gaussian process."""
    return OptunaSampler(_gp, "gp")


def cmaes_sampler() -> Sampler:
    """`cmaes`: covariance matrix adaptation."""
    return OptunaSampler(_cmaes, "cmaes", most_objectives=1)


def _random(seed: int, number: int, space: Space) -> BaseSampler:
    return optuna.samplers.RandomSampler(seed=derive_seed(seed, number))


def _tpe(seed: int, number: int, space: Space) -> BaseSampler:
    # `benchmarks/samplers.py` compares these settings on LCBench.
    return optuna.samplers.TPESampler(
        seed=derive_seed(seed, number), multivariate=True, group=True, constant_liar=True
    )


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
