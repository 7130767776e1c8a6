"""Population-based bandits (PB2): a Gaussian process says where the values of a copy should go.

Parker-Holder et al. 2020, "Provably Efficient Online Hyperparameter Optimization with
Population-Based Bandits": the gain of a generation is a function of the values it was trained with
and of time; old observations count less (equation 3 there), and the next values maximize an upper
confidence bound (equation 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autotrain.space import Float, Int
from autotrain.storage.settings import StudySettings
from autotrain.trial import Params, Trial
from autotrain.tuner.schedulers.pbt import (
    Population,
    fraction_of,
    perturbed,
    population,
    value_at,
)
from autotrain.tuner.view import StudyView

_CANDIDATES = 1000
_NOISE = 1e-2
_LENGTHS = (0.1, 0.2, 0.4, 0.8)  # of the squared exponential, in a unit cube
_FORGETTING = (0.0, 0.05, 0.2, 0.5)


@dataclass(frozen=True)
class Gain:
    """What a generation brought.

    Attributes:
        generation: its number, from 0.
        values: [d] those that it was trained with, each from 0 to 1.
        gain: by how much the score rose.
    """

    generation: int
    values: tuple[float, ...]
    gain: float


def pb2(settings: StudySettings) -> Population:
    """`pb2`: copies whose numbers the Gaussian process chooses, and choices as in `pbt`."""
    interval = settings.interval or 1

    def explore(study: StudyView, winner: Trial, epoch: int, seed: int) -> Params:
        changed = perturbed(study, winner, epoch, seed)
        ranges = {
            name: parameter
            for name in winner.params
            if study.tunable(name)
            and isinstance(parameter := study.space.parameters[name], Float | Int)
        }
        gains = list(_gains(study, ranges, interval, epoch))
        if not ranges or len(gains) < 2:
            return changed
        best = best_values(gains, epoch // interval, seed)
        for (name, parameter), fraction in zip(ranges.items(), best, strict=True):
            changed[name] = value_at(parameter, float(fraction))
        return changed

    return population(settings, explore)


def _gains(
    study: StudyView, ranges: dict[str, Float | Int], interval: int, epoch: int
) -> Iterator[Gain]:
    """What each generation up to an epoch brought to each trial that has all the values."""
    for trial in study.trials.values():
        if trial.queued or not all(name in trial.params for name in ranges):
            continue
        place = tuple(fraction_of(p, trial.params[name]) for name, p in ranges.items())
        scores = _scores(study, trial)
        if trial.parent is not None:
            before = _scores(study, study.trials[trial.parent])
            if trial.start_epoch in before:
                scores[trial.start_epoch] = before[trial.start_epoch]
        for end in sorted(scores):
            if end <= epoch and end % interval == 0 and end - interval in scores:
                yield Gain(end // interval - 1, place, scores[end] - scores[end - interval])


def _scores(study: StudyView, trial: Trial) -> dict[int, float]:
    """By epoch; not the best so far, but what each epoch gave."""
    metric = study.objective.metric
    return {e.epoch: study.objective.sign * e.metrics[metric] for e in trial.epochs}


def best_values(gains: Sequence[Gain], generation: int, seed: int) -> np.ndarray:
    """[d] the values from 0 to 1 with the highest upper confidence bound in a generation.

    Args:
        gains: at least two.
    """
    x = np.array([gain.values for gain in gains], dtype=float)
    t = np.array([gain.generation for gain in gains], dtype=float)
    y = np.array([gain.gain for gain in gains], dtype=float)
    y = (y - y.mean()) / (y.std() or 1.0)
    length, forgetting = max(
        ((length, rate) for length in _LENGTHS for rate in _FORGETTING),
        key=lambda pair: _evidence(_kernel(x, t, x, t, *pair), y),
    )
    candidates = np.random.default_rng(seed).random((_CANDIDATES, x.shape[1]))
    now = np.full(_CANDIDATES, float(generation))
    root = np.linalg.cholesky(_noisy(_kernel(x, t, x, t, length, forgetting)))
    across = np.linalg.solve(root, _kernel(x, t, candidates, now, length, forgetting))
    mean = across.T @ np.linalg.solve(root, y)
    deviation = np.sqrt(np.maximum(1.0 - (across**2).sum(axis=0), 0.0))
    # The square root of beta in equation 5, with the constants of the authors' code.
    bound = np.sqrt(0.2 + np.log(0.4 * max(generation, 1) + 1.0))
    best: np.ndarray = candidates[np.argmax(mean + bound * deviation)]
    return best


def _kernel(
    x: np.ndarray, t: np.ndarray, u: np.ndarray, s: np.ndarray, length: float, forgetting: float
) -> np.ndarray:
    """[n, m] covariance of points x [n, d] at times t [n] with u [m, d] at s [m]."""
    distance = ((x[:, None, :] - u[None, :, :]) ** 2).sum(axis=2)
    age = np.abs(t[:, None] - s[None, :])
    kernel: np.ndarray = np.exp(-distance / (2 * length**2)) * (1 - forgetting) ** (age / 2)
    return kernel


def _noisy(kernel: np.ndarray) -> np.ndarray:
    return kernel + _NOISE * np.eye(len(kernel))


def _evidence(kernel: np.ndarray, y: np.ndarray) -> float:
    """Logarithm of the marginal likelihood, but for a constant."""
    root = np.linalg.cholesky(_noisy(kernel))
    fit = np.linalg.solve(root, y)
    return float(-0.5 * fit @ fit - np.log(np.diag(root)).sum())
