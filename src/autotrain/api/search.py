"""`autotrain search`: from a space to a study with a best model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrain.api.best_model import best_to_write, write_best
from autotrain.api.distill import write_lesson
from autotrain.api.given_data import GivenData, as_source
from autotrain.api.interruption import interruptible
from autotrain.api.options import SearchOptions, engine_options
from autotrain.api.plan import SearchPlan, plan, request
from autotrain.api.study import Study
from autotrain.data import opening
from autotrain.engines import ENGINES, Engine
from autotrain.engines.callbacks import Callback, Callbacks, Timeline
from autotrain.engines.function_trainable import ObjectiveFunction
from autotrain.reports.live import display_of
from autotrain.space import Space
from autotrain.storage.lock import study_lock
from autotrain.storage.optuna_storage import open_storage
from autotrain.storage.settings import INDEPENDENT
from autotrain.trackers import TRACKERS, Tracker, Tracking
from autotrain.tuner.samplers import Sampler
from autotrain.tuner.schedulers import Scheduler
from autotrain.tuner.session import StudySession

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler


@dataclass(frozen=True)
class SearchResult:
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


def search(
    space: str | Path | Space,
    data: GivenData | None = None,
    *,
    objective: ObjectiveFunction | None = None,
    overrides: Mapping[str, Any] | None = None,
    callbacks: Sequence[Callback] = (),
    display: str = "auto",
    target: str | int | Sequence[str | int] | None = None,
    ignore: str | int | Sequence[str | int] | None = None,
    study: str | None = None,
    trials: int | None = None,
    timeout: float | None = None,
    epochs: int | None = None,
    stop_at: float | None = None,
    engine: str = "local",
    address: str | None = None,
    cpus_per_trial: int | None = None,
    gpus_per_trial: float = 0.0,
    storage_path: str | None = None,
    sampler: str | Sampler | BaseSampler = "tpe",
    pruner: str | Scheduler | BasePruner = "asha",
    strategy: str = INDEPENDENT,
    population: int | None = None,
    interval: int | None = None,
    workers: int | None = None,
    gpus: str = "all",
    trials_per_gpu: int = 1,
    backend: str | None = None,
    storage: str | None = None,
    runs: str | Path = "runs",
    seed: int = 0,
    common_seed: bool = False,
    enqueue: Sequence[Mapping[str, Any]] = (),
    first_rung: int | None = None,
    hang_timeout: float = 600.0,
    max_retries: int = 2,
    report: bool = True,
    track: str | Tracker | None = None,
    teacher: str | None = None,
    ensemble: int = 1,
) -> Study:
    """Search a space, or go on with a search, and return the study.

    Args:
        space: the name of a shipped space, the path of a YAML file, or a `Space`.
        data: a built-in name, a path, or data in Python (`GivenData`); overrides the space's own.
        objective: a training loop of one's own, `function(params, reporter)`, instead of the
            space's model. It runs in worker processes, or in this one with `workers=0`.
        overrides: settings such as `{"learning_rate.high": 0.1}`.
        callbacks: told what happens.
        display: `auto` shows a live table on a terminal and lines elsewhere; or `lines`, `json`,
            `none`.
        target: the column of a table to predict, or several; overrides the space's own.
        ignore: columns of a table to leave unread; overrides the space's own.
        study: the study's name; by default the space's, and the data's where it is overridden.
        trials: the study's total; by default the space's, or 50.
        timeout: seconds after which running trials checkpoint and the search ends.
        epochs: the full length of a trial; by default the space's, or 30.
        stop_at: value of the first objective at which the search ends.
        sampler: a name, an object with a method `suggest` (`autotrain.Sampler`), or one of Optuna's
            samplers.
        pruner: a name, an object with a method `decide` (`autotrain.Scheduler`), or one of Optuna's
            pruners.
        engine: `local`, or `ray` for a Ray cluster; the next four are for Ray.
        address: `auto` or HOST:PORT of a cluster that runs; None starts one here.
        cpus_per_trial: cores of a worker.
        gpus_per_trial: GPUs of a worker; a part of one, such as 0.5, too.
        storage_path: folder or fsspec URI that all nodes share, for checkpoints.
        max_retries: how often a trial goes on from its last checkpoint after its worker was lost.
        strategy: `independent`, or `pbt`: a population whose poor members go on from copies of
            good ones with other values (then no pruner); with `pb2` a Gaussian process chooses them.
        population: members of it, 8 by default.
        interval: epochs after which members are compared, a tenth of all by default.
        workers: processes, 0 for this one; by default one per GPU share or core.
        gpus: `all`, `none` or ids such as `0,1`.
        trials_per_gpu: workers on each GPU.
        backend: `tensorflow` or `jax`.
        storage: database URL; by default a SQLite file in `runs`.
        runs: the workspace, a folder.
        seed: of everything random.
        common_seed: train all trials with the same seed.
        enqueue: configurations to run first.
        first_rung: first epoch at which `asha` and `hyperband` judge.
        report: write `report.html` at the end.
        track: `tensorboard` or `mlflow`, to which a copy of the study goes; or a `Tracker`.
        teacher: a study from whose best trials all trials learn too, on its data and split; the
            study's name then says so by default.
        ensemble: how many of its best together are the teacher.
        hang_timeout: seconds of silence, at least, after which a worker counts as hung.

    Raises:
        AutotrainError: whatever a user can mend, see `autotrain.errors`.
        KeyboardInterrupt: after Ctrl-C, once running trials are saved; the same call resumes.
    """
    given = locals()
    given["data"], given["target"] = as_source(data, runs, target)
    options = SearchOptions(**{field.name: given[field.name] for field in fields(SearchOptions)})
    told = [display_of(display), *callbacks]
    outcome = run_search(space, options, objective, overrides or {}, told)
    if outcome.interrupted:
        raise KeyboardInterrupt
    return outcome.study


def distill(teacher: str, student: str | Path | Space, ensemble: int = 1, **options: Any) -> Study:
    """Search a space of students that learn from the best of a study, and return their study.

    Args:
        teacher: the name of its study, whose data and split are used.
        student: as the space of `search`, or the path of a trial's `config.yaml`; temperature and
            weight of the soft loss are searched too.
        ensemble: how many of the best trials together are the teacher.
        **options: those of `search`.

    Raises:
        AutotrainError: whatever a user can mend, see `autotrain.errors`.
        KeyboardInterrupt: after Ctrl-C, once running trials are saved; the same call resumes.
    """
    return search(student, teacher=teacher, ensemble=ensemble, **options)


def run_search(
    space: str | Path | Space,
    options: SearchOptions,
    objective: ObjectiveFunction | None = None,
    overrides: Mapping[str, Any] | None = None,
    callbacks: Sequence[Callback] = (),
) -> SearchResult:
    """Search like `search`, and say how it ended."""
    asked = request(space, options, objective, overrides)
    wanted = engine_options(asked.options, asked.trials, keras=asked.function is None)
    opened = ENGINES.get(asked.options.engine, "--engine")
    with opened(wanted, asked.options.hang_timeout) as engine:
        return _search(plan(asked, engine.slots), engine, callbacks)


def _search(made: SearchPlan, engine: Engine, callbacks: Sequence[Callback]) -> SearchResult:
    """Own the study, search, and write what comes of it."""
    made.workspace.root.mkdir(parents=True, exist_ok=True)
    storage = open_storage(made.storage_url)
    with study_lock(made.settings.name, made.paths.lock, made.storage_url):
        made = made.frozen()
        if made.teacher is not None:
            write_lesson(made.teacher, made.settings, made.paths, made.options.gpus)
        told = Callbacks(callbacks)
        with _tracked(made, told) as tracking:
            began = time.monotonic()
            session = StudySession(
                made.settings,
                made.paths,
                storage,
                made.trainable,
                made.sampler,
                made.scheduler,
                trials=made.trials,
                target=made.options.stop_at,
                threads=engine.slots[0].threads if engine.slots else None,
                retries=made.options.max_retries,
            )
            # Whoever keeps records hears first: a user's callback may end the search.
            everyone = Callbacks([Timeline(made.paths.segments), *tracking, told])
            outcome = _run(made, engine, session, everyone, began)
            if made.options.report and outcome.has_news:
                _report(outcome.study, made, told)
    return outcome


def _run(
    made: SearchPlan, engine: Engine, session: StudySession, callback: Callback, began: float
) -> SearchResult:
    before, interrupted = len(session.trials), False
    for line in () if session.is_over else opening(made.settings.data):
        callback.on_note(line)
    callback.on_open(session)
    session.enqueue(made.queue)
    is_core = made.settings.data is not None
    if not session.is_over or (is_core and best_to_write(session)):
        with interruptible(engine, callback) as interruption:
            _use(made, engine, session, callback, is_core)
        interrupted = interruption()
    return SearchResult(
        Study(made.settings, made.paths, made.storage_url),
        len(session.trials) - before,
        max(1, len(engine.slots)),
        time.monotonic() - began,
        session.train_seconds,
        interrupted,
        session.is_stopping and not interrupted and not session.reached_target,
        session.reached_target,
    )


def _use(
    made: SearchPlan, engine: Engine, session: StudySession, callback: Callback, is_core: bool
) -> None:
    """Search on the engine, and have it write the best model."""
    timeout = made.options.timeout or made.settings.space.budget.timeout
    at_once = True
    try:
        engine.run(session, callback, time.monotonic() + timeout if timeout else None)
        best = best_to_write(session) if is_core else None
        if best is not None:
            write_best(engine, session, best, made.options.report, callback)
        at_once = False
    finally:
        engine.close(at_once)


@contextmanager
def _tracked(made: SearchPlan, told: Callback) -> Iterator[list[Tracking]]:
    """Within, a tracker follows the search, if one was asked for.

    Raises:
        ConfigurationError: the place to track to is none.
    """
    chosen = made.options.track
    if chosen is None:
        yield []
        return
    name = chosen if isinstance(chosen, str) else type(chosen).__name__
    tracker = chosen
    if isinstance(tracker, str):
        tracker = TRACKERS.get(tracker, "--track")(made.settings, made.paths, made.workspace)
    tracking = Tracking(tracker, name, told.on_note)
    failed = True
    try:
        yield [tracking]
        failed = False
    finally:
        tracking.close(failed)


def _report(study: Study, made: SearchPlan, callback: Callback) -> None:
    """Write the report; without it a search is a success all the same."""
    from autotrain.api.report import write_report

    try:
        write_report(study, gpus=made.options.gpus)
    except Exception as error:
        callback.on_note(f"the report could not be written: {type(error).__name__}: {error}")
