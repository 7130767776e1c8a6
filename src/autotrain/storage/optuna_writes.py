"""Writing many things about trials to Optuna's tables at once.

Optuna's own storage asks the database two or three times for each parameter, attribute and value
that it writes, lest another writer came between. A study has one writer, which knows what is there:
here a kind of thing is one statement for all trials. The tables are those of Optuna's models.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sql
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.orm import Session

from autotrain.compat.optuna_models import models

_Row = tuple[Any, dict[str, Any], dict[str, Any]]  # a model, the row's key, its other columns


class Write(NamedTuple):
    """A call of one of a storage's methods `set_trial_…`."""

    name: str
    trial_id: int
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def create(session: Session, study_id: int, trial: FrozenTrial) -> int:
    """Create a trial of this number, state and start, within the transaction; its id."""
    row = models.TrialModel(study_id=study_id, number=trial.number, state=trial.state)
    row.datetime_start = trial.datetime_start
    session.add(row)
    session.flush()
    return int(row.trial_id)


def write(session: Session, writes: Iterable[Write], stored: Mapping[int, FrozenTrial]) -> None:
    """Do what the methods would do, within the session's transaction.

    Args:
        stored: the trials as the database has them, by id.
    """
    new: dict[Any, dict[Any, dict[str, Any]]] = defaultdict(dict)
    for name, trial_id, args, kwargs in writes:
        for model, key, columns in _ROWS[name](*args, **kwargs):
            if _is_there(stored[trial_id], model, key):
                _update(session, model, {"trial_id": trial_id, **key}, columns)
            else:  # of two writes the later one counts
                new[model][trial_id, *key.values()] = {"trial_id": trial_id, **key, **columns}
        if name == "set_trial_state_values":
            _set_state(session, trial_id, *args, **kwargs)
    for model, rows in new.items():
        session.execute(sql.insert(model), list(rows.values()))


def _param(
    param_name: str, param_value_internal: float, distribution: BaseDistribution
) -> list[_Row]:
    text = distribution_to_json(distribution)
    columns = {"param_value": param_value_internal, "distribution_json": text}
    return [(models.TrialParamModel, {"param_name": param_name}, columns)]


def _user_attr(key: str, value: Any) -> list[_Row]:
    return [(models.TrialUserAttributeModel, {"key": key}, {"value_json": json.dumps(value)})]


def _system_attr(key: str, value: Any) -> list[_Row]:
    return [(models.TrialSystemAttributeModel, {"key": key}, {"value_json": json.dumps(value)})]


def _intermediate(step: int, intermediate_value: float) -> list[_Row]:
    model = models.TrialIntermediateValueModel
    number, kind = model.intermediate_value_to_stored_repr(float(intermediate_value))
    columns = {"intermediate_value": number, "intermediate_value_type": kind}
    return [(model, {"step": step}, columns)]


def _values(state: TrialState, values: Iterable[float] | None = None) -> list[_Row]:
    model, rows = models.TrialValueModel, list[_Row]()
    for objective, value in enumerate(values or ()):
        number, kind = model.value_to_stored_repr(float(value))
        rows.append((model, {"objective": objective}, {"value": number, "value_type": kind}))
    return rows


_ROWS: dict[str, Any] = {
    "set_trial_param": _param,
    "set_trial_user_attr": _user_attr,
    "set_trial_system_attr": _system_attr,
    "set_trial_intermediate_value": _intermediate,
    "set_trial_state_values": _values,
}


def _is_there(trial: FrozenTrial, model: Any, key: Mapping[str, Any]) -> bool:
    (name,) = key.values()
    if model is models.TrialValueModel:
        return name < len(trial.values or ())
    held: Any = {
        models.TrialParamModel: trial.params,
        models.TrialUserAttributeModel: trial.user_attrs,
        models.TrialSystemAttributeModel: trial.system_attrs,
        models.TrialIntermediateValueModel: trial.intermediate_values,
    }[model]
    return name in held


def _update(
    session: Session, model: Any, key: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    same = [getattr(model, name) == value for name, value in key.items()]
    session.execute(sql.update(model).where(*same).values(columns))


def _set_state(session: Session, trial_id: int, state: TrialState, values: Any = None) -> None:
    trial = session.get_one(models.TrialModel, trial_id)
    trial.state = state
    if state is TrialState.RUNNING:
        trial.datetime_start = datetime.now()
    elif state.is_finished():
        trial.datetime_complete = datetime.now()
