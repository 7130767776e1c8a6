"""One run of a search: from an owned study to its outcome."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autotrain.analysis.measurements import write_measured
from autotrain.analysis.study import Study, write_facts
from autotrain.api.options import SearchOptions
from autotrain.catalog.constraints import facts_of, problems
from autotrain.catalog.families import model_of, structure_of
from autotrain.catalog.hyperparameters import HYPERPARAMETERS
from autotrain.data import data_folder
from autotrain.engines.callbacks import Observer, Segments
from autotrain.engines.coordinator import Coordinator
from autotrain.engines.inline import InlineEngine
from autotrain.engines.resources import Slot
from autotrain.engines.trainable import (
    FunctionRunner,
    FunctionSetup,
    KerasSetup,
    Objective,
    Runner,
)
from autotrain.engines.worker_handle import Launcher
from autotrain.errors import AutotrainError, ConfigurationError
from autotrain.paths import StudyPaths, Workspace
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.storage.recorder import Entry
from autotrain.storage.settings import StudySettings
from autotrain.tuner.session import StudySession


@dataclass(frozen=True)
class Outcome:
    """How a search ended.

    Attributes:
        created: trials that this run created.
        seconds: wall time; `train_seconds`: sum over workers of time in training steps.
        interrupted: by Ctrl-C; `timed_out` and `reached_target` likewise.
    """

    study: Study
    created: int
    workers: int
    seconds: float
    train_seconds: float
    interrupted: bool = False
    timed_out: bool = False
    reached_target: bool = False

    @property
    def has_news(self) -> bool:
        """Whether this run trained something, and came to its end."""
        return not self.interrupted and bool(self.created or self.train_seconds)


@dataclass
class SearchRun:
    """One run of a search, from an owned study to its outcome."""

    settings: StudySettings
    paths: StudyPaths
    workspace: Workspace
    storage: StudyStorage
    url: str
    options: SearchOptions
    objective: Objective | None
    observer: Observer | None
    slots: Sequence[Slot]
    trials: int
    launcher: Launcher

    def run(self, queue: Iterable[Mapping[str, Any]]) -> Outcome:
        """Search, write the best model, and say how it ended."""
        began = time.monotonic()
        slots = self.slots
        session = StudySession(
            self.settings,
            self.paths,
            self.storage,
            trials=self.trials,
            sampler=self.options.sampler,
            target=self.options.stop_at,
            structure=self._structure(),
            problems=self._problems(),
            threads=slots[0].threads if slots else None,
            retries=self.options.max_retries,
            tunable=self._tunable(),
        )
        before, observer = session.created, self.observer or Observer()
        observer.opened(session)
        session.enqueue(queue)
        engine = self._engine(session, slots)
        interrupted = False
        if not session.is_over or self._best_to_write(session):
            with interruptible(engine, observer) as interruption:
                self._run_engine(engine, session)
            interrupted = interruption()
        study = Study(self.settings, self.paths, self.url)
        return Outcome(
            study,
            session.created - before,
            max(1, len(slots)),
            time.monotonic() - began,
            session.train_seconds,
            interrupted,
            session.draining and not interrupted and not session.reached_target,
            session.reached_target,
        )

    def _run_engine(self, engine: Any, session: StudySession) -> None:
        at_once = True
        try:
            engine.run()
            best = self._best_to_write(session)
            if best is not None:
                self._write_card(best, engine.do("save_model", best, self.paths.best_model))
                if self.options.report:
                    self._measure(engine, best)
            at_once = False
        finally:
            engine.close(at_once)

    def _measure(self, engine: Any, best: Entry) -> None:
        """What report and leaderboard show of a model; they can do it themselves, later."""
        files, info = self.paths.trial(best.number), self.settings.data
        assert info is not None
        try:
            write_measured(files, info.task, engine.do("measure", best, files.outputs))
        except AutotrainError as error:
            (self.observer or Observer()).note(f"the best model could not be measured: {error}")

    def _structure(self) -> Callable[[Mapping[str, Any]], Any]:
        if self.objective is not None:
            return lambda params: None
        space = self.settings.space
        return lambda params: structure_of(model_of(space, params), params)

    def _tunable(self) -> Callable[[str], bool]:
        if self.objective is not None:
            return lambda name: True
        known = HYPERPARAMETERS
        return lambda name: name in known and not known[name].structural

    def _problems(self) -> Callable[[Mapping[str, Any]], list[str]]:
        info, space = self.settings.data, self.settings.space
        if info is None:
            return lambda params: []
        facts = facts_of(info, self.settings.epochs, self.settings.teacher is not None)
        return lambda params: problems(model_of(space, params), params, facts)

    def _engine(self, session: StudySession, slots: Sequence[Slot]) -> Any:
        timeout = self.options.timeout or self.settings.space.budget.timeout
        deadline = time.monotonic() + timeout if timeout else None
        observer = Segments(self.paths.segments, self.observer or Observer())
        if not slots:
            return InlineEngine(session, self._inline_runner(), observer, deadline)
        setup = self._setup(slots)
        patience = self.options.hang_timeout
        return Coordinator(session, slots, setup, self.launcher, observer, deadline, patience)

    def _inline_runner(self) -> Runner:
        if self.objective is not None:
            return FunctionRunner(self.objective)
        os.environ.setdefault("KERAS_BACKEND", self.settings.backend)
        return self._setup(()).build()

    def _setup(self, slots: Sequence[Slot]) -> Any:
        if self.objective is not None:
            import cloudpickle

            try:
                return FunctionSetup(cloudpickle.dumps(self.objective))
            except Exception as error:
                raise ConfigurationError(
                    f"the objective cannot travel to a worker process ({error}): "
                    "let it create what it needs itself, or search with workers=0"
                ) from error
        info = self.settings.data
        assert info is not None
        folder = data_folder(self.workspace.data, info.fingerprint).resolve()
        slot = slots[0] if slots else None
        memory, resident = (slot.memory_mb, slot.resident_mb) if slot else (None, None)
        teacher = self.paths.teacher.resolve() if self.settings.teacher else None
        return KerasSetup(folder, info, memory_mb=memory, resident_mb=resident, teacher=teacher)

    def _best_to_write(self, session: StudySession) -> Entry | None:
        """The best trial when its model is not in `best/` yet."""
        best = session.best()
        if best is None or self.objective is not None or not self._has_weights(best):
            return None
        try:
            card = json.loads(self.paths.best_card.read_text("utf-8"))
            done = card["trial"] == best.number and card["study_id"] == self.settings.id
        except (OSError, ValueError, KeyError):
            done = False
        return None if done and self.paths.best_model.exists() else best

    def _has_weights(self, entry: Entry) -> bool:
        return self.paths.trial(entry.number).weights.exists()

    def _write_card(self, best: Entry, facts: Mapping[str, Any]) -> None:
        names = [objective.metric for objective in self.settings.space.objectives]
        info = self.settings.data
        card = {
            "study": self.settings.name,
            "study_id": self.settings.id,
            "trial": best.number,
            "best_epoch": best.best_epoch,
            "metrics": dict(zip(names, best.values, strict=True)),
            "params": best.params,
            "classes": list(info.class_names) if info else [],
            "input_shape": list(info.input_shape) if info else [],
            "data": info.source if info else None,
            "fingerprint": info.fingerprint if info else None,
            **facts,
        }
        write_facts(self.paths.best_card, card)


@contextmanager
def interruptible(engine: Any, observer: Observer) -> Iterator[Callable[[], bool]]:
    """Within, the first Ctrl-C (or SIGTERM) asks the engine to stop, the second leaves at once."""
    count = 0

    def handle(signum: int, frame: Any) -> None:
        nonlocal count
        count += 1
        if count > 1:
            engine.close(at_once=True)
            raise KeyboardInterrupt
        engine.stop()
        observer.note("stopping: running trials finish their epoch; Ctrl-C again leaves at once")

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    previous = {s: signal.signal(s, handle) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: count > 0
    except KeyboardInterrupt:
        count = max(count, 1)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
