"""Who goes on: pruners compare the best value so far at equal epochs.

A pruner sees scores (higher is better) and says after each epoch whether a trial continues, pauses
or stops; it may name a paused trial to go on with. It keeps no state that the recorded curves
cannot give back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from autotrain.errors import ConfigurationError
from autotrain.trial import Verdict

REDUCTION = 3  # a rung passes on the best third


class Pruner(Protocol):
    """Decides about trials by their best score so far."""

    def begin(self, number: int, epoch: int = 0) -> None:
        """A trial starts, after `epoch` epochs of the one that it is a copy of."""

    def report(self, number: int, epoch: int, best: float) -> Verdict:
        """Record a score and say how the trial goes on: CONTINUE, PAUSE or STOP."""

    def replay(self, number: int, epoch: int, best: float) -> None:
        """Record a score of an earlier run, without a decision."""

    def pause(self, number: int) -> None:
        """A trial rests at its last rung, whether decided now or in an earlier run."""

    def resume(self, number: int) -> None:
        """A trial goes on."""

    def complete(self, number: int) -> None:
        """A trial reached its own end."""

    def forget(self, number: int) -> None:
        """A trial failed: it neither counts nor goes on."""

    def retire(self, number: int) -> None:
        """A trial was pruned."""

    def wants_new(self) -> bool:
        """Whether new trials are welcome."""

    def replacements(self) -> list[tuple[int, int, int]]:
        """Paused trials to give up for a copy of another: loser, winner, epochs of the winner."""

    def promotable(self) -> list[int]:
        """Paused trials worth going on with, the best first."""

    def strongest_paused(self) -> int | None:
        """The paused trial to finish when nothing else would."""


class Everything:
    """Nobody is stopped early (`none`)."""

    def begin(self, number: int, epoch: int = 0) -> None:
        """Nothing to record."""

    def wants_new(self) -> bool:
        """Always."""
        return True

    def replacements(self) -> list[tuple[int, int, int]]:
        """Nobody is copied."""
        return []

    def report(self, number: int, epoch: int, best: float) -> Verdict:
        """Always CONTINUE."""
        return Verdict.CONTINUE

    def replay(self, number: int, epoch: int, best: float) -> None:
        """Nothing to record."""

    def pause(self, number: int) -> None:
        """Never paused."""

    resume = complete = forget = retire = pause

    def promotable(self) -> list[int]:
        """Nobody waits."""
        return []

    def strongest_paused(self) -> int | None:
        """Nobody waits."""
        return None


class Median(Everything):
    """Stop a trial that is below the median of the completed ones at the same epoch.

    The rule of Google Vizier (Golovin et al. 2017, section 3.2.2), after five completed trials
    and a ninth of the epochs.
    """

    _STARTUP = 5

    def __init__(self, epochs: int) -> None:
        self._warm = max(1, round(epochs / 9))
        self._curves: dict[int, dict[int, float]] = {}
        self._completed: set[int] = set()

    def replay(self, number: int, epoch: int, best: float) -> None:
        """Record a score."""
        self._curves.setdefault(number, {})[epoch] = best

    def complete(self, number: int) -> None:
        """From now on the trial's curve is compared with."""
        self._completed.add(number)

    def forget(self, number: int) -> None:
        """Drop the trial's curve."""
        self._curves.pop(number, None)

    def report(self, number: int, epoch: int, best: float) -> Verdict:
        """STOP below the median."""
        self.replay(number, epoch, best)
        others = [self._at(n, epoch) for n in self._completed if n in self._curves]
        if epoch < self._warm or len(others) < self._STARTUP:
            return Verdict.CONTINUE
        return Verdict.STOP if best < float(np.median(others)) else Verdict.CONTINUE

    def _at(self, number: int, epoch: int) -> float:
        curve = self._curves[number]
        return curve[epoch] if epoch in curve else curve[max(curve)]  # stopped early: its last


