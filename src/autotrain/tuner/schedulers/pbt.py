"""Population-based training: poor members go on from copies of good ones, with other values.

Jaderberg et al. 2017, "Population Based Training of Neural Networks", with truncation selection
(section 4.1.1 there) in synchronous generations: after every `interval` epochs the whole population
waits, the worst quarter gives up, and each of these is replaced by a copy of a member of the best
quarter whose values are perturbed. Waiting for all makes a search the same on any number of
workers, killed or not.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from autotrain.errors import ConfigurationError
from autotrain.space import Choice, Fixed, Float, Int, Parameter
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, Params, Trial, TrialStatus, derive_seed
from autotrain.tuner.schedulers.base import Fork, Resume, Scheduler, Step, Wait
from autotrain.tuner.view import StudyView

QUANTILE = 0.25
_RESAMPLE = 0.25  # how often a value is drawn anew instead of perturbed, as in Ray Tune
_FACTORS = (0.8, 1.2)

Explore = Callable[[StudyView, Trial, int, int], Params]


class Population(Scheduler):
    """The members of a search and who replaces whom.

    A trial is the training of one member up to its end or its replacement.

    Args:
        size: members.
        interval: epochs of a generation.
        epochs: of a member, all generations together.
        seed: of the choice among the best.
        explore: the configuration of a copy, from the view, the winner, the epoch at which it is
            copied and a seed.

    Raises:
        ConfigurationError: too few members or epochs for anything to be copied.
    """

    def __init__(self, size: int, interval: int, epochs: int, seed: int, explore: Explore) -> None:
        if size < 2:
            raise ConfigurationError(f"--population must be at least 2, got {size}")
        if not 1 <= interval < epochs:
            raise ConfigurationError(
                f"--interval must lie within 1 and {epochs - 1} of the {epochs} epochs, got {interval}"
            )
        self._size, self._seed, self._explore = size, seed, explore
        self._ends = tuple(range(interval, epochs, interval))

    def decide(self, study: StudyView, trial: Trial) -> Decision:
        """PAUSE at the end of a generation."""
        return Decision.PAUSE if trial.last_epoch in self._ends else Decision.CONTINUE

    def next(self, study: StudyView) -> Step | None:
        """Replace the worst of a generation that is whole, then let the others go on."""
        whole = [end for end in self._ends if self._is_whole(study, end)]
        if study.next_number < study.total:
            for loser, winner, end in self._replacements(study):
                seed = derive_seed(self._seed, "explore", study.next_number)
                params = self._explore(study, study.trials[winner], end, seed)
                return Fork(loser, winner, end, params)
        for trial in study.having(TrialStatus.PAUSED):
            if any(self._waits_at(study, trial, end) for end in whole):
                return Resume(trial.number)
        return None if self._lacks_members(study) else Wait()

    def _lacks_members(self, study: StudyView) -> bool:
        """Whether members are missing that nobody is copied for."""
        started = (t for t in study.trials.values() if not t.queued)
        return sum(trial.start_epoch == 0 for trial in started) < self._size

    def _replacements(self, study: StudyView) -> list[tuple[int, int, int]]:
        """Who gives up for a copy of whom, and after which epoch: (loser, winner, epoch)."""
        found = []
        for end in self._ends:
            if not self._is_whole(study, end):
                break
            scores = _scores(study, end)
            ranked = sorted(scores, key=lambda n: (-scores[n], n))
            few = int(len(ranked) * QUANTILE) or int(len(ranked) > 1)
            pick = random.Random(derive_seed(self._seed, "winners", end))
            for number in ranked[len(ranked) - few :]:
                winner, loser = pick.choice(ranked[:few]), study.trials[number]
                if loser.status is TrialStatus.PAUSED and self._waits_at(study, loser, end):
                    found.append((number, winner, end))
        return found

    def _is_whole(self, study: StudyView, end: int) -> bool:
        """Whether every member has come to the end of this generation."""
        members = study.having(TrialStatus.RUNNING, TrialStatus.PAUSED)
        late = [t for t in members if t.start_epoch < end and study.best_at(t.number, end) is None]
        return not late and not self._lacks_members(study) and bool(_scores(study, end))

    def _waits_at(self, study: StudyView, trial: Trial, end: int) -> bool:
        reached = (e for e in self._ends if study.best_at(trial.number, e) is not None)
        return max(max(reached, default=0), trial.start_epoch) == end


def _scores(study: StudyView, end: int) -> dict[int, float]:
    """Of all that came to an epoch; those who ended since stay what the others are held to."""
    found = {number: study.best_at(number, end) for number in study.trials}
    return {number: score for number, score in found.items() if score is not None}


def population(settings: StudySettings, explore: Explore) -> Population:
    """The population that the settings of a study describe."""
    size, interval = settings.population or 0, settings.interval or 0
    return Population(size, interval, settings.epochs, settings.seed, explore)


def pbt(settings: StudySettings) -> Population:
    """`pbt`: copies whose values are perturbed."""
    return population(settings, perturbed)


def perturbed(study: StudyView, winner: Trial, epoch: int, seed: int) -> dict[str, Any]:
    """A copy's configuration: values a fifth up or down, or drawn anew; its structure stays.

    Parameters that a condition asks about stay too, so that the same ones are active.
    """
    space = study.space
    asked = {name for parameter in space.parameters.values() for name in parameter.conditions}
    draw = random.Random(seed)
    changed = dict(winner.params)
    for name, value in winner.params.items():
        if study.tunable(name) and name not in asked:
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
    return value_at(parameter, fraction)


def value_at(parameter: Int | Float, fraction: float) -> int | float:
    """The value at a part of a range, from 0 to 1."""
    low, high = parameter.low, parameter.high
    if parameter.log:
        return _inside(parameter, low * (high / low) ** fraction)
    return _inside(parameter, low + fraction * (high - low))


def fraction_of(parameter: Int | Float, value: float) -> float:
    """The part of a range at which a value lies, from 0 to 1."""
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
