"""The contract of schedulers: who goes on, who rests, who gives way to a copy of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrain.trial import Decision, Params, Trial
from autotrain.tuner.view import StudyView

if TYPE_CHECKING:
    from autotrain.storage.settings import StudySettings


@dataclass(frozen=True)
class Resume:
    """Go on with a trial that rests."""

    number: int


@dataclass(frozen=True)
class Fork:
    """Prune a trial that rests, and start a copy of another one in its place.

    Attributes:
        loser: the trial that gives way.
        winner: the trial whose checkpoint the copy begins with.
        epoch: after which the checkpoint was written.
        params: the configuration of the copy; what shapes the model must be the winner's.
    """

    loser: int
    winner: int
    epoch: int
    params: Params


@dataclass(frozen=True)
class Wait:
    """Start nothing new at present."""


Step = Resume | Fork | Wait


class Scheduler:
    """Decides who goes on. It keeps nothing that the view could not tell it again.

    A pruner has `decide` alone; `next` is for those that pause trials.
    """

    def decide(self, study: StudyView, trial: Trial) -> Decision:
        """How a trial goes on after its last epoch: CONTINUE, PAUSE or STOP."""
        raise NotImplementedError

    def next(self, study: StudyView) -> Step | None:
        """What a free worker should do; None to start a new trial, if there may be one."""
        return None


class NopScheduler(Scheduler):
    """Nobody is stopped early (`none`)."""

    def decide(self, study: StudyView, trial: Trial) -> Decision:
        """Always CONTINUE."""
        return Decision.CONTINUE


def nop(settings: StudySettings) -> Scheduler:
    """`none`: the same for all settings."""
    return NopScheduler()
