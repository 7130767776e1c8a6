"""Optuna reads what we write through its models."""

from __future__ import annotations

import json
import math
from datetime import datetime
from importlib import import_module

import optuna
import pytest
import sqlalchemy as sql
import sqlalchemy.orm
from optuna.distributions import FloatDistribution, distribution_to_json
from optuna.trial import TrialState


@pytest.fixture
def models(adapt):
    with adapt("optuna", "optuna_models.py"):
        return import_module("autotrain.compat.optuna_models").models


def test_a_trial_written_through_the_models_is_read_by_optuna(adapt, models, tmp_path):
    url = f"sqlite:///{tmp_path / 'studies.db'}"
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    optuna.create_study(storage=url, study_name="one")
    x = FloatDistribution(0.0, 1.0)
    began = datetime(2026, 1, 2, 3, 4, 5)
    with adapt("optuna", "optuna_models.py"):
        with sqlalchemy.orm.Session(sql.create_engine(url)) as session:
            row = models.TrialModel(study_id=1, number=0, state=TrialState.RUNNING)
            row.datetime_start = began
            session.add(row)
            session.flush()
            own = {"trial_id": row.trial_id}
            rows = {
                models.TrialParamModel: {"param_name": "x", "param_value": 0.5,
                                         "distribution_json": distribution_to_json(x)},
                models.TrialUserAttributeModel: {"key": "a", "value_json": json.dumps([1])},
                models.TrialSystemAttributeModel: {"key": "b", "value_json": json.dumps("c")},
            }  # fmt: skip
            value, kind = models.TrialValueModel.value_to_stored_repr(math.inf)
            rows[models.TrialValueModel] = {"objective": 0, "value": value, "value_type": kind}
            for table, columns in rows.items():
                session.execute(sql.insert(table), [{**own, **columns}])
            table = models.TrialIntermediateValueModel
            for step, number in enumerate((0.25, math.nan, -math.inf)):
                number, kind = table.intermediate_value_to_stored_repr(number)
                columns = {
                    "step": step,
                    "intermediate_value": number,
                    "intermediate_value_type": kind,
                }
                session.execute(sql.insert(table), [{**own, **columns}])
            found = session.get_one(models.TrialModel, row.trial_id)
            found.state, found.datetime_complete = TrialState.COMPLETE, began
            session.commit()
        (trial,) = optuna.load_study(storage=url, study_name="one").trials
        assert (trial.number, trial.state, trial.value) == (0, TrialState.COMPLETE, math.inf)
        assert (trial.params, trial.distributions) == ({"x": 0.5}, {"x": x})
        assert (trial.user_attrs, trial.system_attrs) == ({"a": [1]}, {"b": "c"})
        assert math.isnan(trial.intermediate_values.pop(1))
        assert trial.intermediate_values == {0: 0.25, 2: -math.inf}
        assert (trial.datetime_start, trial.datetime_complete) == (began, began)
