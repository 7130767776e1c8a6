"""The tables of Optuna's storage, as its schema 12 has them, and the ids that are keys in them.

For reading only: to write rows is to know Optuna's models (`optuna_models.py`), whose import takes
a third of a second.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sql

SCHEMA = 12
INFINITE = {"INF_POS": float("inf"), "INF_NEG": float("-inf")}  # by `value_type`

STUDIES = sql.table("studies", sql.column("study_id"), sql.column("study_name"))
STUDY_ATTRS = sql.table(
    "study_user_attributes", *map(sql.column, ("study_id", "key", "value_json"))
)
TRIALS = sql.table(
    "trials", sql.column("trial_id"), sql.column("number"), sql.column("study_id"),
    sql.column("state"), sql.column("datetime_start", sql.DateTime()),
    sql.column("datetime_complete", sql.DateTime()),
)  # fmt: skip


def _about_trials(name: str, key: str, *columns: str) -> sql.TableClause:
    return sql.table(name, sql.column(key), sql.column("trial_id"), *map(sql.column, columns))


PARAMS = _about_trials("trial_params", "param_id", "param_name", "param_value", "distribution_json")
VALUES = _about_trials("trial_values", "trial_value_id", "objective", "value", "value_type")
USER_ATTRS = _about_trials("trial_user_attributes", "trial_user_attribute_id", "key", "value_json")
SYSTEM_ATTRS = _about_trials(
    "trial_system_attributes", "trial_system_attribute_id", "key", "value_json"
)


def study_id(study: Any) -> int:
    """The key of a study of Optuna's in its storage."""
    return int(study._study_id)


def trial_id(trial: Any) -> int:
    """The key of a trial of Optuna's in its storage."""
    return int(trial._trial_id)
