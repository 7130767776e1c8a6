"""Fixtures of simulated searches, and what tests alone ask of a lab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import optuna
import pytest

from autotrain.analysis.stored_study import StoredStudy
from autotrain.storage.optuna_storage import StudyStorage, sqlite_url
from autotrain.testing import simulation
from autotrain.testing.simulation import Killed, SimulatedSession, configurations, started
from autotrain.trial import TrialStatus
from autotrain.tuner.session import StudySession


class MortalBackend:
    """Passes everything on to a storage, and dies right before its n-th write."""

    def __init__(self, backend: Any, writes: int) -> None:
        self._backend, self._left = backend, writes

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._backend, name)
        if not name.startswith(("set_", "create_", "delete_")):
            return method

        def write(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                raise Killed
            return method(*args, **kwargs)

        return write


class Lab(simulation.Lab):
    """A lab whose storage can die, and which shows what it stored."""

    def mortal_storage(self, writes: int) -> StudyStorage:
        """The storage, which dies before the write after so many."""
        storage = self.storage()
        storage.backend = MortalBackend(storage.backend, writes)
        return storage

    def open(
        self, trials: int = 16, *, writes: int | None = None, **options: Any
    ) -> SimulatedSession:
        """The next run; with `writes`, its storage dies before the write after so many."""
        if writes is not None:
            options["storage"] = self.mortal_storage(writes)
        return super().open(trials, **options)

    def stored(self) -> list[optuna.trial.FrozenTrial]:
        """The trials as plain Optuna shows them."""
        name = self.settings.name
        storage: Any = self._memory if self.url is None else self.url
        return optuna.load_study(study_name=name, storage=storage).trials

    def study(self) -> StoredStudy:
        """The study as a user reads it."""
        assert self.url is not None
        return StoredStudy(self.settings, self.paths, self.url)


@pytest.fixture(autouse=True)
def _quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture
def new_lab(tmp_path) -> Callable[..., Lab]:
    """Makes labs, each with a folder of its own; `disk=True` keeps the study in SQLite."""
    count = iter(range(1000))

    def make(disk: bool = False, **changes: Any) -> Lab:
        folder = tmp_path / f"runs{next(count)}"
        folder.mkdir()
        lab = Lab(folder, sqlite_url(folder / "studies.db") if disk else None)
        return lab.set(**changes)

    return make


@pytest.fixture
def lab(new_lab) -> Lab:
    """In memory."""
    return new_lab()


@pytest.fixture
def disk_lab(new_lab) -> Lab:
    """In SQLite."""
    return new_lab(disk=True)


@dataclass(frozen=True)
class Tools:
    """Short questions to a session."""

    Killed = Killed
    CrashAt = simulation.CrashAt
    drive = staticmethod(simulation.drive)
    accuracy = staticmethod(simulation.accuracy)
    conditional_space = staticmethod(simulation.conditional_space)
    report = staticmethod(simulation.report)
    trials = staticmethod(started)
    params = staticmethod(configurations)

    @staticmethod
    def states(session: StudySession) -> list[str]:
        """As the storage has them, to which a paused trial is RUNNING."""
        shown = {"PAUSED": "RUNNING"}
        return [shown.get(t.status, str(t.status)) for t in started(session)]

    @staticmethod
    def values(session: StudySession) -> list[tuple[float, ...]]:
        return [trial.values for trial in started(session)]

    @staticmethod
    def count(session: StudySession, status: str) -> int:
        return sum(t.status is TrialStatus[status] for t in session.trials.values())


@pytest.fixture
def tools() -> type[Tools]:
    return Tools
