"""The median rule: stop what is below the middle of those that came to their end."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from autotrain.trial import Decision, Trial, TrialStatus
from autotrain.tuner.schedulers.base import Scheduler
from autotrain.tuner.view import StudyView

if TYPE_CHECKING:
    from autotrain.storage.settings import StudySettings

_STARTUP = 5  # completed trials
_WARM_UP = 9  # a ninth of the epochs


class Median(Scheduler):
    """Stop a trial that is below the median of the completed ones at the same epoch.

    The rule of Google Vizier (Golovin et al. 2017, section 3.2.2), after five completed trials and
    a ninth of the epochs.
    """

    def decide(self, study: StudyView, trial: Trial) -> Decision:
        """STOP below the median."""
        epoch, best = trial.last_epoch, study.last_best(trial.number)
        others = [_at(study, other, epoch) for other in study.having(TrialStatus.COMPLETE)]
        known = [score for score in others if score is not None]
        is_early = epoch < max(1, round(study.epochs / _WARM_UP)) or len(known) < _STARTUP
        if best is None or is_early:
            return Decision.CONTINUE
        return Decision.STOP if best < statistics.median(known) else Decision.CONTINUE


def _at(study: StudyView, trial: Trial, epoch: int) -> float | None:
    """The score at an epoch; of a trial that has none there, its last."""
    score = study.best_at(trial.number, epoch)
    return study.last_best(trial.number) if score is None else score


def median(settings: StudySettings) -> Scheduler:
    """`median`: the same for all settings."""
    return Median()
