"""Writing many things about trials to Optuna's tables at once.

Optuna's own storage asks the database two or three times for each parameter, attribute and value
that it writes, in case another writer came between. A study has one writer, which knows what is
there: here a kind of thing is one statement for all trials. The tables are those of Optuna's models.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sql
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.orm import Session

from autotrain.compat.optuna_models import models
from autotrain.compat.optuna_tables import trial_id


@dataclass(frozen=True)
class Row:
    """A row about a trial: its table, what it is found by there besides the trial, what it says."""

    table: Any
    key: tuple[str, Any]
    columns: dict[str, Any]


class Write(Protocol):
    """One thing to write about a trial."""

    @property
    def trial_id(self) -> int:
        """The trial's id in the storage."""

    def rows(self) -> Sequence[Row]:
        """What it is in Optuna's tables."""

    def apply(self, backend: BaseStorage) -> None:
        """Write it by one of the methods that every storage has."""


@dataclass(frozen=True)
class ParamWrite:
    """The value of a parameter."""

    trial_id: int
    name: str
    value: Any
    distribution: BaseDistribution

    def rows(self) -> Sequence[Row]:
        """Into `trial_params`."""
        columns = {
            "param_value": self.distribution.to_internal_repr(self.value),
            "distribution_json": distribution_to_json(self.distribution),
        }
        return [Row(models.TrialParamModel, ("param_name", self.name), columns)]

    def apply(self, backend: BaseStorage) -> None:
        """By the method."""
        internal = self.distribution.to_internal_repr(self.value)
        backend.set_trial_param(self.trial_id, self.name, internal, self.distribution)


@dataclass(frozen=True)
class UserAttr:
    """An attribute of ours."""

    trial_id: int
    name: str
    value: Any

    def rows(self) -> Sequence[Row]:
        """Into `trial_user_attributes`."""
        columns = {"value_json": json.dumps(self.value)}
        return [Row(models.TrialUserAttributeModel, ("key", self.name), columns)]

    def apply(self, backend: BaseStorage) -> None:
        """By the method."""
        backend.set_trial_user_attr(self.trial_id, self.name, self.value)


@dataclass(frozen=True)
class SystemAttr:
    """An attribute of Optuna's or of a sampler."""

    trial_id: int
    name: str
    value: Any

    def rows(self) -> Sequence[Row]:
        """Into `trial_system_attributes`."""
        columns = {"value_json": json.dumps(self.value)}
        return [Row(models.TrialSystemAttributeModel, ("key", self.name), columns)]

    def apply(self, backend: BaseStorage) -> None:
        """By the method."""
        backend.set_trial_system_attr(self.trial_id, self.name, self.value)


@dataclass(frozen=True)
class StepValue:
    """The objective of an epoch."""

    trial_id: int
    step: int
    value: float

    def rows(self) -> Sequence[Row]:
        """Into `trial_intermediate_values`."""
        model = models.TrialIntermediateValueModel
        number, kind = model.intermediate_value_to_stored_repr(float(self.value))
        columns = {"intermediate_value": number, "intermediate_value_type": kind}
        return [Row(model, ("step", self.step), columns)]

    def apply(self, backend: BaseStorage) -> None:
        """By the method."""
        backend.set_trial_intermediate_value(self.trial_id, self.step, self.value)


@dataclass(frozen=True)
class StateWrite:
    """Where a trial stands, and at its end its values."""

    trial_id: int
    state: TrialState
    values: Sequence[float] = ()

    def rows(self) -> Sequence[Row]:
        """Into `trial_values`; the state itself is a column of the trial."""
        rows = []
        for objective, value in enumerate(self.values):
            number, kind = models.TrialValueModel.value_to_stored_repr(float(value))
            columns = {"value": number, "value_type": kind}
            rows.append(Row(models.TrialValueModel, ("objective", objective), columns))
        return rows

    def apply(self, backend: BaseStorage) -> None:
        """By the method."""
        values = list(self.values) or None
        backend.set_trial_state_values(self.trial_id, self.state, values)

    def change(self, session: Session) -> None:
        """Set the column, and the time."""
        trial = session.get_one(models.TrialModel, self.trial_id)
        trial.state = self.state
        if self.state is TrialState.RUNNING:
            trial.datetime_start = datetime.now()
        elif self.state.is_finished():
            trial.datetime_complete = datetime.now()


Known = set[tuple[Any, int, Any]]  # rows that the database has: table, trial, key


def known_rows(trials: Iterable[FrozenTrial]) -> Known:
    """The rows of trials as a storage gave them."""
    known: Known = set()
    for trial in trials:
        tables = (
            (models.TrialParamModel, trial.params),
            (models.TrialUserAttributeModel, trial.user_attrs),
            (models.TrialSystemAttributeModel, trial.system_attrs),
            (models.TrialIntermediateValueModel, trial.intermediate_values),
            (models.TrialValueModel, range(len(trial.values or ()))),
        )
        number = trial_id(trial)
        known |= {(table, number, key) for table, keys in tables for key in keys}
    return known


def create(session: Session, study_id: int, number: int, state: TrialState) -> int:
    """Create a trial within the transaction; its id."""
    row = models.TrialModel(study_id=study_id, number=number, state=state)
    row.datetime_start = None if state is TrialState.WAITING else datetime.now()
    session.add(row)
    session.flush()
    return int(row.trial_id)


def write(session: Session, writes: Iterable[Write], known: Known) -> None:
    """Write within the session's transaction; `known` learns of the new rows."""
    new: dict[Any, dict[Any, dict[str, Any]]] = defaultdict(dict)
    for item in writes:
        for row in item.rows():
            name, key = row.key
            place = (row.table, item.trial_id, key)
            if place in known:
                _update(session, row.table, item.trial_id, row.key, row.columns)
            else:  # of two writes the later one counts
                columns = {"trial_id": item.trial_id, name: key, **row.columns}
                new[row.table][item.trial_id, key] = columns
        if isinstance(item, StateWrite):
            item.change(session)
    for table, rows in new.items():
        session.execute(sql.insert(table), list(rows.values()))
        known |= {(table, trial_id, key) for trial_id, key in rows}


def _update(
    session: Session, table: Any, trial_id: int, key: tuple[str, Any], columns: dict[str, Any]
) -> None:
    mine = [table.trial_id == trial_id, getattr(table, key[0]) == key[1]]
    session.execute(sql.update(table).where(*mine).values(columns))
