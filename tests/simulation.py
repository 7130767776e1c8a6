"""A simulated search: the real session, a pure objective, workers that can die at any point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import optuna
import pytest

from autotrain.analysis.study import Study
from autotrain.paths import StudyPaths, Workspace
from autotrain.space import Choice, Fixed, Float, Int, Space
from autotrain.storage.optuna_storage import StudyStorage, open_storage, sqlite_url
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, Epoch, Params, Trial, TrialStatus
from autotrain.tuner.samplers import sampler_of
from autotrain.tuner.schedulers import scheduler_of
from autotrain.tuner.session import StudySession

Curve = Callable[[Mapping[str, Any], int], Any]


class Killed(BaseException):
    """The owner's process ends here."""


def accuracy(params: Mapping[str, Any], epoch: int) -> float:
    """A learning curve: rising, with a height that depends on every numeric parameter."""
    height = 0.9 - 0.08 * (math.log10(params.get("lr", 1e-2)) + 2) ** 2
    height -= (
        0.02 * abs(params.get("depth", 2) - 2) + 0.1 * (params.get("momentum", 0.9) - 0.9) ** 2
    )
    height -= 0.0005 * abs(params.get("width", 32) - 32) + 1e-5 * params.get("units", 16)
    return height * (1 - math.exp(-epoch / 3))


def conditional_space(metric: str = "val_accuracy", direction: str = "maximize") -> Space:
    """Every kind of parameter, and conditions two deep."""
    parameters = {
        "depth": Int(1, 4),
        "width": Int(8, 64, step=8),
        "units": Int(16, 512, log=True),
        "optimizer": Choice(["sgd", "adam"]),
        "momentum": Float(0.5, 0.99, when={"optimizer": "sgd"}),
        "nesterov": Choice([True, False], when={"optimizer": "sgd"}),
        "damping": Float(0.0, 1.0, step=0.25, when={"nesterov": True}),
        "lr": Float(1e-4, 1e-1, log=True),
        "batch_size": Fixed(32),
        "note": Fixed("x", when={"optimizer": "adam"}),
    }
    return Space(parameters, {"metric": metric, "direction": direction})


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


@dataclass(frozen=True)
class SimulatedTrainable:
    """Trains nothing; tests say what it knows of configurations."""

    signature: Callable[[Params], Any] = lambda params: None
    problems: Callable[[Params], list[str]] = lambda params: []
    tunable: Callable[[str], bool] = lambda name: True

    def open(self) -> Any:
        raise NotImplementedError


class LabSession(StudySession):
    """A session whose trials go to one worker."""

    def take(self, known: Any = (), elsewhere: Any = ()) -> Trial | None:
        """The trial to train next, which a worker has from now on."""
        trial = self.next_trial(known, elsewhere)
        return None if trial is None else self.on_assigned(trial.number, 0)


@dataclass
class Worker:
    """Trains one trial, an epoch a step; its checkpoint is a file with the epoch in it."""

    session: StudySession
    trial: Trial
    curve: Curve
    crash: Callable[[str], None]

    def __post_init__(self) -> None:
        self.file = self.session.paths.trial(self.trial.number).checkpoint
        self.epoch = int(self.file.read_text()) if self.file.exists() else 0

    def step(self) -> bool:
        """Train an epoch; whether the worker has still something to do."""
        number, session = self.trial.number, self.session
        if self.epoch >= session.settings.epochs:
            session.on_completed(number)
            self.crash("told")
            return False
        self.epoch += 1
        try:
            found = self.curve(self.trial.params, self.epoch)
        except Exception as error:
            session.on_failed(number, f"{type(error).__name__}: {error}", "the traceback")
            return False
        metrics = found if isinstance(found, dict) else {session.objective.metric: found}
        self.crash("trained")
        decision = session.report(number, Epoch(self.epoch, metrics, 0.5))
        self.crash("reported")
        if decision is Decision.CONTINUE:
            return True
        if decision is Decision.STOP:
            session.paths.trial(number).weights.write_text("weights")
            session.on_stopped(number)
        else:
            self.file.write_text(str(self.epoch))
            self.crash("saved")
            if self.epoch >= session.settings.epochs:
                session.on_completed(number)
            else:
                session.on_paused(number)
        self.crash("told")
        return False


def never(event: str) -> None:
    """No crash."""


