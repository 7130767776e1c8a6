"""The whole path in order, for Python and for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autotrain.analysis.study import Study, load_study, storage_of
from autotrain.api.data import with_data
from autotrain.api.distill import (
    check_options,
    open_teacher,
    student_of,
    teacher_of,
    write_lesson,
)
from autotrain.api.options import (
    DEFAULT_TRIALS,
    SearchOptions,
    checked,
    settings_of,
    storage_path_of,
)
from autotrain.api.search_run import Outcome, SearchRun
from autotrain.api.train import train_config
from autotrain.api.workplace import workplace
from autotrain.catalog.compatibility import check_space
from autotrain.catalog.constraints import check_feasible, facts_of
from autotrain.engines.callbacks import Observer
from autotrain.engines.resources import Slot
from autotrain.engines.trainable import Objective, check_objective
from autotrain.engines.worker_handle import Launcher
from autotrain.errors import ConfigurationError
from autotrain.paths import StudyPaths, Workspace
from autotrain.space import Space, load_space
from autotrain.storage.lock import own
from autotrain.storage.optuna_storage import open_storage
from autotrain.storage.settings import (
    StudySettings,
    check_unchanged,
    read_settings,
    write_settings,
)
from autotrain.trackers import tracked
from autotrain.tuner.samplers.optuna import check_sampler
from autotrain.tuner.schedulers.pbt import strategy_of

__all__ = [
    "Outcome",
    "SearchOptions",
    "distill",
    "load_study",
    "run_search",
    "search",
    "train_config",
]


def search(
    space: str | Path | Space,
    data: str | None = None,
    *,
    objective: Objective | None = None,
    overrides: Mapping[str, Any] | None = None,
    observer: Observer | None = None,
    **options: Any,
) -> Study:
    """Search a space, or go on with a search, and return the study.

    Args:
        space: the name of a shipped space, the path of a YAML file, or a `Space`.
        data: a built-in name or a path; overrides the space's own. Of a table, `target` names the
            column to predict.
        objective: a training loop of one's own, `function(params, reporter)`, instead of the
            space's model. It runs in worker processes, or in this one with `workers=0`.
        overrides: settings such as `{"learning_rate.high": 0.1}`.
        observer: shows what happens; a live table on a terminal by default.
        **options: the other fields of `SearchOptions`.

    Raises:
        AutotrainError: whatever a user can mend, see `autotrain.errors`.
        KeyboardInterrupt: after Ctrl-C, once running trials are saved; the same call resumes.
    """
    if observer is None:
        from autotrain.reports.live import default_observer

        observer = default_observer()
    try:
        chosen = SearchOptions(data=data, **options)
    except TypeError as error:
        raise ConfigurationError(f"search(): {str(error).split('__init__() ')[-1]}") from None
    outcome = run_search(space, chosen, objective, overrides or {}, observer)
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
    objective: Objective | None = None,
    overrides: Mapping[str, Any] | None = None,
    observer: Observer | None = None,
) -> Outcome:
    """Search like `search`, and say how it ended."""
    options = checked(options)
    if options.teacher is not None:
        check_options(options, overrides, objective)
        chosen = student_of(space)
    else:
        chosen = space if isinstance(space, Space) else load_space(space)
    chosen = chosen.with_overrides(overrides) if overrides else chosen
    trials = options.trials or chosen.budget.trials or DEFAULT_TRIALS
    if objective is None:
        check_space(chosen)
    with workplace(options, trials, keras=objective is None) as (slots, launcher):
        return _run_search(chosen, options, objective, observer, slots, trials, launcher)


def _run_search(
    chosen: Space,
    options: SearchOptions,
    objective: Objective | None,
    observer: Observer | None,
    slots: Sequence[Slot],
    trials: int,
    launcher: Launcher,
) -> Outcome:
    workspace, teacher = Workspace(Path(options.runs)), None
    if options.teacher is not None:
        teacher = open_teacher(options.teacher, options.runs, options.storage)
    settings = _settings(chosen, options, objective, workspace, teacher)
    check_sampler(options.sampler, settings.space)
    strategy_of(settings)  # which refuses what is impossible
    if settings.population is not None and trials < settings.population:
        raise ConfigurationError(
            f"--population {settings.population} needs as many trials, got --trials {trials}"
        )
    queue = [_enqueued(settings.space, params, i) for i, params in enumerate(options.enqueue)]
    queue += settings.space.start_from  # the user's own word comes first
    paths = workspace.study(settings.name, storage_path_of(options, workspace, settings.name))
    url = storage_of(settings, workspace, options.storage)
    workspace.root.mkdir(parents=True, exist_ok=True)
    storage = open_storage(url)
    watcher = observer or Observer()
    with own(settings.name, paths.lock, url):
        settings = _stored(settings, paths)
        if teacher is not None:
            write_lesson(teacher, settings, paths, workspace, options.gpus)
        with tracked(options.track, settings, paths, workspace, watcher) as watcher:
            outcome = SearchRun(
                settings,
                paths,
                workspace,
                storage,
                url,
                options,
                objective,
                watcher,
                slots,
                trials,
                launcher,
            ).run(queue)
            if options.report and outcome.has_news:
                _report(outcome.study, workspace, options, watcher)
    return outcome


def _settings(
    chosen: Space,
    options: SearchOptions,
    objective: Objective | None,
    workspace: Workspace,
    teacher: Study | None,
) -> StudySettings:
    """The settings of the study asked for; its data is prepared."""
    if objective is not None:
        check_objective(objective)
        return settings_of(chosen, options, None)
    chosen, info = with_data(chosen, options, workspace, teacher.settings if teacher else None)
    settings = settings_of(chosen, options, info)
    if teacher is not None:
        paths = workspace.study(settings.name)
        settings = replace(settings, teacher=teacher_of(teacher, options.ensemble, paths))
    check_feasible(settings.space, facts_of(info, settings.epochs, teacher is not None))
    return settings


def _report(study: Study, workspace: Workspace, options: SearchOptions, observer: Observer) -> None:
    """Write the report; without it a search is a success all the same."""
    from autotrain.api.report import report_of

    try:
        report_of(study, workspace, gpus=options.gpus)
    except Exception as error:
        observer.note(f"the report could not be written: {type(error).__name__}: {error}")


def _stored(settings: StudySettings, paths: StudyPaths) -> StudySettings:
    """The settings of the study as it began, which is now if it is new."""
    if paths.study.exists():
        stored = read_settings(paths.study)
        check_unchanged(stored, settings)
        return stored
    write_settings(paths.study, settings)
    return read_settings(paths.study)


def _enqueued(space: Space, params: Mapping[str, Any], index: int) -> dict[str, Any]:
    return space.check_partial(params, f"enqueued configuration {index + 1}")
