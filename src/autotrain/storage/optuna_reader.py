"""Reading a study's trials in bulk, and afterwards only what is new.

Optuna reads a trial with a query for each kind of thing, and every trial that is not finished again
at each look. Here one query reads a kind for all trials, and the next look continues after the last
row: a study has one writer, so its rows appear in the order of their ids. The values of epochs stay
unread; they are in `metrics.csv`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from optuna.distributions import BaseDistribution, json_to_distribution

from autotrain.compat import optuna_tables as tables
from autotrain.errors import StudyError
from autotrain.storage.attributes import DEATHS, OWNER, PAUSED
from autotrain.storage.optuna_storage import (
    connecting,
    engine_options,
    shown_url,
    sqlite_file,
)

_CHANGING = (PAUSED, DEATHS)  # attributes that are written more than once


@dataclass
class StoredTrial:
    """A trial as the storage has it now; `began` and `ended` are UTC."""

    number: int
    state: str = "WAITING"
    began: datetime | None = None
    ended: datetime | None = None
    values: dict[int, float] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)


def open_database(url: str) -> sql.Engine:
    """Connect to a storage for reading; nothing is created.

    Raises:
        ConfigurationError: the URL is malformed or its driver is not installed.
        StudyError: there is no such database, or it is not one of Optuna's.
    """
    options = engine_options(url)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise StudyError(f"the database {file} is not there: name the right one with --storage")
    with connecting(url):
        engine = sql.create_engine(url, **options)
        if not sql.inspect(engine).has_table(tables.TRIALS.name):
            raise StudyError(f"the database {shown_url(url)!r} has no studies")
    return engine


def owned_studies(engine: sql.Engine) -> list[str]:
    """Names of the studies in a database that autotrain has searched, in the order of their start."""
    query = (
        sql.select(tables.STUDIES.c.study_name)
        .join(tables.STUDY_ATTRS, tables.STUDY_ATTRS.c.study_id == tables.STUDIES.c.study_id)
        .where(tables.STUDY_ATTRS.c.key == OWNER)
        .order_by(tables.STUDIES.c.study_id)
    )
    with engine.connect() as connection:
        return [str(name) for name in connection.execute(query).scalars()]


class TrialReader:
    """Follows the trials of one study.

    Args:
        engine: of the database; nothing is written to it.

    Raises:
        KeyError: the database has no such study.
    """

    def __init__(self, engine: sql.Engine, name: str) -> None:
        self._engine = engine
        self.trials: dict[int, StoredTrial] = {}  # by id
        self._seen: dict[str, int] = {}  # the last row read of each table
        self._distributions: dict[str, BaseDistribution] = {}
        with engine.connect() as connection:
            found = connection.execute(
                sql.select(tables.STUDIES.c.study_id).where(tables.STUDIES.c.study_name == name)
            ).scalar()
        if found is None:
            raise KeyError(name)
        self._study = int(found)
        self.attrs: dict[str, Any] = {}  # of the study

    def read(self) -> list[StoredTrial]:
        """Take in what is new, and return the trials that it changed, by number."""
        changed: set[int] = set()
        with self._engine.connect() as connection:  # one transaction, so one moment
            for row in connection.execute(
                sql.select(tables.STUDY_ATTRS).where(tables.STUDY_ATTRS.c.study_id == self._study)
            ):
                self.attrs[row.key] = json.loads(row.value_json)
            for row in connection.execute(
                sql.select(tables.TRIALS).where(tables.TRIALS.c.study_id == self._study)
            ):
                trial = self.trials.setdefault(row.trial_id, StoredTrial(-1))
                now = (row.number, row.state, row.datetime_start, row.datetime_complete)
                if now != (trial.number, trial.state, trial.began, trial.ended):
                    trial.number, trial.state, trial.began, trial.ended = now
                    changed.add(row.trial_id)
            for row in self._new(connection, tables.PARAMS):
                value = self._distribution(row.distribution_json).to_external_repr(row.param_value)
                self.trials[row.trial_id].params[row.param_name] = value
                changed.add(row.trial_id)
            for row in self._new(connection, tables.VALUES):
                value = tables.INFINITE.get(row.value_type, row.value)
                self.trials[row.trial_id].values[row.objective] = value
                changed.add(row.trial_id)
            for table, name in (
                (tables.USER_ATTRS, "user_attrs"),
                (tables.SYSTEM_ATTRS, "system_attrs"),
            ):
                for row in self._new(connection, table):
                    getattr(self.trials[row.trial_id], name)[row.key] = json.loads(row.value_json)
                    changed.add(row.trial_id)
            for row in self._again(connection):
                attrs, value = self.trials[row.trial_id].user_attrs, json.loads(row.value_json)
                if attrs.get(row.key) != value:
                    attrs[row.key] = value
                    changed.add(row.trial_id)
        return sorted((self.trials[i] for i in changed), key=lambda trial: trial.number)

    def _new(self, connection: sql.Connection, table: Any) -> Iterator[Any]:
        """Rows of this study after the last one seen."""
        key = next(iter(table.c))
        query = (
            sql.select(table)
            .join(tables.TRIALS, tables.TRIALS.c.trial_id == table.c.trial_id)
            .where(tables.TRIALS.c.study_id == self._study, key > self._seen.get(table.name, 0))
        )
        for row in connection.execute(query):
            self._seen[table.name] = max(self._seen.get(table.name, 0), row[0])
            if row.trial_id in self.trials:
                yield row

    def _again(self, connection: sql.Connection) -> Any:
        """Attributes that change, of trials that are not finished."""
        return connection.execute(
            sql.select(
                tables.USER_ATTRS.c.trial_id,
                tables.USER_ATTRS.c.key,
                tables.USER_ATTRS.c.value_json,
            )
            .join(tables.TRIALS, tables.TRIALS.c.trial_id == tables.USER_ATTRS.c.trial_id)
            .where(
                tables.TRIALS.c.study_id == self._study,
                sql.cast(tables.TRIALS.c.state, sql.String) == "RUNNING",  # an enum on PostgreSQL
                tables.USER_ATTRS.c.key.in_(_CHANGING),
            )
        )

    def _distribution(self, text: str) -> BaseDistribution:
        if text not in self._distributions:
            self._distributions[text] = json_to_distribution(text)
        return self._distributions[text]
