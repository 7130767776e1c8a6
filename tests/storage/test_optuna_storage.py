"""Storage: SQLite's settings, other programs that hold the database, wrong URLs, PostgreSQL."""

import subprocess
import sys
import time
from dataclasses import replace

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from autotrain.errors import ConfigurationError, StudyError, StudyLockedError
from autotrain.storage.lock import study_lock
from autotrain.storage.optuna_storage import StudyStorage, open_storage, sqlite_url
from autotrain.storage.optuna_writes import (
    ParamWrite,
    StateWrite,
    StepValue,
    SystemAttr,
    UserAttr,
)
from autotrain.trial import Epoch


def pragmas(engine):
    with engine.connect() as connection:
        return tuple(
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        )


def test_sqlite_settings_hold_on_every_connection(tmp_path):
    engine = open_storage(sqlite_url(tmp_path / "studies.db")).backend._backend.engine
    with engine.connect(), engine.connect():
        assert pragmas(engine) == ("wal", 1, 60_000)
    engine.dispose()
    assert pragmas(engine) == ("wal", 1, 60_000)


HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE studies SET study_name = study_name")
print("held", flush=True)
time.sleep(1.2)
connection.execute("COMMIT")
"""


def test_another_program_that_writes_only_delays(disk_lab, tools):
    session = disk_lab.open(2)
    entry = session.take()
    database = disk_lab.folder / "studies.db"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, database], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        began = time.monotonic()
        session.report(0, Epoch(1, {"val_accuracy": 0.25}))
        session.flush()
        assert time.monotonic() - began > 0.5
        assert holder.wait(10) == 0
    finally:
        holder.kill()
        holder.stdout.close()
    session.on_completed(entry.number)
    assert disk_lab.stored()[0].intermediate_values == {1: 0.25}


WRITE = """
import sys
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(study_name="other", storage=sys.argv[1])
study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=12)
"""


def test_another_study_in_the_same_database_disturbs_nothing(disk_lab, tools):
    session = disk_lab.open(6)
    other = subprocess.Popen([sys.executable, "-c", WRITE, disk_lab.url], stderr=subprocess.PIPE)
    tools.drive(session)
    _, errors = other.communicate(timeout=60)
    assert other.returncode == 0, errors.decode()
    assert tools.states(session) == ["COMPLETE"] * 6
    assert len(disk_lab.stored()) == 6


class Refusing:
    """A storage that says what SQLite says when a transaction cannot be upgraded."""

    def __init__(self, times, message="(sqlite3.OperationalError) database is locked"):
        self.left, self.message, self.calls = times, message, 0

    def set_trial_user_attr(self, *args):
        self.calls += 1
        if self.calls <= self.left:
            raise StorageInternalError(self.message)


def test_an_immediate_refusal_is_tried_again():
    backend = Refusing(3)
    StudyStorage(backend).write(UserAttr(1, "a", 2))
    assert backend.calls == 4


def test_other_errors_of_the_database_are_not_tried_again():
    backend = Refusing(1, "disk I/O error")
    with pytest.raises(StorageInternalError, match="disk I/O"):
        StudyStorage(backend).write(UserAttr(1, "a", 2))
    assert backend.calls == 1


@pytest.mark.parametrize("url", ["studies.db", "", "/tmp/x.db", "sqlite//x"])
def test_a_malformed_url_is_answered_with_examples(url):
    with pytest.raises(ConfigurationError, match=r"database URL, got .*sqlite:///FILE"):
        open_storage(url)


@pytest.mark.parametrize("url", ["nosuchdb://host/x", "oracle+nosuchdriver://host/x"])
def test_a_missing_driver_is_named(url):
    with pytest.raises(ConfigurationError, match="needs a database driver"):
        open_storage(url)


def test_a_database_that_cannot_be_opened(tmp_path):
    with pytest.raises(StudyError, match="unable to open database file"):
        open_storage(sqlite_url(tmp_path / "missing" / "studies.db"))
    (tmp_path / "text.db").write_text("not a database" * 1000)
    with pytest.raises(StudyError, match="file is not a database"):
        open_storage(sqlite_url(tmp_path / "text.db"))


def test_an_unreachable_server_is_a_study_error_without_the_password():
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with pytest.raises(StudyError, match="cannot be opened") as caught:
        open_storage("postgresql+psycopg://me:tops3cret@127.0.0.1:9/test?connect_timeout=2")
    assert "tops3cret" not in str(caught.value)


# PostgreSQL.


def test_postgresql_gives_the_same_search(postgres_lab, new_lab, tools):
    whole = new_lab(pruner="asha").search(8)
    with pytest.raises(tools.Killed):
        postgres_lab.search(8, crash=tools.CrashAt(30))
    session = postgres_lab.search(8)
    assert tools.params(session) == tools.params(whole)
    assert tools.values(session) == tools.values(whole)
    assert [t.state.name for t in postgres_lab.stored()] == tools.states(whole)
    assert postgres_lab.study().best_trial.values == whole.best().values


OWN = """
import sys, time
from pathlib import Path
from autotrain.storage.lock import study_lock
with study_lock(sys.argv[1], Path(sys.argv[2]), sys.argv[3]):
    print("owned", flush=True)
    time.sleep(60)
