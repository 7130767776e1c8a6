"""Writing a study down: its trials in Optuna's storage, and their files in the study's folder."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial
from optuna.trial import TrialState as OptunaState

from autotrain.compat.optuna_tables import trial_id
from autotrain.errors import StudyError
from autotrain.files import JsonObject
from autotrain.paths import StudyPaths
from autotrain.storage.attributes import DEATHS, OWNER, PAUSED, TOTAL, ending, origin, with_attrs
from autotrain.storage.metrics_csv import append_epoch, mend, read_epochs
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.storage.optuna_writes import (
    ParamWrite,
    StateWrite,
    StepValue,
    SystemAttr,
    UserAttr,
    Write,
)
from autotrain.storage.settings import StudySettings
from autotrain.training.checkpoint import fork_checkpoint
from autotrain.trial import Epoch, Params, Trial, TrialStatus, derive_seed

KEEP_WEIGHTS = 10  # of the best trials
_FIXED = "fixed_params"  # Optuna's attribute of a queued trial: the values given for it
# In C, where PyYAML has it: a file is written for each trial.
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Recorder:
    """The only writer of a study. It decides nothing: it is told of a trial as it is now.

    Args:
        distributions: Optuna's, of the parameters that are no fixed ones.
        threads: CPU threads of a worker, on which the last digits of a metric depend.
    """

    def __init__(
        self,
        settings: StudySettings,
        paths: StudyPaths,
        storage: StudyStorage,
        distributions: Mapping[str, BaseDistribution],
        threads: int | None,
    ) -> None:
        self.settings, self.paths, self.storage, self._threads = settings, paths, storage, threads
        self._distributions = distributions
        self.objectives = settings.space.objectives
        metrics = [objective.metric for objective in self.objectives]
        self._study = storage.open(settings.name, [o.direction for o in self.objectives])
        self._stored = storage.own(self._study)
        owner = self._study.user_attrs.get(OWNER)
        if owner is None and not self._stored:
            storage.set_attr(self._study, OWNER, settings.id)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "experimental"; dashboards show the names
                self._study.set_metric_names(metrics)
        elif owner != settings.id:
            raise StudyError(
                f"the storage already has another study named '{settings.name}', whose folder is "
                "not here: choose another name with --study, or remove it with  autotrain delete"
            )

    def set_total(self, trials: int) -> None:
        """Record how many trials this search is to reach, for those who only look."""
        self.storage.set_attr(self._study, TOTAL, trials)

    def seed(self, number: int) -> int:
        """The seed of everything random in a trial's training."""
        return training_seed(self.settings, number)

    # Trials as they come and go.

    def enqueue(self, number: int, given: Params) -> Trial:
        """Create a WAITING trial, as `optuna.Study.enqueue_trial` would."""
        fixed = {name: value for name, value in given.items() if name in self._distributions}
        with self.storage.together():
            new = self.storage.create(self._study, number, OptunaState.WAITING)
            self.storage.write(SystemAttr(new, _FIXED, fixed))
        return Trial(number, fixed, new, given=fixed, queued=True)

    def start(self, trial: Trial) -> Trial:
        """Create a trial that is whole, or start a queued one; the trial with its id."""
        with self.storage.together():
            if trial.id < 0:
                new = self.storage.create(self._study, trial.number, OptunaState.RUNNING)
                trial = replace(trial, id=new)
            else:
                self.storage.write(StateWrite(trial.id, OptunaState.RUNNING))
            self.storage.write(*self._content(trial))
        self.write_config(trial)
        return trial

    def _content(self, trial: Trial) -> Iterable[Write]:
        if trial.given:
            yield SystemAttr(trial.id, _FIXED, dict(trial.given))
        for name, value in origin(trial).items():
            yield UserAttr(trial.id, name, value)
        for name, value in trial.params.items():
            if name in self._distributions:
                yield ParamWrite(trial.id, name, value, self._distributions[name])
        for name, value in trial.memory.items():
            yield SystemAttr(trial.id, name, value)

    def fork(self, winner: Trial, number: int, params: Params) -> None:
        """Give the trial `number` a copy of another's checkpoint."""
        target = self.paths.trial(number).checkpoint
        source = self.paths.trial(winner.number).checkpoint
        fork_checkpoint(source, target, params, self.seed(number))

    def write_config(self, trial: Trial) -> None:
        """Make the folder of a trial, with `config.yaml`: all that it takes to train it again."""
        folder = self.paths.trial(trial.number)
        folder.root.mkdir(parents=True, exist_ok=True)
        text = yaml.dump(self._config(trial), Dumper=_Dumper, sort_keys=False, allow_unicode=True)
        folder.config.write_text(text, encoding="utf-8")

    def _config(self, trial: Trial) -> JsonObject:
        space, data, teacher = self.settings.space, self.settings.data, self.settings.teacher
        return {
            "study": self.settings.name,
            "trial": trial.number,
            "model": trial.params.get("model") or space.model,
            "backend": self.settings.backend,
            "data": space.to_dict().get("data"),
            "task": data.task if data else None,
            "modality": data.modality if data else None,
            "data_seed": data.seed if data else self.settings.seed,
            "fingerprint": data.fingerprint if data else None,
            "threads": self._threads,
            "epochs": self.settings.epochs,
            "seed": self.seed(trial.number),
            "objective": [{"metric": o.metric, "direction": o.direction} for o in self.objectives],
            "params": dict(trial.params),
            **({"teacher": teacher.to_dict()} if teacher else {}),
            **origin(trial),
        }

    def epoch(self, trial: Trial) -> None:
        """Record the last epoch in `metrics.csv` and, as Optuna allows it, in the storage."""
        record = trial.epochs[-1]
        append_epoch(self.paths.trial(trial.number).metrics, record)
        if len(self.objectives) == 1:  # Optuna refuses steps of several objectives
            self.storage.write(self._step(trial, record))

    def _step(self, trial: Trial, record: Epoch) -> StepValue:
        return StepValue(trial.id, record.epoch, record.metrics[self.objectives[0].metric])

    def paused(self, trial: Trial) -> None:
        """Record that a trial rests, or goes on."""
        self.storage.write(UserAttr(trial.id, PAUSED, trial.paused))

    def loss(self, trial: Trial) -> None:
        """Record that the trial cost a worker."""
        self.storage.write(UserAttr(trial.id, DEATHS, trial.losses))

    def log(self, trial: Trial, text: str) -> None:
        """Append to the trial's log."""
        with self.paths.trial(trial.number).log.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")

    def finish(self, trial: Trial) -> None:
        """Record the end of a trial; it needs no checkpoint any more."""
        failed = trial.status is TrialStatus.FAIL
        state = OptunaState[trial.status.name]
        with self.storage.together():
            facts = ending(trial).items()
            self.storage.write(
                *(UserAttr(trial.id, name, value) for name, value in facts),
                StateWrite(trial.id, state, () if failed else trial.values),
            )
        self.paths.trial(trial.number).checkpoint.unlink(missing_ok=True)

    def keep_weights(self, ranked: Sequence[Trial], last: Trial) -> None:
        """Delete the weights of the last one told, or of the one it displaces from the best."""
        numbers = {trial.number for trial in ranked[:KEEP_WEIGHTS]}
        for trial in (last, *ranked[KEEP_WEIGHTS : KEEP_WEIGHTS + 1]):
            if trial.number not in numbers:
                self.paths.trial(trial.number).weights.unlink(missing_ok=True)

    # What is there already.

    def load(self) -> list[Trial]:
        """All trials of earlier searches with their epochs, by number.

        One whose owner died before it was proposed whole comes back as a queued one.
        """
        return [self._load(frozen) for frozen in self._stored]

    def was_started(self, trial: Trial) -> bool:
        """Whether a queued trial is one whose owner died before it was proposed whole."""
        return self._stored[trial.number].state is OptunaState.RUNNING

    def _load(self, frozen: FrozenTrial) -> Trial:
        state, given = TrialStatus[frozen.state.name], frozen.system_attrs.get(_FIXED, {})
        params = self.settings.space.active(frozen.params)
        begun = state is TrialStatus.RUNNING and not self._is_whole(params)
        if state is TrialStatus.WAITING or begun:
            queued = Trial(frozen.number, given, trial_id(frozen), given=given, queued=True)
            return with_attrs(queued, frozen.user_attrs)
        trial = Trial(
            frozen.number,
            params,
            trial_id(frozen),
            outcome=state if state.is_finished else None,
            given=given,
            memory={k: v for k, v in frozen.system_attrs.items() if k != _FIXED},
        )
        trial = with_attrs(trial, frozen.user_attrs)
        trial = replace(trial, granted=trial.start_epoch, best_epoch=0, stored_last_epoch=None)
        if not self.paths.trial(trial.number).config.exists() and not trial.is_finished:
            self.write_config(trial)  # its owner died just before it did
        return self._with_epochs(trial, frozen)

    def _is_whole(self, params: Params) -> bool:
        """Whether every active parameter has a value."""
        space = self.settings.space
        return all(name in params for name in space.order if space.is_active(name, params))

    def _with_epochs(self, trial: Trial, frozen: FrozenTrial) -> Trial:
        metrics = self.paths.trial(trial.number).metrics
        mend(metrics)
        for record in read_epochs(metrics):
            trial = trained(trial, record, self.settings)
            # What the owner's death kept from following the file.
            missing = record.epoch not in frozen.intermediate_values
            if missing and not trial.is_finished and len(self.objectives) == 1:
                self.storage.write(self._step(trial, record))
        if not trial.epochs and frozen.values:  # the folder is gone, the storage still knows
            trial = replace(trial, values=tuple(frozen.values))
        return trial


def trained(trial: Trial, record: Epoch, settings: StudySettings) -> Trial:
    """A trial with one more epoch; its values are those of the best epoch of the first objective."""
    objectives = settings.space.objectives
    values = tuple(record.metrics[objective.metric] for objective in objectives)
    better = not trial.values or objectives[0].better(values[0], trial.values[0])
    return trial.trained(record, values, better)


def training_seed(settings: StudySettings, number: int) -> int:
    """The seed of everything random in a trial's training."""
    return derive_seed(settings.seed, "training", "common" if settings.common_seed else number)
