"""Everything of a search, decided: what cannot be done is refused here, once and in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autotrain.analysis.stored_study import StoredStudy
from autotrain.analysis.workspace import storage_of
from autotrain.api.data import with_data
from autotrain.api.distill import check_options, open_teacher, student_of, teacher_of
from autotrain.api.options import (
    DEFAULT_TRIALS,
    SearchOptions,
    checked,
    settings_of,
    storage_path_of,
)
from autotrain.catalog.compatibility import check_space
from autotrain.catalog.constraints import check_feasible, facts_of
from autotrain.data import data_folder
from autotrain.engines.function_trainable import FunctionTrainable, ObjectiveFunction
from autotrain.engines.keras_trainable import KerasTrainable
from autotrain.engines.resources import Slot
from autotrain.errors import ConfigurationError
from autotrain.paths import StudyPaths, Workspace
from autotrain.space import Space, load_space
from autotrain.storage.settings import (
    StudySettings,
    check_unchanged,
    read_settings,
    write_settings,
)
from autotrain.training.job import Trainable
from autotrain.trial import Params
from autotrain.tuner.samplers import sampler_of
from autotrain.tuner.samplers.base import Sampler
from autotrain.tuner.schedulers import scheduler_of
from autotrain.tuner.schedulers.base import Scheduler


@dataclass(frozen=True)
class Request:
    """What is asked for, as far as it can be checked without the data.

    Attributes:
        function: the user's own training loop; None for the shared core.
        trials: the study's total.
    """

    space: Space
    options: SearchOptions
    function: FunctionTrainable | None
    trials: int
    sampler: Sampler

    @property
    def workspace(self) -> Workspace:
        """The folder of all studies."""
        return Workspace(Path(self.options.runs))


@dataclass(frozen=True)
class SearchPlan:
    """What a search will do.

    Attributes:
        queue: configurations that run first.
        teacher: the study that the trials learn from; None for the labels alone.
    """

    settings: StudySettings
    options: SearchOptions
    workspace: Workspace
    paths: StudyPaths
    storage_url: str
    trials: int
    trainable: Trainable
    sampler: Sampler
    scheduler: Scheduler
    queue: Sequence[Params]
    teacher: StoredStudy | None = None

    def frozen(self) -> SearchPlan:
        """With the settings of the study as it began, which is now if it is new.

        Raises:
            StudyChangedError: they are others than those asked for.
        """
        if self.paths.study.exists():
            check_unchanged(read_settings(self.paths.study), self.settings)
        else:
            write_settings(self.paths.study, self.settings)
        return replace(self, settings=read_settings(self.paths.study))


def request(
    space: str | Path | Space,
    options: SearchOptions,
    objective: ObjectiveFunction | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Request:
    """Check what can be checked at once.

    Raises:
        ConfigurationError, MissingExtraError, SpaceError: it cannot be done, and why.
    """
    options = checked(options)
    if options.teacher is not None:
        check_options(options, overrides, objective)
        chosen = student_of(space)
    else:
        chosen = space if isinstance(space, Space) else load_space(space)
    chosen = chosen.with_overrides(overrides) if overrides else chosen
    function = None
    if objective is not None:
        function = FunctionTrainable(objective)
        function.check(travels=options.workers != 0)
    else:
        check_space(chosen)
    sampler = sampler_of(options.sampler)
    sampler.check(chosen)
    trials = options.trials or chosen.budget.trials or DEFAULT_TRIALS
    return Request(chosen, options, function, trials, sampler)


def plan(asked: Request, slots: Sequence[Slot]) -> SearchPlan:
    """Prepare the data, and decide all that a search needs.

    Args:
        slots: where workers run; none if trials run in this process.

    Raises:
        AutotrainError: something of it is impossible; nothing of a study was written.
    """
    options, workspace, teacher = asked.options, asked.workspace, None
    if options.teacher is not None:
        teacher = open_teacher(options.teacher, options.runs, options.storage)
    settings = _settings(asked, workspace, teacher)
    scheduler = scheduler_of(settings, options.pruner)
    if settings.population is not None and asked.trials < settings.population:
        raise ConfigurationError(
            f"--population {settings.population} needs as many trials, got --trials {asked.trials}"
        )
    queue = [
        settings.space.check_partial(params, f"enqueued configuration {i}")
        for i, params in enumerate(options.enqueue, 1)
    ]
    paths = workspace.study(settings.name, storage_path_of(options, workspace, settings.name))
    return SearchPlan(
        settings=settings,
        options=options,
        workspace=workspace,
        paths=paths,
        storage_url=storage_of(settings, workspace, options.storage),
        trials=asked.trials,
        trainable=asked.function or _keras(settings, workspace, paths, slots),
        sampler=asked.sampler,
        scheduler=scheduler,
        queue=[*queue, *settings.space.start_from],  # the user's own word comes first
        teacher=teacher,
    )


def _settings(asked: Request, workspace: Workspace, teacher: StoredStudy | None) -> StudySettings:
    """The settings of the study asked for; its data is prepared."""
    options = asked.options
    if asked.function is not None:
        return settings_of(asked.space, options, None)
    like = teacher.settings if teacher else None
    space, info = with_data(asked.space, options, workspace, like)
    settings = settings_of(space, options, info)
    if teacher is not None:
        paths = workspace.study(settings.name)
        settings = replace(settings, teacher=teacher_of(teacher, options.ensemble, paths))
    check_feasible(settings.space, facts_of(info, settings.epochs, teacher is not None))
    return settings


def _keras(
    settings: StudySettings, workspace: Workspace, paths: StudyPaths, slots: Sequence[Slot]
) -> KerasTrainable:
    info = settings.prepared
    data = data_folder(workspace.data, info.fingerprint).resolve(), info
    return KerasTrainable.of(settings, data, paths.teacher, slots[0] if slots else None)
