"""One coordinator owns a study, through locks that its death releases."""

from __future__ import annotations

import json
import os
import socket
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import sqlalchemy
from filelock import FileLock, Timeout

from autotrain.errors import StudyLockedError
from autotrain.paths import lock_owner


@contextmanager
def study_lock(study: str, lock_file: Path, storage_url: str) -> Iterator[None]:
    """Hold a study: a file lock in its folder and, on a server, a lock in the database.

    Raises:
        StudyLockedError: another process holds it; names its pid and host.
    """
    with ExitStack() as stack:
        stack.enter_context(_file_lock(study, lock_file))
        stack.enter_context(_server_lock(study, storage_url))
        yield


@contextmanager
def _file_lock(study: str, path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    owner = lock_owner(path)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _locked(study, _owner_text(owner)) from None
    try:
        owner.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _owner_text(path: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        owner = json.loads(path.read_text())
        return f"process {owner['pid']} on {owner['host']}"
    return "another process"


def owner_of(lock_file: Path) -> str | None:
    """Who searches a study now, as `process 123 on HOST`; None when nobody does.

    The lock itself is not touched: a search that begins at this moment would be refused.
    """
    path = lock_owner(lock_file)
    with suppress(OSError, ValueError, KeyError):
        owner = json.loads(path.read_text())
        elsewhere = owner["host"] != socket.gethostname()
        if elsewhere or psutil.pid_exists(owner["pid"]):
            return _owner_text(path)
    return None


def _locked(study: str, owner: str) -> StudyLockedError:
    return StudyLockedError(
        f"the study '{study}' is being searched by {owner}: "
        "wait until it ends, or choose another name with --study"
    )


# Each asks for the lock, with `key` a 63-bit number and `name` a text; a held one answers 0.
_SERVER_LOCKS = {
    "postgresql": "SELECT pg_try_advisory_lock(:key)",
    "mysql": "SELECT GET_LOCK(:name, 0)",
    "mariadb": "SELECT GET_LOCK(:name, 0)",
}


@contextmanager
def _server_lock(study: str, url: str) -> Iterator[None]:
    dialect = sqlalchemy.engine.make_url(url).get_backend_name()
    if dialect not in _SERVER_LOCKS:
        yield
        return
    key = zlib.crc32(study.encode()) | (0x6175746F << 32)
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    # The lock lives as long as this connection, and the server notices when the process dies.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        arguments = {"key": key, "name": f"autotrain-{key:x}"}
        statement = sqlalchemy.text(_SERVER_LOCKS[dialect])
        wanted = {name: arguments[name] for name in statement.compile().params}
        if not connection.execute(statement, wanted).scalar():
            raise _locked(study, f"another process on {sqlalchemy.engine.make_url(url).host}")
        yield
