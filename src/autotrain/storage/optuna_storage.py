"""Opening an Optuna storage so that one writer is fast and safe, and others only make it wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
import sqlalchemy.orm
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from autotrain.compat.optuna_tables import study_id
from autotrain.errors import ConfigurationError, StudyError
from autotrain.storage.optuna_writes import Known, StepValue, Write, create, known_rows, write

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
    arguments = engine_options(url)
    with connecting(url):
        storage = waiting(RDBStorage, url, engine_kwargs=arguments)
    sqlite = storage.engine.dialect.name == "sqlite"
    if sqlite:
        _tune_sqlite(storage.engine)
    storage.scoped_session = sqlalchemy.orm.scoped_session(
        sqlalchemy.orm.sessionmaker(bind=storage.engine, class_=_Session)
    )
    backend = optuna.storages.get_storage(storage)
    return StudyStorage(backend, storage.scoped_session, sqlite, storage.engine)


def engine_options(url: str) -> dict[str, Any]:
    """How SQLAlchemy should connect.

    Raises:
        ConfigurationError: the URL is malformed.
    """
    if _parsed(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": _BUSY_SECONDS, "check_same_thread": False}}
    return {"pool_pre_ping": True}


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for one in memory and for a server.

    Raises:
        ConfigurationError: the URL is malformed.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    name = str(parsed.database)
    return Path(name.removeprefix("file:"))


def shown_url(url: str) -> str:
    """The URL as people may see it, without its password."""
    return _parsed(url).render_as_string(hide_password=True)


def _parsed(url: str) -> sqlalchemy.engine.URL:
    try:
        return sqlalchemy.engine.make_url(url)
    except sqlalchemy.exc.ArgumentError:
        raise ConfigurationError(
            f"a storage must be a database URL, got {url!r}: "
            "write sqlite:///FILE, postgresql+psycopg://USER@HOST/DATABASE or mysql+pymysql://…"
        ) from None


@contextmanager
def connecting(url: str) -> Iterator[None]:
    """Within, what goes wrong with a database is one of our errors."""
    try:
        yield
    except (ImportError, sqlalchemy.exc.NoSuchModuleError) as error:
        raise ConfigurationError(
            f"the storage {shown_url(url)!r} needs a database driver: {error}"
        ) from error
    except (sqlalchemy.exc.SQLAlchemyError, RuntimeError, StorageInternalError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StudyError(f"the storage {shown_url(url)!r} cannot be opened: {cause}") from error


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


class StudyStorage:
    """The database of studies, for the one who writes to a study and waits when others hold it.

    What is written about trials is written at the end of the transaction, all at once, and the values
    of epochs a little later still (`flush`), so that no worker waits for the database: many cost
    little more than one.

    Args:
        backend: Optuna's own storage.
        sessions: of its database; without them each write goes through the backend, alone.
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
        self._known: Known | None = None  # rows of the owned study
        self._pending: list[Write] = []

    def open(self, name: str, directions: Sequence[str]) -> optuna.Study:
        """The study of this name, made where it is missing."""
        study: optuna.Study = waiting(
            optuna.create_study,
            study_name=name,
            storage=self.backend,
            directions=list(directions),
            load_if_exists=True,
        )
        return study

    def set_attr(self, study: optuna.Study, name: str, value: object) -> None:
        """Write an attribute of the study."""
        waiting(study.set_user_attr, name, value)

    def own(self, study: optuna.Study) -> list[FrozenTrial]:
        """From now on nobody else writes to the study; all its trials by number."""
        trials: list[FrozenTrial] = waiting(study.get_trials, deepcopy=False)
        self._known = known_rows(trials)
        return trials

    @contextmanager
    def together(self) -> Iterator[None]:
        """Within, all writes are one transaction: whole or not at all, and cheaper than each alone."""
        session = self._sessions() if self._sessions is not None else None
        if session is None or session.held:  # a backend without them; within another one
            yield
            return
        if self._sqlite:  # the lock to write at once, so that nobody comes between
            waiting(session.execute, sqlalchemy.text("BEGIN IMMEDIATE"))
        session.held = True
        try:
            yield
            write(session, self._pending, self._known if self._known is not None else set())
            session.held = False
            session.commit()
        except BaseException:
            self._known = None  # what it says was not stored
            raise
        finally:
            self._pending = []
            session.held = False
            session.close()  # which rolls back what was not committed

    def create(self, study: optuna.Study, number: int, state: TrialState) -> int:
        """Create the next trial; its id."""
        if self._sessions is None or self._known is None:
            template = create_trial(state=state) if state is TrialState.WAITING else None
            new: int = waiting(self.backend.create_new_trial, study_id(study), template)
            return new
        with self.together():
            return create(self._sessions(), study_id(study), number, state)

    def write(self, *writes: Write) -> None:
        """Write about trials; values of epochs at the next `flush` or transaction."""
        if self._sessions is None or self._known is None:
            for item in writes:
                waiting(item.apply, self.backend)
            return
        self._pending += writes
        if not all(isinstance(item, StepValue) for item in writes):
            self.flush()

    def flush(self) -> None:
        """Store what waits for it."""
        if self._pending:
            with self.together():
                pass


def waiting(operation: Callable[..., Any], *args: object, **kwargs: object) -> Any:
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
