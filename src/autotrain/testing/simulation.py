"""A simulated search: the real session, a pure objective, workers that can die at any point."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import optuna

from autotrain.paths import StudyPaths, Workspace
from autotrain.space import Choice, Fixed, Float, Int, Space
from autotrain.storage.optuna_storage import StudyStorage, open_storage
from autotrain.storage.settings import FUNCTION, StudySettings
from autotrain.training.job import Runner
from autotrain.trial import Decision, Epoch, Params, Trial, TrialStatus
from autotrain.tuner.base import Signature
from autotrain.tuner.samplers import sampler_of
from autotrain.tuner.schedulers import scheduler_of
from autotrain.tuner.session import StudySession

Curve = Callable[[Params, int], float | dict[str, float]]  # of a configuration and an epoch


class Killed(BaseException):
    """The owner's process ends here."""


def accuracy(params: Params, epoch: int) -> float:
    """A learning curve: rising, with a height that depends on every numeric parameter."""
    height = 0.9 - 0.08 * (math.log10(params.get("lr", 1e-2)) + 2) ** 2
    height -= (
        0.02 * abs(params.get("depth", 2) - 2) + 0.1 * (params.get("momentum", 0.9) - 0.9) ** 2
    )
    height -= 0.0005 * abs(params.get("width", 32) - 32) + 1e-5 * params.get("units", 16)
    return float(height * (1 - math.exp(-epoch / 3)))


def conditional_space(metric: str = "val_accuracy", direction: str = "maximize") -> Space:
    """Every kind of parameter, and conditions two deep."""
    parameters: dict[str, Int | Float | Choice | Fixed] = {
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


@dataclass(frozen=True)
class SimulatedTrainable:
    """Trains nothing; a test says what it knows of configurations."""

    signature: Callable[[Params], Hashable] = lambda params: None
    problems: Callable[[Params], list[str]] = lambda params: []
    tunable: Callable[[str], bool] = lambda name: True

    def open(self) -> Runner:
        """Nobody trains here."""
        raise NotImplementedError


class SimulatedSession(StudySession):
    """A session whose trials go to one worker."""

    def take(
        self, known: Collection[Signature] = (), elsewhere: Collection[Signature] = ()
    ) -> Trial | None:
        """The trial to train next, which a worker has from now on."""
        trial = self.next_trial(known, elsewhere)
        return None if trial is None else self.on_assigned(trial.number, 0)


def never(event: str) -> None:
    """No crash."""


class CrashAt:
    """Dies at the n-th event (of one kind, if given)."""

    def __init__(self, n: int, kind: str | None = None) -> None:
        self.n, self.kind = n, kind

    def __call__(self, event: str) -> None:
        """An event happened."""
        if self.kind in (None, event):
            self.n -= 1
            if self.n == 0:
                raise Killed


@dataclass
class SimulatedWorker:
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
        self._leave(decision)
        self.crash("told")
        return False

    def _leave(self, decision: Decision) -> None:
        number, session = self.trial.number, self.session
        if decision is Decision.STOP:
            session.paths.trial(number).weights.write_text("weights")
            session.on_stopped(number)
            return
        self.file.write_text(str(self.epoch))
        self.crash("saved")
        if self.epoch >= session.settings.epochs:
            session.on_completed(number)
        else:
            session.on_paused(number)


def drive(
    session: SimulatedSession,
    curve: Curve = accuracy,
    workers: int = 1,
    crash: Callable[[str], None] = never,
) -> SimulatedSession:
    """Search to the end with some simulated workers, in turns."""
    busy: list[SimulatedWorker] = []
    while True:
        while len(busy) < workers and (trial := session.take()) is not None:
            crash("asked")
            busy.append(SimulatedWorker(session, trial, curve, crash))
        if not busy:
            break
        busy = [worker for worker in busy if worker.step()]
    session.finish()
    return session


def simulated_settings(**changes: Any) -> StudySettings:
    """A study of nine epochs in the conditional space, with some settings changed."""
    settings = StudySettings("lab", conditional_space(), 9, 7, "none", FUNCTION, id="lab-id")
    return replace(settings, **changes)


@dataclass
class Lab:
    """Opens sessions of one study again and again, as further runs of the same search would.

    Attributes:
        url: of a database; None keeps the study in memory.
    """

    folder: Path
    url: str | None = None
    settings: StudySettings = field(default_factory=simulated_settings)
    _memory: optuna.storages.BaseStorage | None = None

    def set(self, **changes: Any) -> Lab:
        """Other settings of the study, before it is opened."""
        self.settings = replace(self.settings, **changes)
        return self

    def storage(self) -> StudyStorage:
        """The study's storage, opened anew."""
        if self.url is not None:
            return open_storage(self.url)
        self._memory = self._memory or optuna.storages.InMemoryStorage()
        return StudyStorage(self._memory)

    @property
    def paths(self) -> StudyPaths:
        """Files of the study."""
        return Workspace(self.folder).study(self.settings.name)

    def open(
        self,
        trials: int = 16,
        *,
        sampler: object = "tpe",
        pruner: object = None,
        storage: StudyStorage | None = None,
        **options: Any,
    ) -> SimulatedSession:
        """The next run of the search.

        Args:
            options: of `SimulatedTrainable` or of `StudySession`.
        """
        names = ("signature", "problems", "tunable")
        known = {name: options.pop(name) for name in names if name in options}
        chosen = sampler_of(sampler)
        chosen.check(self.settings.space)
        return SimulatedSession(
            self.settings,
            self.paths,
            storage or self.storage(),
            SimulatedTrainable(**known),
            chosen,
            scheduler_of(self.settings, pruner),
            trials=trials,
            **options,
        )

    def search(
        self,
        trials: int = 16,
        curve: Curve = accuracy,
        *,
        workers: int = 1,
        crash: Callable[[str], None] = never,
        **options: Any,
    ) -> SimulatedSession:
        """Open and search to the end."""
        return drive(self.open(trials, **options), curve, workers, crash)


def started(session: StudySession) -> list[Trial]:
    """All trials but the queued ones, by number."""
    return [trial for trial in session.trials.values() if not trial.queued]


def configurations(session: StudySession) -> list[Params]:
    """Of all started trials, by number."""
    return [trial.params for trial in started(session)]


def statuses(session: StudySession) -> list[TrialStatus]:
    """Of all started trials, by number."""
    return [trial.status for trial in started(session)]


def report(session: StudySession, trial: Trial, values: Iterable[float]) -> Decision:
    """Report the next epochs of a trial; the last decision."""
    decision = Decision.CONTINUE
    for value in values:
        epoch = session.trials[trial.number].last_epoch + 1
        metrics: Mapping[str, float] = {session.objective.metric: value}
        decision = session.report(trial.number, Epoch(epoch, metrics, 0.5))
    return decision