"""


def test_postgresql_has_one_owner_until_it_dies(postgres_lab, tmp_path):
    """The folders differ, as on two hosts: only the server's lock can tell."""
    name = postgres_lab.settings.name
    here, there = tmp_path / "here" / "lock", tmp_path / "there" / "lock"
    command = [sys.executable, "-c", OWN, name, str(there), postgres_lab.url]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert owner.stdout.readline() == b"owned\n"
        with (
            pytest.raises(StudyLockedError, match=f"{name}.*127.0.0.1"),
            study_lock(name, here, postgres_lab.url),
        ):
            pass
        with study_lock("another", here, postgres_lab.url):
            pass
    finally:
        owner.kill()  # SIGKILL: nothing of its own can run
        owner.wait()
        owner.stdout.close()
    deadline = time.monotonic() + 10
    while True:
        try:
            with study_lock(name, here, postgres_lab.url):
                break
        except StudyLockedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with study_lock(name, here, postgres_lab.url):  # released at the end of the block as well
        pass


def test_the_owner_reads_nothing_again(disk_lab, tools, monkeypatch):
    session = disk_lab.set(pruner="asha").open(12)
    read = []
    for name in ("get_trial", "get_all_trials", "get_study_user_attrs"):
        monkeypatch.setattr(RDBStorage, name, lambda *args, name=name, **more: read.append(name))
    tools.drive(session)
    assert session.is_over
    assert read == []


@pytest.mark.parametrize("events", [7, 30, 61])
def test_what_was_recorded_comes_back_as_it_was(disk_lab, tools, events):
    session = disk_lab.set(pruner="asha").open(12)
    with pytest.raises(tools.Killed):
        tools.drive(session, workers=2, crash=tools.CrashAt(events))
    session.flush()
    again = disk_lab.open(12)
    shown = ("number", "id", "params", "values", "best_epoch", "outcome", "paused", "memory")
    for number, trial in session.trials.items():
        mine = replace(trial, worker=None)
        other = again.trials[number]
        if not other.paused:  # what its owner's death left undecided was decided
            assert [getattr(mine, n) for n in shown] == [getattr(other, n) for n in shown]
        assert tuple(mine.epochs) == tuple(other.epochs)


@pytest.fixture
def owned(tmp_path):
    """A storage, the id of a trial of two objectives, and what another program reads of it."""
    url = sqlite_url(tmp_path / "studies.db")
    storage = open_storage(url)
    study = storage.open("owned", ["minimize", "maximize"])
    assert storage.own(study) == []
    trial = storage.create(study, 0, TrialState.RUNNING)

    def stored():
        return optuna.load_study(study_name="owned", storage=url).trials[0]

    return storage, trial, stored


def test_everything_of_a_trial_is_stored_as_optuna_reads_it(owned):
    storage, trial, stored = owned
    kinds = CategoricalDistribution(["a", "ü", None, 2])
    storage.write(
        ParamWrite(trial, "x", 0.25, FloatDistribution(1e-3, 1.0, log=True)),
        ParamWrite(trial, "kind", "ü", kinds),
        ParamWrite(trial, "n", 7, IntDistribution(1, 9, step=2)),
        UserAttr(trial, "pair", (1, {"deep": [True, None]})),
        SystemAttr(trial, "constraints", (0.5,)),
        StateWrite(trial, TrialState.COMPLETE, [0.5, 1.5]),
    )
    frozen = stored()
    assert frozen.params == {"x": 0.25, "kind": "ü", "n": 7}
    assert frozen.distributions["kind"] == kinds
    assert frozen.user_attrs == {"pair": [1, {"deep": [True, None]}]}
    assert frozen.system_attrs == {"constraints": [0.5]}
    assert (frozen.state, frozen.values) == (TrialState.COMPLETE, [0.5, 1.5])
    assert frozen.datetime_start < frozen.datetime_complete


def test_values_of_epochs_wait_for_the_next_transaction(owned):
    storage, trial, stored = owned
    storage.write(StepValue(trial, 1, 0.5))
    assert stored().intermediate_values == {}
    storage.flush()
    assert stored().intermediate_values == {1: 0.5}
    storage.write(StepValue(trial, 2, 0.25))
    storage.write(StateWrite(trial, TrialState.COMPLETE, [0.25, 1.0]))
    assert stored().intermediate_values == {1: 0.5, 2: 0.25}


def test_the_last_of_several_writes_of_a_thing_counts(owned):
    storage, trial, stored = owned
    storage.write(UserAttr(trial, "paused", 1))
    with storage.together():
        for value in (2, 3):
            storage.write(UserAttr(trial, "paused", value), UserAttr(trial, "new", value))
            storage.write(StepValue(trial, 1, value))
        assert stored().user_attrs == {"paused": 1}
    assert stored().user_attrs == {"paused": 3, "new": 3}
    assert stored().intermediate_values == {1: 3.0}


def test_values_that_no_database_holds_are_stored(owned):
    storage, trial, stored = owned
    numbers = [float("inf"), -float("inf")]
    for step, value in enumerate([*numbers, float("nan"), 1e-320]):
        storage.write(StepValue(trial, step, value))
    storage.write(StateWrite(trial, TrialState.COMPLETE, numbers))
    assert stored().values == numbers
    assert str(stored().intermediate_values) == "{0: inf, 1: -inf, 2: nan, 3: 1e-320}"


def test_a_transaction_that_fails_leaves_nothing(owned):
    storage, trial, stored = owned
    study = storage.open("owned", ["minimize", "maximize"])

    def fail():
        with storage.together():
            storage.write(UserAttr(trial, "lost", True))
            storage.create(study, 1, TrialState.RUNNING)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    storage.write(UserAttr(trial, "later", True))
    assert stored().user_attrs == {"later": True}
    url = storage.engine.url.render_as_string()
    assert len(optuna.load_study(study_name="owned", storage=url).trials) == 1