class Promotion(Everything):
    """Asynchronous successive halving that pauses and promotes (`asha`, `hyperband`).

    Li et al. 2020, algorithm 2: at each rung the best third goes on. Below the cut a trial keeps
    its checkpoint, and goes on when later results put it among the best third after all. With
    several brackets, a trial's number decides at which rung it is first judged (asynchronous
    Hyperband, section 3.3 there).

    Args:
        rungs: epochs at which trials are judged, rising, without the last epoch.
        brackets: how many of the rungs serve as a first one.
    """

    def __init__(self, rungs: tuple[int, ...], brackets: int = 1) -> None:
        self._brackets = [_Ladder(rungs[start:]) for start in range(brackets)]
        # Bracket s trains a trial about REDUCTION**s times as long, so it gets as many fewer.
        shares = [REDUCTION ** (brackets - 1 - s) for s in range(brackets)]
        self._pattern = [s for s, share in enumerate(shares) for _ in range(share)]

    def _ladder(self, number: int) -> _Ladder:
        return self._brackets[self._pattern[number % len(self._pattern)]]

    def report(self, number: int, epoch: int, best: float) -> Verdict:
        """PAUSE at a rung below the cut."""
        ladder = self._ladder(number)
        ladder.record(number, epoch, best)
        if epoch in ladder.scores and not ladder.passes(number, epoch):
            return Verdict.PAUSE
        return Verdict.CONTINUE

    def replay(self, number: int, epoch: int, best: float) -> None:
        """Record a score."""
        self._ladder(number).record(number, epoch, best)

    def pause(self, number: int) -> None:
        """The trial waits at its last rung."""
        self._ladder(number).paused.add(number)

    def resume(self, number: int) -> None:
        """The trial waits no longer."""
        self._ladder(number).paused.discard(number)

    def complete(self, number: int) -> None:
        """A trial that stopped early counts at the rungs that it did not see."""
        self._ladder(number).complete(number)

    def forget(self, number: int) -> None:
        """Remove the trial from all rungs."""
        self._ladder(number).forget(number)

    def promotable(self) -> list[int]:
        """Paused trials within the best third of their rung, from the top rung down."""
        return [number for ladder in self._brackets for number in ladder.promotable()]

    def strongest_paused(self) -> int | None:
        """The best trial of the highest rung anyone waits at."""
        found = [ladder.strongest_paused() for ladder in self._brackets]
        waiting = [entry for entry in found if entry is not None]
        return max(waiting)[-1] if waiting else None


class _Ladder:
    """The rungs of one bracket."""

    def __init__(self, rungs: tuple[int, ...]) -> None:
        self.scores: dict[int, dict[int, float]] = {rung: {} for rung in rungs}
        self.paused: set[int] = set()
        self._last: dict[int, float] = {}

    def record(self, number: int, epoch: int, best: float) -> None:
        self._last[number] = best
        if epoch in self.scores:
            self.scores[epoch][number] = best

    def passes(self, number: int, rung: int) -> bool:
        return number in self._best_third(rung)

    def _best_third(self, rung: int) -> list[int]:
        scores = self.scores[rung]
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        return ranked[: len(ranked) // REDUCTION]

    def _rung_of(self, number: int) -> int:
        reached = (rung for rung, scores in self.scores.items() if number in scores)
        return max(reached, default=0)  # 0 where the curve was lost

    def promotable(self) -> list[int]:
        return [
            number
            for rung in sorted(self.scores, reverse=True)
            for number in self._best_third(rung)
            if number in self.paused and self._rung_of(number) == rung
        ]

    def strongest_paused(self) -> tuple[int, float, int, int] | None:
        entries = [(self._rung_of(n), self._last.get(n, -math.inf), -n, n) for n in self.paused]
        return max(entries, default=None)

    def complete(self, number: int) -> None:
        if number in self._last:
            for scores in self.scores.values():
                scores.setdefault(number, self._last[number])

    def forget(self, number: int) -> None:
        self.paused.discard(number)
        for scores in self.scores.values():
            scores.pop(number, None)


def default_rungs(epochs: int, first: int | None = None) -> tuple[int, ...]:
    """Rungs at about a ninth and a third of the epochs, or from `first` on in steps of three.

    A first rung at epoch 1 throws the slow starters away; see `benchmarks/samplers.py`.
    """
    lowest = first if first is not None else max(1, round(epochs / REDUCTION**2))
    count = max(0, math.floor(math.log(epochs / lowest, REDUCTION) + 1e-9)) + 1
    rungs = {max(lowest, round(epochs / REDUCTION**i)) for i in range(1, count + 1)} | {lowest}
    return tuple(sorted(rung for rung in rungs if rung < epochs))


def _asha(epochs: int, first: int | None) -> Pruner:
    return Promotion(default_rungs(epochs, first))


def _hyperband(epochs: int, first: int | None) -> Pruner:
    rungs = default_rungs(epochs, first)
    return Promotion(rungs, brackets=len(rungs) + 1)


_FACTORIES: dict[str, Callable[[int, int | None], Pruner]] = {
    "asha": _asha,
    "hyperband": _hyperband,
    "median": lambda epochs, first: Median(epochs),
    "none": lambda epochs, first: Everything(),
}
PRUNERS = tuple(_FACTORIES)


def build_pruner(name: str, epochs: int, first_rung: int | None = None) -> Pruner:
    """A pruner by name.

    Args:
        epochs: the full length of a trial.
        first_rung: the first epoch at which `asha` and `hyperband` judge.

    Raises:
        ConfigurationError: unknown name, or a first rung outside the trial.
    """
    if name not in _FACTORIES:
        raise ConfigurationError(f"--pruner is one of {', '.join(PRUNERS)}, got {name!r}")
    if first_rung is not None and not 1 <= first_rung <= epochs:
        raise ConfigurationError(
            f"--first-rung lies within 1 and {epochs} epochs, got {first_rung}"
        )
    return _FACTORIES[name](epochs, first_rung)
