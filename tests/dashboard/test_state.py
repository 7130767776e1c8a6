"""What is read again, and what is drawn again."""

from __future__ import annotations

import shutil

import pytest
import sqlalchemy

import autotrain
from autotrain.dashboard.state import Watcher

SPACE = autotrain.Space(
    {"x": autotrain.Float(0.0, 1.0)}, "val_loss", name="line", budget={"epochs": 2}
)


def objective(params, reporter):
    for epoch in (1, 2):
        reporter.report(epoch, val_loss=params["x"] / epoch)


def search(folder, trials):
    return autotrain.search(SPACE, objective=objective, workers=0, trials=trials, runs=folder,
                            study="line", pruner="none", sampler="random", display="none",
                            report=False)  # fmt: skip


@pytest.fixture
def watched(tmp_path):
    search(tmp_path, 3)
    (found,) = Watcher(tmp_path).all()
    return found


def test_nothing_new_is_no_new_version(watched):
    version = watched.refresh(0)
    assert version == 1
    assert watched.refresh(0) == version


def test_only_new_rows_are_read(watched, tmp_path):
    watched.refresh(0)
    search(tmp_path, 5)
    read = []

    @sqlalchemy.event.listens_for(watched.study._reader._engine, "do_execute")
    def count(cursor, statement, parameters, context):
        cursor.execute(statement, parameters)
        if "trial_params" in statement:
            rows = cursor.fetchall()
            read.extend(rows)
            cursor.execute(statement, parameters)
        return True

    assert watched.refresh(0) == 2
    assert len(read) == 2
    assert {number for number, version in watched.changed.items() if version == 2} == {3, 4}
    assert {number for number, version in watched.began.items() if version == 2} == {3, 4}
    fresh = autotrain.load_study("line", tmp_path)
    assert [(t.number, t.status, t.values, dict(t.params)) for t in watched.study.trials] == [
        (t.number, t.status, t.values, dict(t.params)) for t in fresh.trials
    ]


def test_what_is_drawn_is_drawn_once_for_all(watched):
    made = []
    for _ in range(3):
        watched.drawn("figure", lambda sources: made.append(sources.study.name))
    assert made == ["line"]


def test_a_study_that_cannot_be_read_is_named_and_hides_no_other(tmp_path):
    search(tmp_path, 1)
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "study.yaml").write_text("name: [")
    watcher = Watcher(tmp_path)
    assert [w.study.name for w in watcher.all()] == ["line"]
    assert "torn" in watcher.broken


def test_a_study_that_is_deleted_disappears(tmp_path):
    search(tmp_path, 1)
    watcher = Watcher(tmp_path)
    (watched,) = watcher.all()
    shutil.rmtree(tmp_path / "line")
    assert watcher.all() == []
    assert watcher.study(watched.study.settings.id) is None


def test_a_study_in_a_database_of_its_own_is_read_there(tmp_path):
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    autotrain.search(SPACE, objective=objective, workers=0, trials=2, runs=tmp_path / "runs", study="far",
                     storage=url, pruner="none", sampler="random", display="none", report=False)  # fmt: skip
    assert not (tmp_path / "runs" / "studies.db").exists()
    for given in (None, url):
        (found,) = Watcher(tmp_path / "runs", given).all()
        assert len(found.study.trials) == 2
