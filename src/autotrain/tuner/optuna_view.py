"""A study as Optuna's samplers and pruners want to see it: an Optuna storage for one question.

Paused trials are shown as PRUNED at their last epoch, since TPE counts every RUNNING trial among the
bad ones and would flee its good candidates. Infeasible ones are shown as PRUNED with a violated
constraint, the worst of all: a FAIL trial is ignored, and its like would be proposed again and again.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from autotrain.space import Choice, Float, Int, Parameter
from autotrain.trial import Trial, TrialStatus
from autotrain.tuner.view import StudyView

FIXED, CONSTRAINTS = "fixed_params", "constraints"  # Optuna's own names of system attributes
_NAME = "autotrain"
_GOOD_SHARE = 10  # TPE takes the best tenth of all finished trials for good, whatever they are
_NEVER = datetime(2000, 1, 1)  # samplers go by numbers


def distribution(parameter: Parameter) -> BaseDistribution | None:
    """Optuna's distribution of a parameter; None for a fixed one."""
    if isinstance(parameter, Int):
        return IntDistribution(parameter.low, parameter.high, parameter.log, parameter.step)
    if isinstance(parameter, Float):
        return FloatDistribution(parameter.low, parameter.high, parameter.log, parameter.step)
    if isinstance(parameter, Choice):
        return CategoricalDistribution(tuple(parameter.values))
    return None


class FrozenTrials:
    """The trials of a study as Optuna's; each is made once, and again when it has changed."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Trial, FrozenTrial]] = {}
        self._bad: dict[int, FrozenTrial] = {}  # infeasible ones, as they are shown
        self._distributions: dict[str, BaseDistribution | None] = {}
        self.notes: dict[int, dict[str, Any]] = {}  # what an object of Optuna's wrote to them

    def of(self, study: StudyView) -> list[FrozenTrial]:
        """All trials by number; a paused one as PRUNED."""
        made = self._made
        found = []
        for number, trial in study.trials.items():
            known = made.get(number)
            if known is None or known[0] is not trial:
                known = made[number] = (trial, self._frozen(study, trial))
            found.append(known[1])
        return found

    def shown(self, study: StudyView) -> list[FrozenTrial]:
        """All trials by number, as samplers should see them."""
        seen = self.of(study)
        valued = study.count(TrialStatus.COMPLETE, TrialStatus.PRUNED, TrialStatus.PAUSED)
        failed = study.having(TrialStatus.FAIL)
        bad = [trial.number for trial in failed if trial.infeasible]
        # Not so many of the infeasible ones that TPE would have to count some among the good.
        for number in bad[max(0, len(bad) - valued * (_GOOD_SHARE - 1)) :]:
            if number not in self._bad:
                self._bad[number] = _as_infeasible(seen[number])
            seen[number] = self._bad[number]
        for number, notes in self.notes.items():
            seen[number] = _with_attrs(seen[number], notes)
        return seen

    def _frozen(self, study: StudyView, trial: Trial) -> FrozenTrial:
        status = trial.status
        values: Sequence[float] | None = trial.values if status in _VALUED else None
        fixed = {FIXED: dict(trial.params)} if trial.queued else {}
        metrics = [objective.metric for objective in study.space.objectives]
        steps = {}
        if len(metrics) == 1:  # Optuna has no steps of several objectives
            steps = {record.epoch: float(record.metrics[metrics[0]]) for record in trial.epochs}
        if status is TrialStatus.PAUSED:
            status, values = TrialStatus.PRUNED, list(steps.values())[-1:] or None
        frozen = frozen_trial(
            trial.number,
            TrialState[status.name],
            params={} if trial.queued else trial.params,
            distributions=self._of_parameters(study),
            system_attrs={**fixed, **trial.memory},
            values=values,
        )
        frozen.intermediate_values = steps
        return frozen

    def _of_parameters(self, study: StudyView) -> Mapping[str, BaseDistribution | None]:
        """Distributions; None for a fixed parameter."""
        if not self._distributions:
            parameters = study.space.parameters.items()
            self._distributions = {name: distribution(p) for name, p in parameters}
        return self._distributions


_VALUED = (TrialStatus.COMPLETE, TrialStatus.PRUNED)


def frozen_trial(
    number: int,
    state: TrialState,
    params: Mapping[str, object],
    distributions: Mapping[str, BaseDistribution | None],
    system_attrs: Mapping[str, object],
    values: Sequence[float] | None = None,
) -> FrozenTrial:
    """One of Optuna's trials, with its number as its id; fixed parameters are left out."""
    known = {n: d for n in params if (d := distributions.get(n)) is not None}
    started = None if state is TrialState.WAITING else _NEVER
    return FrozenTrial(
        number=number,
        trial_id=number,
        state=state,
        value=None,
        values=[float(value) for value in values] if values else None,
        datetime_start=started,
        datetime_complete=_NEVER if state.is_finished() else None,
        params={name: params[name] for name in known},
        distributions=known,
        user_attrs={},
        system_attrs=dict(system_attrs),
        intermediate_values={},
    )


