"""Opening an Optuna storage so that one writer is fast and safe, and others only make it wait."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState

from autotrain.errors import ConfigurationError, StudyError

PAUSED = "paused"  # user attribute of a RUNNING trial that waits for a promotion
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
    return StudyStorage(optuna.storages.get_storage(storage))


def _tune_sqlite(engine: sqlalchemy.Engine) -> None:
    """Write-ahead logging: readers never block the writer, and a report costs a fifth."""

    def on_connect(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    engine.dispose()  # connections made so far lack the settings
    sqlalchemy.event.listen(engine, "connect", on_connect)


def _delegate(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _waiting(getattr(self.backend, name), *args, **kwargs)

    return method


_Delegating: Any = type(
    "_Delegating",
    (BaseStorage,),
    {name: _delegate(name) for name in vars(BaseStorage) if not name.startswith("_")},
)


class StudyStorage(_Delegating):
    """A storage that waits when another program holds the database, and knows paused trials.

    While `showing_paused_as_pruned` is set, a paused trial reads as PRUNED at its last epoch. The
    sampler is asked through this view: TPE counts every RUNNING trial among the bad ones, and
    would flee its good candidates.
    """

    def __init__(self, backend: BaseStorage) -> None:
        self.backend = backend
        self.showing_paused_as_pruned = False

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """All trials of a study; see the class for paused ones."""
        if not self.showing_paused_as_pruned:
            return _waiting(self.backend.get_all_trials, study_id, deepcopy, states)
        trials = _waiting(self.backend.get_all_trials, study_id, deepcopy, None)
        seen = [_as_pruned(trial) if trial.user_attrs.get(PAUSED) else trial for trial in trials]
        return [trial for trial in seen if states is None or trial.state in states]


def _as_pruned(trial: FrozenTrial) -> FrozenTrial:
    if trial.state is not TrialState.RUNNING:
        return trial
    seen = copy.copy(trial)
    seen.state = TrialState.PRUNED
    last = trial.last_step
    if last is not None:
        seen.values = [trial.intermediate_values[last]]
    seen.datetime_complete = seen.datetime_start
    return seen


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
