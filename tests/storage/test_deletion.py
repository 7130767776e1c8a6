"""What is left in a database once a study is deleted: all of the others, nothing of that one."""

from __future__ import annotations

import optuna
import pytest
import sqlalchemy

from autotrain.compat.optuna_models import models
from autotrain.errors import StudyError
from autotrain.storage.deletion import delete_stored


def rows(url):
    """The number of rows in each table about studies and trials, as far as there are tables."""
    engine = sqlalchemy.create_engine(url)
    there = sqlalchemy.inspect(engine).get_table_names()
    tables = [t for t in models.BaseModel.metadata.sorted_tables if t.name in there]
    tables = [t for t in tables if not t.name.startswith(("version_info", "alembic"))]
    with engine.connect() as connection:
        found = {t.name: connection.execute(sqlalchemy.select(t)).all() for t in tables}
    engine.dispose()
    return {name: len(found) for name, found in found.items()}


def test_nothing_of_it_is_left_and_everything_of_others(new_lab):
    kept = new_lab(disk=True)
    kept.search(6)
    before = rows(kept.url)
    gone = new_lab(name="gone", id="another")
    gone.url = kept.url
    gone.search(6)
    assert rows(kept.url) != before
    delete_stored(kept.url, "gone", "another")
    assert rows(kept.url) == before
    assert len(kept.stored()) == 6


def test_a_study_of_another_id_stays(disk_lab):
    disk_lab.search(2)
    before = rows(disk_lab.url)
    delete_stored(disk_lab.url, "lab", "somebody else's")
    assert rows(disk_lab.url) == before
    delete_stored(disk_lab.url, "lab")
    assert not any(rows(disk_lab.url).values())


def test_a_study_of_plain_optuna_stays(disk_lab):
    disk_lab.search(2)
    optuna.create_study(study_name="plain", storage=disk_lab.url)
    delete_stored(disk_lab.url, "plain")
    assert optuna.get_all_study_names(disk_lab.url) == ["lab", "plain"]


def test_no_database_is_none_to_delete_from(tmp_path):
    delete_stored(f"sqlite:///{tmp_path / 'none.db'}", "lab")
    assert not list(tmp_path.iterdir())


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "other.db").write_text("text " * 1000)
    with pytest.raises(StudyError, match="cannot be opened"):
        delete_stored(f"sqlite:///{tmp_path / 'other.db'}", "lab")


def test_postgresql_forgets_it_too(postgres_lab):
    before = {table: number for table, number in rows(postgres_lab.url).items() if number}
    postgres_lab.search(6)
    assert rows(postgres_lab.url)["trials"] == before.get("trials", 0) + 6
    delete_stored(postgres_lab.url, postgres_lab.settings.name, postgres_lab.settings.id)
    assert {table: number for table, number in rows(postgres_lab.url).items() if number} == before
