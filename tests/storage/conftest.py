"""A study in PostgreSQL on this machine, where there is one."""

from __future__ import annotations

import uuid

import optuna
import pytest
import sqlalchemy

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/test"


@pytest.fixture
def postgres_lab(new_lab):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        sqlalchemy.create_engine(POSTGRES, connect_args={"connect_timeout": 2}).connect().close()
    except sqlalchemy.exc.OperationalError:
        pytest.skip(f"no PostgreSQL server at {POSTGRES}")
    lab = new_lab(name=f"autotrain-test-{uuid.uuid4().hex}", pruner="asha")
    lab.url = POSTGRES
    yield lab
    if lab.settings.name in optuna.get_all_study_names(POSTGRES):
        optuna.delete_study(study_name=lab.settings.name, storage=POSTGRES)
