"""Storage: SQLite's settings, other programs that hold the database, wrong URLs, PostgreSQL."""

import subprocess
import sys
import time
import uuid

import optuna
import pytest
import sqlalchemy
from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState

from autotrain.errors import ConfigurationError, StudyError, StudyLockedError
from autotrain.storage.lock import own
from autotrain.storage.optuna_storage import StudyStorage, open_storage, sqlite_url
from autotrain.trial import Epoch

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/test"


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
        return "done"


def test_an_immediate_refusal_is_tried_again():
    backend = Refusing(3)
    assert StudyStorage(backend).set_trial_user_attr(1, "a", 2) == "done"
    assert backend.calls == 4


def test_other_errors_of_the_database_are_not_tried_again():
    backend = Refusing(1, "disk I/O error")
    with pytest.raises(StorageInternalError, match="disk I/O"):
        StudyStorage(backend).set_trial_user_attr(1, "a", 2)
    assert backend.calls == 1


def test_the_storage_answers_everything_optuna_asks():
    """What begins with `get_trial_` asks `get_trial`, in `BaseStorage` itself."""
    hidden = ("_", "get_trial_")
    names = [n for n in vars(optuna.storages.BaseStorage) if not n.startswith(hidden)]
    assert all(
        getattr(StudyStorage, n) is not getattr(optuna.storages.BaseStorage, n) for n in names
    )


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
from autotrain.storage.lock import own
with own(sys.argv[1], Path(sys.argv[2]), sys.argv[3]):
    print("owned", flush=True)
    time.sleep(60)
"""


def test_postgresql_has_one_owner_until_it_dies(postgres_lab, tmp_path):
    """The folders differ, as on two hosts: only the server's lock can tell."""
    name = postgres_lab.settings.name
    here, there = tmp_path / "here" / "lock", tmp_path / "there" / "lock"
    command = [sys.executable, "-c", OWN, name, str(there), POSTGRES]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert owner.stdout.readline() == b"owned\n"
        with (
            pytest.raises(StudyLockedError, match=f"{name}.*127.0.0.1"),
            own(name, here, POSTGRES),
        ):
            pass
        with own("another", here, POSTGRES):
            pass
    finally:
        owner.kill()  # SIGKILL: nothing of its own can run
        owner.wait()
        owner.stdout.close()
    deadline = time.monotonic() + 10
    while True:
        try:
            with own(name, here, POSTGRES):
                break
        except StudyLockedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with own(name, here, POSTGRES):  # released at the end of the block as well
        pass


class CountingBackend:
    """Passes everything on to a storage and counts the trials read."""

    def __init__(self, backend):
        self.backend, self.read = backend, 0

    def __getattr__(self, name):
        return getattr(self.backend, name)

    def get_trial(self, trial_id):
        self.read += 1
        return self.backend.get_trial(trial_id)

    def get_all_trials(self, *args):
        trials = self.backend.get_all_trials(*args)
        self.read += len(trials)
        return trials


def test_the_owner_reads_nothing_again(tmp_path):
    storage = open_storage(sqlite_url(tmp_path / "studies.db"))
    backend = storage.backend = CountingBackend(storage.backend)
    study = optuna.create_study(storage=storage, study_name="owned")
    trials = [study.ask() for _ in range(20)]  # RUNNING, as paused trials are
    storage.own(study._study_id)
    backend.read = 0
    for trial in trials[:3]:
        storage.set_trial_user_attr(trial._trial_id, "paused", True)
        storage.set_trial_intermediate_value(trial._trial_id, 1, 0.5)
    seen = study.get_trials()
    assert backend.read == 0
    assert [t.number for t in seen] == list(range(20))
    assert [t.number for t in seen if t.user_attrs.get("paused")] == [0, 1, 2]
    study.ask()
    assert [t.number for t in study.get_trials()] == list(range(21))
    assert backend.read == 0


def without_times(trials):
    for trial in trials:
        trial.datetime_start = trial.datetime_complete = None
    return trials


