"""Optuna writes the tables that we read, with the ids that we go by."""

from __future__ import annotations

import json
import math
from importlib import import_module

import optuna
import pytest
import sqlalchemy as sql
from optuna.distributions import json_to_distribution
from optuna.trial import TrialState

SPACE = {
    "x": optuna.distributions.FloatDistribution(1e-3, 1.0, log=True),
    "n": optuna.distributions.IntDistribution(1, 9),
    "kind": optuna.distributions.CategoricalDistribution(["a", "b"]),
}


@pytest.fixture
def tables(adapt):
    with adapt("optuna", "optuna_tables.py"):
        return import_module("autotrain.compat.optuna_tables")


@pytest.fixture
def study(tmp_path):
    """One that Optuna wrote: complete, pruned and failed trials, and one that runs."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found = optuna.create_study(storage=f"sqlite:///{tmp_path / 'studies.db'}", study_name="one")
    found.set_user_attr("who", ["me"])
    for value in (0.25, math.inf, -math.inf):
        trial = found.ask(SPACE)
        trial.set_user_attr("best_epoch", 3)
        found.tell(trial, value)
    trial = found.ask(SPACE)
    trial.report(0.5, 1)
    found.tell(trial, state=TrialState.PRUNED)
    found.tell(found.ask(SPACE), state=TrialState.FAIL)
    found.enqueue_trial({"n": 4})
    found.ask(SPACE)
    return found


@pytest.fixture
def rows(study, tmp_path):
    """Reads a table as we do."""
    engine = sql.create_engine(f"sqlite:///{tmp_path / 'studies.db'}")

    def read(table):
        with engine.connect() as connection:
            return connection.execute(sql.select(table)).all()

    yield read
    engine.dispose()


def test_the_schema_is_the_one_that_we_know(adapt, tables, tmp_path, study, rows):
    with adapt("optuna", "optuna_tables.py"):
        versions = sql.table("version_info", sql.column("schema_version"))
        assert [row.schema_version for row in rows(versions)] == [tables.SCHEMA]


def test_ids_are_the_keys_of_studies_and_trials(adapt, tables, study, rows):
    with adapt("optuna", "optuna_tables.py"):
        known = [(row.study_id, row.study_name) for row in rows(tables.STUDIES)]
        assert known == [(tables.study_id(study), "one")]
        ids = {row.number: row.trial_id for row in rows(tables.TRIALS)}
        assert ids == {t.number: tables.trial_id(t) for t in study.trials}
        assert {row.study_id for row in rows(tables.TRIALS)} == {tables.study_id(study)}


def test_trials_stand_there_as_optuna_reads_them(adapt, tables, study, rows):
    with adapt("optuna", "optuna_tables.py"):
        read = [(t.number, t.state.name) for t in study.trials]
        assert [(row.number, row.state) for row in rows(tables.TRIALS)] == read
        assert {state for _, state in read} == {"COMPLETE", "PRUNED", "FAIL", "RUNNING"}
        for row, trial in zip(rows(tables.TRIALS), study.trials, strict=True):
            for stored, local in ((row.datetime_start, trial.datetime_start),
                                  (row.datetime_complete, trial.datetime_complete)):  # fmt: skip
                assert (stored is None) == (local is None)


def test_values_may_be_infinite(adapt, tables, study, rows):
    with adapt("optuna", "optuna_tables.py"):
        values = {
            row.trial_id: tables.INFINITE.get(row.value_type, row.value)
            for row in rows(tables.VALUES)
            if row.objective == 0
        }
        assert values == {tables.trial_id(t): t.value for t in study.trials if t.value is not None}
        assert {math.inf, -math.inf, 0.25} <= {*values.values()}


def test_parameters_are_numbers_with_their_distributions(adapt, tables, study, rows):
    with adapt("optuna", "optuna_tables.py"):
        params: dict[int, dict] = {}
        for row in rows(tables.PARAMS):
            value = json_to_distribution(row.distribution_json).to_external_repr(row.param_value)
            params.setdefault(row.trial_id, {})[row.param_name] = value
        assert params == {tables.trial_id(t): t.params for t in study.trials}


def test_attributes_are_json(adapt, tables, study, rows):
    with adapt("optuna", "optuna_tables.py"):
        of_study = {row.key: json.loads(row.value_json) for row in rows(tables.STUDY_ATTRS)}
        assert of_study == {"who": ["me"]}
        for table, name in (
            (tables.USER_ATTRS, "user_attrs"),
            (tables.SYSTEM_ATTRS, "system_attrs"),
        ):
            found = {(row.trial_id, row.key): json.loads(row.value_json) for row in rows(table)}
            assert found == {
                (tables.trial_id(t), key): value
                for t in study.trials
                for key, value in getattr(t, name).items()
            }
            assert found


def test_later_rows_have_larger_keys(adapt, tables, study, rows):
    """Reading only what is new goes by this."""
    with adapt("optuna", "optuna_tables.py"):
        for table in (tables.PARAMS, tables.VALUES, tables.USER_ATTRS, tables.SYSTEM_ATTRS):
            before = max(row[0] for row in rows(table))
            trial = study.ask(SPACE)
            trial.set_user_attr("a", 1)
            study.tell(trial, 0.1)
            study.enqueue_trial({"n": 1}, skip_if_exists=False)
            assert max(row[0] for row in rows(table)) > before
