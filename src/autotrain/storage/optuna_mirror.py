"""What a trial is after a write, without reading it again: a study's owner knows what it wrote."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial, TrialState, create_trial


def after(trial: FrozenTrial, write: str, *args: Any, **kwargs: Any) -> FrozenTrial:
    """The trial as a storage gives it back once its method `write` has run with these arguments.

    The trial given stays as it is: samplers may hold it. Times are those of this call.
    """
    trial = copy.copy(trial)
    _WRITES[write](trial, *args, **kwargs)
    return trial


def begun(number: int, template: FrozenTrial | None) -> FrozenTrial:
    """A new trial without attributes: RUNNING, or in the state of a template."""
    trial = create_trial(state=template.state if template else TrialState.RUNNING)
    trial.number = number
    trial.datetime_start = template.datetime_start if template else datetime.now()
    return trial


def lent(trial: FrozenTrial) -> FrozenTrial:
    """A copy for an `optuna.Trial`, which puts its parameters there too."""
    trial = copy.copy(trial)
    trial.params, trial.distributions = {**trial.params}, {**trial.distributions}
    return trial


def _param(trial: FrozenTrial, param_name: str, internal: float, distribution: Any) -> None:
    value = distribution.to_external_repr(internal)
    trial.params = {**trial.params, param_name: value}
    trial.distributions = {**trial.distributions, param_name: distribution}


def _intermediate_value(trial: FrozenTrial, step: int, intermediate_value: float) -> None:
    trial.intermediate_values = {**trial.intermediate_values, step: float(intermediate_value)}


def _user_attr(trial: FrozenTrial, key: str, value: Any) -> None:
    trial.user_attrs = {**trial.user_attrs, key: _stored(value)}


def _system_attr(trial: FrozenTrial, key: str, value: Any) -> None:
    trial.system_attrs = {**trial.system_attrs, key: _stored(value)}


def _state_values(trial: FrozenTrial, state: TrialState, values: Any = None) -> None:
    trial.state = state
    if values is not None:
        trial.values = [float(value) for value in values]
    if state is TrialState.RUNNING:
        trial.datetime_start = datetime.now()
    elif state.is_finished():
        trial.datetime_complete = datetime.now()


def _stored(value: Any) -> Any:
    """As JSON gives it back: a tuple as a list, and keys as text."""
    return json.loads(json.dumps(value))


_WRITES: dict[str, Any] = {
    "set_trial_param": _param,
    "set_trial_intermediate_value": _intermediate_value,
    "set_trial_user_attr": _user_attr,
    "set_trial_system_attr": _system_attr,
    "set_trial_state_values": _state_values,
}
