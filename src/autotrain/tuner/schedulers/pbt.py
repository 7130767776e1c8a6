"""Population-based training: poor members go on from copies of good ones, with other values.

Jaderberg et al. 2017, with truncation selection (section 4.1.1 there) in synchronous generations:
after every `interval` epochs the whole population waits, the worst quarter gives up, and each of
these is replaced by a copy of a member of the best quarter whose values are perturbed. Waiting for
all makes a search the same on any number of workers, killed or not.
"""

from __future__ import annotations

import random

from autotrain.errors import ConfigurationError
from autotrain.storage.settings import INDEPENDENT, StudySettings
from autotrain.trial import Verdict, derive_seed
from autotrain.tuner.schedulers.asha import Everything, Pruner, build_pruner

QUANTILE = 0.25


class Population(Everything):
    """The members of a search and who replaces whom; behaves as a pruner that pauses everybody.

    A trial is the training of one member up to its end or its replacement. The same questions get
    the same answers when the recorded curves are replayed.

    Args:
        size: members.
        interval: epochs of a generation.
        seed: of the choice among the best.

    Raises:
        ConfigurationError: too few members or epochs for anything to be copied.
    """

    def __init__(self, size: int, interval: int, epochs: int, seed: int) -> None:
        if size < 2:
            raise ConfigurationError(f"--population is at least 2, got {size}")
        if not 1 <= interval < epochs:
            raise ConfigurationError(
                f"--interval lies within 1 and {epochs - 1} of the {epochs} epochs, got {interval}"
            )
        self._size, self._seed = size, seed
        self._ends = tuple(range(interval, epochs, interval))
        self._scores: dict[int, dict[int, float]] = {end: {} for end in self._ends}
        self._started: dict[int, int] = {}  # members by the epoch that they started from
        self._members: set[int] = set()
        self._paused: set[int] = set()

    def begin(self, number: int, epoch: int = 0) -> None:
        """A trial joins, from the start or as a copy made at an epoch."""
        self._started[number] = epoch
        self._members.add(number)

    def wants_new(self) -> bool:
        """Whether members are missing that nobody is copied for."""
        return sum(epoch == 0 for epoch in self._started.values()) < self._size

    def report(self, number: int, epoch: int, best: float) -> Verdict:
        """PAUSE at the end of a generation."""
        self.replay(number, epoch, best)
        return Verdict.PAUSE if epoch in self._scores else Verdict.CONTINUE

    def replay(self, number: int, epoch: int, best: float) -> None:
        """Record a score."""
        if epoch in self._scores:
            self._scores[epoch][number] = best

    def pause(self, number: int) -> None:
        """The member waits for the others."""
        self._paused.add(number)

    def resume(self, number: int) -> None:
        """The member goes on."""
        self._paused.discard(number)

    def forget(self, number: int) -> None:
        """The member failed, ended or was replaced; its scores stay what the others were held to."""
        self._members.discard(number)
        self._paused.discard(number)

    complete = retire = forget

    def promotable(self) -> list[int]:
        """The waiting members once their generation is whole; ask for replacements before."""
        whole = [end for end in self._ends if self._is_whole(end)]
        return sorted(n for n in self._paused if any(self._waits_at(n, end) for end in whole))

    def replacements(self) -> list[tuple[int, int, int]]:
        """Who gives up for a copy of whom, and after which epoch: (loser, winner, epoch)."""
        found = []
        for end in self._ends:
            if not self._is_whole(end):
                break
            ranked = sorted(self._scores[end], key=lambda n: (-self._scores[end][n], n))
            few = int(len(ranked) * QUANTILE) or int(len(ranked) > 1)
            pick = random.Random(derive_seed(self._seed, "winners", end))
            for loser in ranked[len(ranked) - few :]:
                winner = pick.choice(ranked[:few])
                if loser in self._paused and self._waits_at(loser, end):
                    found.append((loser, winner, end))
        return found

    def _is_whole(self, end: int) -> bool:
        """Whether every member has come to the end of this generation."""
        late = (n for n in self._members if self._started[n] < end and n not in self._scores[end])
        return not self.wants_new() and not any(late) and bool(self._scores[end])

    def _waits_at(self, number: int, end: int) -> bool:
        last = max((e for e in self._ends if number in self._scores[e]), default=0)
        return max(last, self._started[number]) == end


def strategy_of(settings: StudySettings) -> Pruner:
    """What decides who goes on: a pruner, or a population."""
    if settings.strategy != INDEPENDENT:
        population, interval = settings.population, settings.interval
        assert population is not None
        assert interval is not None
        return Population(population, interval, settings.epochs, settings.seed)
    return build_pruner(settings.pruner, settings.epochs, settings.first_rung)