def drive(
    session: LabSession, curve: Curve = accuracy, workers: int = 1, crash: Any = never
) -> LabSession:
    """Search to the end with some simulated workers, in turns."""
    busy: list[Worker] = []
    while True:
        while len(busy) < workers and (trial := session.take()) is not None:
            crash("asked")
            busy.append(Worker(session, trial, curve, crash))
        if not busy:
            break
        busy = [worker for worker in busy if worker.step()]
    session.finish()
    return session


class CrashAt:
    """Dies at the n-th event (of one kind, if given)."""

    def __init__(self, n: int, kind: str | None = None) -> None:
        self.n, self.kind = n, kind

    def __call__(self, event: str) -> None:
        if self.kind in (None, event):
            self.n -= 1
            if self.n == 0:
                raise Killed


@dataclass
class Lab:
    """Opens sessions of one study again and again, as further runs of the same search would."""

    folder: Path
    url: str | None = None  # None: in memory
    settings: StudySettings = field(
        default_factory=lambda: StudySettings(
            "lab", conditional_space(), 9, 7, "none", "function", id="lab-id"
        )
    )
    _memory: Any = None

    def set(self, **changes: Any) -> Lab:
        """Other settings of the study, before it is opened."""
        self.settings = replace(self.settings, **changes)
        return self

    def storage(self, writes: int | None = None) -> StudyStorage:
        """The study's storage, opened anew; with `writes`, it dies before the next one."""
        if self.url is not None:
            storage = open_storage(self.url)
        else:
            self._memory = self._memory or optuna.storages.InMemoryStorage()
            storage = StudyStorage(self._memory)
        if writes is not None:
            storage.backend = MortalBackend(storage.backend, writes)
        return storage

    @property
    def paths(self) -> StudyPaths:
        return Workspace(self.folder).study(self.settings.name)

    def open(
        self,
        trials: int = 16,
        *,
        writes: int | None = None,
        sampler: Any = "tpe",
        pruner: Any = None,
        **options: Any,
    ) -> LabSession:
        """The next run of the search."""
        names = ("signature", "problems", "tunable")
        known = {name: options.pop(name) for name in names if name in options}
        chosen = sampler_of(sampler)
        chosen.check(self.settings.space)
        return LabSession(
            self.settings,
            self.paths,
            self.storage(writes),
            SimulatedTrainable(**known),
            chosen,
            scheduler_of(self.settings, pruner),
            trials=trials,
            **options,
        )

    def search(self, trials: int = 16, curve: Curve = accuracy, **options: Any) -> LabSession:
        """Open and search to the end."""
        workers, crash = options.pop("workers", 1), options.pop("crash", never)
        return drive(self.open(trials, **options), curve, workers, crash)

    def stored(self) -> list[optuna.trial.FrozenTrial]:
        """The trials as plain Optuna shows them."""
        name = self.settings.name
        storage: Any = self._memory if self.url is None else self.url
        return optuna.load_study(study_name=name, storage=storage).trials

    def study(self) -> Study:
        """The study as a user reads it."""
        assert self.url is not None
        return Study(self.settings, self.paths, self.url)


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
    """What tests use of this file: `import conftest` would be ambiguous."""

    Killed = Killed
    CrashAt = CrashAt
    drive = staticmethod(drive)
    accuracy = staticmethod(accuracy)
    conditional_space = staticmethod(conditional_space)

    @staticmethod
    def trials(session: StudySession) -> list[Trial]:
        """Those that were started, by number."""
        return [t for _, t in sorted(session.trials.items()) if not t.queued]

    @staticmethod
    def params(session: StudySession) -> list[Params]:
        return [trial.params for trial in Tools.trials(session)]

    @staticmethod
    def states(session: StudySession) -> list[str]:
        """As the storage has them, to which a paused trial is RUNNING."""
        shown = {"PAUSED": "RUNNING"}
        return [shown.get(t.status, str(t.status)) for t in Tools.trials(session)]

    @staticmethod
    def values(session: StudySession) -> list[tuple[float, ...]]:
        return [trial.values for trial in Tools.trials(session)]

    @staticmethod
    def count(session: StudySession, status: str) -> int:
        return sum(t.status is TrialStatus[status] for t in session.trials.values())

    @staticmethod
    def report(session: StudySession, trial: Trial, values: Iterable[float]) -> Decision:
        """Report the next epochs; the last decision."""
        decision = Decision.CONTINUE
        for value in values:
            epoch = session.trials[trial.number].last_epoch + 1
            record = Epoch(epoch, {session.objective.metric: value}, 0.5)
            decision = session.report(trial.number, record)
        return decision


@pytest.fixture
def tools() -> type[Tools]:
    return Tools
