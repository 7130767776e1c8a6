"""Optuna's pruners, as objects that a user passes."""

from __future__ import annotations

import optuna
from optuna.pruners import BasePruner

from autotrain.errors import ConfigurationError
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, Trial
from autotrain.tuner.optuna_view import FrozenTrials, OptunaView
from autotrain.tuner.schedulers.base import Scheduler
from autotrain.tuner.view import StudyView


class OptunaPruner(Scheduler):
    """Stops a trial when the pruner says so. It pauses none, for these pruners do not promote.

    Raises:
        ConfigurationError: the study has several objectives, of which Optuna prunes none.
    """

    def __init__(self, pruner: BasePruner, settings: StudySettings) -> None:
        if len(settings.space.objectives) > 1:
            raise ConfigurationError(
                f"{type(pruner).__name__} takes one objective: use pruner='none' for several"
            )
        self._pruner, self._trials = pruner, FrozenTrials()
        self._sampler = optuna.samplers.RandomSampler(seed=0)  # which a study must have

    def decide(self, study: StudyView, trial: Trial) -> Decision:
        """STOP where the pruner would prune."""
        shown = self._trials.shown(study)
        current = next(frozen for frozen in shown if frozen.number == trial.number)
        view = OptunaView([study.objective.direction], shown, current, self._trials.notes)
        opened = view.open(self._sampler)
        opened.pruner = self._pruner
        prunes = self._pruner.prune(opened, current)
        self._trials.notes.setdefault(trial.number, {}).update(view.written)
        return Decision.STOP if prunes else Decision.CONTINUE
