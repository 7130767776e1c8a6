"""Opening an Optuna storage so that one writer is fast and safe, and others only make it wait."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
import sqlalchemy.orm
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState

from autotrain.errors import ConfigurationError, StudyError
from autotrain.storage.optuna_mirror import after, begun, lent
from autotrain.storage.optuna_writes import Write, create, write
from autotrain.storage.sampler_view import for_sampler

_CHANGED = (TrialState.RUNNING, TrialState.FAIL, TrialState.PRUNED)  # by the samplers' view
_BUSY_SECONDS = 60.0


def sqlite_url(database: Path) -> str:
    """The storage URL of a SQLite file."""
    return f"sqlite:///{database}"


def open_storage(url: str) -> StudyStorage:
    """Open (and create, when missing) the storage behind a URL.

    Raises:
        ConfigurationError: the URL is malformed or its driver is not installed.
        StudyError: the database cannot be reached or is not one of Optuna's.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        parsed = sqlalchemy.engine.make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
    except sqlalchemy.exc.ArgumentError:
        raise ConfigurationError(
            f"a storage is a database URL, got {url!r}: "
            "write sqlite:///FILE, postgresql+psycopg://USER@HOST/DATABASE or mysql+pymysql://…"
        ) from None
    shown = parsed.render_as_string(hide_password=True)
    arguments: dict[str, Any] = {"pool_pre_ping": True}
    if sqlite:
        arguments = {"connect_args": {"timeout": _BUSY_SECONDS, "check_same_thread": False}}
    try:
        storage = _waiting(RDBStorage, url, engine_kwargs=arguments)
    except (ImportError, sqlalchemy.exc.NoSuchModuleError) as error:
        raise ConfigurationError(
            f"the storage {shown!r} needs a database driver: {error}"
        ) from error
    except (sqlalchemy.exc.SQLAlchemyError, RuntimeError, StorageInternalError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StudyError(f"the storage {shown!r} cannot be opened: {cause}") from error
    if sqlite:
        _tune_sqlite(storage.engine)
    storage.scoped_session = sqlalchemy.orm.scoped_session(
        sqlalchemy.orm.sessionmaker(bind=storage.engine, class_=_Session)
    )
    backend = optuna.storages.get_storage(storage)
    return StudyStorage(backend, storage.scoped_session, sqlite, storage.engine)


def _tune_sqlite(engine: sqlalchemy.Engine) -> None:
    """Write-ahead logging: readers never block the writer, and a report costs a fifth."""

    def on_connect(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    engine.dispose()  # connections made so far lack the settings
    sqlalchemy.event.listen(engine, "connect", on_connect)


class _Session(sqlalchemy.orm.Session):
    """Optuna commits and closes after each write; while `held` that waits."""

    held = False

    def commit(self) -> None:
        """Write what is pending, for good unless `held`."""
        self.flush() if self.held else super().commit()

    def close(self) -> None:
        """Give the connection back unless `held`."""
        if not self.held:
            super().close()


def _delegate(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _waiting(getattr(self.backend, name), *args, **kwargs)

    def write(self: Any, trial_id: int, *args: Any, **kwargs: Any) -> Any:
        return self.write(method, Write(name, trial_id, args, kwargs))

    return write if name.startswith("set_trial_") else method


_Delegating: Any = type(
    "_Delegating",
    (BaseStorage,),
    {  # what is asked of one trial goes through `get_trial`, in Optuna's own way
        name: _delegate(name)
        for name in vars(BaseStorage)
        if not name.startswith(("_", "get_trial_"))
    },
)


class StudyStorage(_Delegating):
    """A storage that waits when another program holds the database, and has a view for samplers.

    While `shown_to_sampler` is set, a paused trial reads as PRUNED at its last epoch: TPE counts
    every RUNNING trial among the bad ones, and would flee its good candidates. An infeasible one
    reads as PRUNED without a value and with a violated constraint, the worst of all: a FAIL trial
    is ignored, and its like would be proposed again and again.

    The owner of a study (`own`) has its trials in memory and never reads one again. Optuna's own
    cache reads each unfinished trial at every look, and most trials of `asha` are unfinished to the
    end: a proposal would take longer with each of them. What is written to them is written at the
    end of the transaction, all at once, and the values of epochs a little later still (`flush`), so
    that no worker waits for the database: many cost little more than one.
    """

    def __init__(
        self,
        backend: BaseStorage,
        sessions: Callable[[], _Session] | None = None,
        sqlite: bool = False,
        engine: sqlalchemy.Engine | None = None,
    ) -> None:
        self.backend, self._sessions, self._sqlite = backend, sessions, sqlite
        self.engine = engine
        self.shown_to_sampler = False
        self._owned: int | None = None
        self._trials: dict[int, FrozenTrial] = {}  # by id
        self._pending: list[Write] = []  # to the owned study
        self._before: dict[int, FrozenTrial] = {}  # the trials that these writes change

    @contextmanager
    def together(self) -> Iterator[None]:
        """Within, all writes are one transaction: whole or not at all, and cheaper than each alone."""
        session = self._sessions() if self._sessions is not None else None
        if session is None or session.held:  # a backend without them; within another one
            yield
            return
        if self._sqlite:  # the lock to write at once, so that nobody comes between
            _waiting(session.execute, sqlalchemy.text("BEGIN IMMEDIATE"))
        session.held = True
        try:
            yield
            write(session, self._pending, self._before)
            session.held = False
            session.commit()
        except BaseException:
            self._owned, self._trials = None, {}  # what is in memory was not stored
            raise
        finally:
            self._pending, self._before = [], {}
            session.held = False
            session.close()  # which rolls back what was not committed

    def own(self, study_id: int) -> None:
        """From now on nobody else writes to the study."""
        trials = _waiting(self.backend.get_all_trials, study_id, False, None)
        self._owned, self._trials = study_id, {trial._trial_id: trial for trial in trials}

    def write(self, method: Callable[..., Any], new: Write) -> Any:
        """Write to a trial, with this method of the backend where it is not one of the owned study.

        Within a transaction an owned trial is written at its end; the value of an epoch at the next
        `flush` or transaction.
        """
        trial = self._trials.get(new.trial_id)
        if trial is None:
            return method(self, new.trial_id, *new.args, **new.kwargs)
        if self._sessions is None:
            method(self, new.trial_id, *new.args, **new.kwargs)
        else:
            self._before.setdefault(new.trial_id, trial)
            self._pending.append(new)
        self._trials[new.trial_id] = after(trial, new.name, *new.args, **new.kwargs)
        if new.name != "set_trial_intermediate_value":
            self.flush()
        return True

    def flush(self) -> None:
        """Store the values of epochs that wait for it."""
        if self._pending:
            with self.together():
                pass

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial, RUNNING or like a template; its id.

        A template for the owned study has nothing but a state and attributes, as of `enqueue_trial`.
        """
        if study_id != self._owned or self._sessions is None:
            new: int = _waiting(self.backend.create_new_trial, study_id, template_trial)
            if study_id == self._owned:
                self._trials[new] = _waiting(self.backend.get_trial, new)
            return new
        trial = begun(len(self._trials), template_trial)
        with self.together():
            trial._trial_id = create(self._sessions(), study_id, trial)
            self._trials[trial._trial_id] = trial
            if template_trial is not None:
                for key, value in template_trial.user_attrs.items():
                    self.set_trial_user_attr(trial._trial_id, key, value)
                for key, value in template_trial.system_attrs.items():
                    self.set_trial_system_attr(trial._trial_id, key, value)
        return trial._trial_id

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """A trial by its id."""
        known = self._trials.get(trial_id)
        trial: FrozenTrial = lent(known) if known else _waiting(self.backend.get_trial, trial_id)
        return trial

    def _read(self, study_id: int) -> list[FrozenTrial]:
        if study_id == self._owned:
            return sorted(self._trials.values(), key=lambda trial: trial.number)
        trials: list[FrozenTrial] = _waiting(self.backend.get_all_trials, study_id, False, None)
        return trials

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """All trials of a study; see the class for what samplers are shown."""
        trials = self._read(study_id)
        if self.shown_to_sampler and (states is None or any(s in states for s in _CHANGED)):
            trials = for_sampler(trials)
        trials = [trial for trial in trials if states is None or trial.state in states]
        return copy.deepcopy(trials) if deepcopy else trials


def _waiting(operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a storage operation, again while the database is held by someone else.

    SQLite refuses at once, whatever its timeout, when another writer committed between the read
    and the write of one transaction. The transaction was rolled back, so doing it again is safe.
    """
    deadline = time.monotonic() + _BUSY_SECONDS
    pause = 0.005
    while True:
        try:
            return operation(*args, **kwargs)
        except (StorageInternalError, sqlalchemy.exc.OperationalError) as error:
            cause = f"{error} {error.__cause__}".lower()
            # "already exists": another search was creating the tables at the same moment.
            busy = "locked" in cause or "already exists" in cause
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 0.5)