def test_the_owner_has_in_memory_what_is_stored(tmp_path):
    storage = open_storage(sqlite_url(tmp_path / "studies.db"))
    study = optuna.create_study(storage=storage, study_name="owned", direction="maximize")
    study.enqueue_trial({"x": 0.25, "kind": "ü"})
    storage.own(study._study_id)
    for number in range(5):
        trial = study.ask()
        trial.suggest_float("x", 1e-3, 1.0, log=True)
        trial.suggest_categorical("kind", ["a", "ü", None, 2])
        trial.suggest_int("n", 1, 9, step=2)
        trial.set_user_attr("pair", (1, {"deep": [True, None]}))
        storage.set_trial_system_attr(trial._trial_id, "constraints", (0.5,))
        for step, value in enumerate((0.1, float("inf"), 0.3)):
            storage.set_trial_intermediate_value(trial._trial_id, step, value)
        if number:
            study.tell(trial, number / 10)
    study.enqueue_trial({"x": 0.5})
    storage.flush()
    other = open_storage(sqlite_url(tmp_path / "studies.db"))
    stored = optuna.load_study(study_name="owned", storage=other).get_trials()
    mine = study.get_trials()
    assert all(
        (t.datetime_start is None) == (s.datetime_start is None)
        for t, s in zip(mine, stored, strict=True)
    )
    assert without_times(mine) == without_times(stored)


def test_values_of_epochs_wait_for_the_next_transaction(tmp_path):
    storage = open_storage(sqlite_url(tmp_path / "studies.db"))
    study = optuna.create_study(storage=storage, study_name="owned")
    storage.own(study._study_id)
    trial = study.ask()
    other = open_storage(sqlite_url(tmp_path / "studies.db"))

    def stored():
        return other.get_trial(trial._trial_id).intermediate_values

    storage.set_trial_intermediate_value(trial._trial_id, 1, 0.5)
    assert storage.get_trial(trial._trial_id).intermediate_values == {1: 0.5}
    assert stored() == {}
    storage.flush()
    assert stored() == {1: 0.5}
    storage.set_trial_intermediate_value(trial._trial_id, 2, 0.25)
    with storage.together():
        storage.set_trial_state_values(trial._trial_id, TrialState.COMPLETE, [0.25])
    assert stored() == {1: 0.5, 2: 0.25}


@pytest.fixture
def owned(tmp_path):
    """A storage, its study of two objectives and a trial, and what another program reads of it."""
    url = sqlite_url(tmp_path / "studies.db")
    storage = open_storage(url)
    study = optuna.create_study(
        storage=storage, study_name="owned", directions=["minimize", "maximize"]
    )
    storage.own(study._study_id)
    trial = study.ask()
    return storage, trial, lambda: open_storage(url).get_trial(trial._trial_id)


def test_the_last_of_several_writes_of_a_thing_counts(owned):
    storage, trial, stored = owned
    storage.set_trial_user_attr(trial._trial_id, "paused", 1)
    with storage.together():
        for value in (2, 3):
            storage.set_trial_user_attr(trial._trial_id, "paused", value)
            storage.set_trial_user_attr(trial._trial_id, "new", value)
            storage.set_trial_intermediate_value(trial._trial_id, 1, value)
        assert storage.get_trial_user_attrs(trial._trial_id) == {"paused": 3, "new": 3}
        assert stored().user_attrs == {"paused": 1}
    assert stored().user_attrs == {"paused": 3, "new": 3}
    assert stored().intermediate_values == {1: 3.0}


def test_values_that_no_database_holds_are_stored(owned):
    storage, trial, stored = owned
    numbers = [float("inf"), -float("inf")]
    for step, value in enumerate([*numbers, float("nan"), 1e-320]):
        storage.set_trial_intermediate_value(trial._trial_id, step, value)
    storage.set_trial_state_values(trial._trial_id, TrialState.COMPLETE, values=numbers)
    assert stored().values == numbers
    assert str(stored().intermediate_values) == "{0: inf, 1: -inf, 2: nan, 3: 1e-320}"
    assert stored().status is TrialStatus.COMPLETE
    assert stored().datetime_start < stored().datetime_complete


def test_a_transaction_that_fails_leaves_nothing(owned):
    storage, trial, stored = owned

    def fail():
        with storage.together():
            storage.set_trial_user_attr(trial._trial_id, "lost", True)
            storage.create_new_trial(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    storage.set_trial_user_attr(trial._trial_id, "later", True)
    assert stored().user_attrs == {"later": True}
    assert optuna.load_study(
        study_name="owned", storage=storage.engine.url.render_as_string()
    ).trials == [stored()]
