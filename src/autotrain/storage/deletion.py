"""Deleting a study from a database."""

from __future__ import annotations

import json

import sqlalchemy as sql

from autotrain.compat.optuna_models import models
from autotrain.paths import folder_name
from autotrain.storage.attributes import OWNER
from autotrain.storage.optuna_reader import open_database, owned_studies
from autotrain.storage.optuna_storage import connecting, sqlite_file, waiting


def delete_stored(url: str, name: str, id: str | None = None) -> None:
    """Delete all that a database has of a study; nothing where it has none.

    In one transaction, a statement a table: Optuna's own way reads every row first.

    Args:
        name: of the study, or of its folder.
        id: of the study in its `study.yaml`; a study of another id stays. None where that is lost.

    Raises:
        StudyError: the database cannot be reached, or is none of Optuna's.
    """
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return
    engine = open_database(url)
    with connecting(url):
        for found in owned_studies(engine):
            if folder_name(found) == folder_name(name):
                waiting(_delete, engine, found, id)


def _delete(engine: sql.Engine, name: str, id: str | None) -> None:
    study, attr = models.StudyModel, models.StudyUserAttributeModel
    with engine.begin() as connection:
        number = connection.execute(
            sql.select(study.study_id).where(study.study_name == name)
        ).scalar()
        owner = connection.execute(
            sql.select(attr.value_json).where(attr.study_id == number, attr.key == OWNER)
        ).scalar()
        if number is None or (id is not None and json.loads(str(owner)) != id):
            return
        trials = sql.select(models.TrialModel.trial_id).where(models.TrialModel.study_id == number)
        for table in reversed(models.BaseModel.metadata.sorted_tables):
            if "study_id" in table.c:
                connection.execute(sql.delete(table).where(table.c.study_id == number))
            elif "trial_id" in table.c:
                connection.execute(sql.delete(table).where(table.c.trial_id.in_(trials)))
