"""The contract of schedulers: who goes on, who rests, who gives way to a copy of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrain.errors import SearchFailedError
from autotrain.trial import Decision, Params, Trial
from autotrain.tuner.view import StudyView

if TYPE_CHECKING:
    from autotrain.storage.settings import StudySettings

_ANSWERS = (Decision.CONTINUE, Decision.PAUSE, Decision.STOP)


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


class CheckedScheduler(Scheduler):
    """A scheduler that is not our own; it needs `decide` alone, and its answers are checked.

    An answer that nobody understands would let every trial go on without a word.

    Args:
        name: for messages.
    """

    def __init__(self, scheduler: Any, name: str) -> None:
        self._scheduler, self._name = scheduler, name

    def decide(self, study: StudyView, trial: Trial) -> Decision:
        """The scheduler's answer.

        Raises:
            SearchFailedError: it is no decision about a trial.
        """
        answer = self._scheduler.decide(study, trial)
        if not isinstance(answer, str) or answer not in _ANSWERS:
            raise SearchFailedError(
                f"the pruner {self._name} must decide by {', '.join(answer.name for answer in _ANSWERS)} of "
                f"autotrain.Decision, got {answer!r} for trial {trial.number}"
            )
        return Decision(answer)

    def next(self, study: StudyView) -> Step | None:
        """The scheduler's answer, if it has one.

        Raises:
            SearchFailedError: it is no step.
        """
        if not hasattr(self._scheduler, "next"):
            return None
        step = self._scheduler.next(study)
        if step is not None and not isinstance(step, Step):
            raise SearchFailedError(
                f"the scheduler {self._name} must answer `next` with autotrain.Resume, Fork, Wait or "
                f"None, got {step!r}"
            )
        return step


def nop(settings: StudySettings) -> Scheduler:
    """`none`: the same for all settings."""
    return NopScheduler()