def _as_infeasible(trial: FrozenTrial) -> FrozenTrial:
    seen = _with_attrs(trial, {CONSTRAINTS: [1.0]})  # above 0 is violated
    seen.state, seen.intermediate_values = TrialState.PRUNED, {}
    return seen


def _with_attrs(trial: FrozenTrial, attrs: Mapping[str, Any]) -> FrozenTrial:
    seen = copy.copy(trial)
    seen.system_attrs = {**trial.system_attrs, **attrs}
    return seen


def _refused(*_: object, **__: object) -> Any:
    raise NotImplementedError("what samplers and pruners are shown cannot be changed")


class OptunaView(BaseStorage):
    """A storage with one study, of which one trial may be written to.

    Args:
        directions: of the objectives.
        trials: all others.
        current: the trial that a sampler or pruner is asked about.
        notes: where attributes go that are written to others.
    """

    def __init__(
        self,
        directions: Sequence[str],
        trials: Sequence[FrozenTrial],
        current: FrozenTrial,
        notes: dict[int, dict[str, Any]],
    ) -> None:
        self._directions = [StudyDirection[name.upper()] for name in directions]
        self.current, self._notes = current, notes
        self._trials = list(trials)  # whose places are their numbers
        self._trials[current.number : current.number + 1] = [current]
        self._attrs: dict[str, Any] = {}
        self.written: dict[str, Any] = {}  # attributes of the current trial

    def open(self, sampler: optuna.samplers.BaseSampler) -> optuna.Study:
        """The study of this storage."""
        return optuna.load_study(study_name=_NAME, storage=self, sampler=sampler)

    def get_study_id_from_name(self, study_name: str) -> int:
        """There is one study."""
        return 0

    def get_study_name_from_id(self, study_id: int) -> str:
        """There is one study."""
        return _NAME

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """Of the objectives."""
        return self._directions

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """None are shown."""
        return {}

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """Those that a sampler wrote while it answers."""
        return dict(self._attrs)

    def set_study_system_attr(self, study_id: int, key: str, value: object) -> None:
        """Kept while a sampler answers."""
        self._attrs[key] = value

    def set_trial_param(
        self, trial_id: int, param_name: str, internal: float, distribution: BaseDistribution
    ) -> None:
        """A value was chosen for the current trial."""
        value = distribution.to_external_repr(internal)
        self.current.params = {**self.current.params, param_name: value}
        self.current.distributions = {**self.current.distributions, param_name: distribution}

    def set_trial_system_attr(self, trial_id: int, key: str, value: object) -> None:
        """A sampler or pruner wants to find something again."""
        plain = json.loads(json.dumps(value))  # as a storage gives it back
        trial = self._trials[trial_id]
        trial.system_attrs = {**trial.system_attrs, key: plain}
        notes = self.written if trial is self.current else self._notes.setdefault(trial_id, {})
        notes[key] = plain

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """A trial; the caller may put parameters there."""
        trial = copy.copy(self._trials[trial_id])
        trial.params, trial.distributions = {**trial.params}, {**trial.distributions}
        return trial

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """All trials by number."""
        trials = self._trials
        chosen = [trial for trial in trials if states is None or trial.state in states]
        return copy.deepcopy(chosen) if deepcopy else chosen

    create_new_study = delete_study = get_all_studies = set_study_user_attr = _refused
    create_new_trial = set_trial_state_values = set_trial_user_attr = _refused
    set_trial_intermediate_value = _refused
