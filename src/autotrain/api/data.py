"""The data of a study: found, prepared, and checked against the space that is to learn from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np

from autotrain.api.options import SearchOptions
from autotrain.api.study_data import RecordedData
from autotrain.catalog.compatibility import (
    check_objectives,
    check_space,
    check_task,
    space_modality,
    space_task,
    wanted_modality,
)
from autotrain.catalog.families import models_of
from autotrain.data import DataInfo, data_folder, modality_named, open_arrays, prepare, task_of
from autotrain.errors import ConfigurationError
from autotrain.paths import Workspace
from autotrain.space import DataSpec, Space
from autotrain.storage.settings import StudySettings


def with_data(
    space: Space,
    options: SearchOptions,
    workspace: Workspace,
    like: StudySettings | None = None,
) -> tuple[Space, DataInfo]:
    """The space with the data to use, checked against each other, and the prepared data.

    Args:
        like: another study, whose data and split are to be used.

    Raises:
        SpaceError, ConfigurationError, DataError: they do not fit, or the data cannot be used.
    """
    check_space(space)
    if like is not None:
        return _with_data_of(space, like, workspace)
    spec = space.data or DataSpec()
    if options.data is not None:
        spec = replace(spec, source=options.data)
    if options.target is not None:
        spec = replace(spec, target=cast(Any, options.target))  # DataSpec checks and converts it
    if spec.source is None:
        raise ConfigurationError("no data: name it in the space (data: digits) or with --data")
    info = prepare(
        spec, workspace.data, options.seed, space_task(space).name, wanted_modality(space)
    )
    _check_data(space, info, workspace)
    return space.replace(data=spec), info


def _with_data_of(
    space: Space, like: StudySettings, workspace: Workspace
) -> tuple[Space, DataInfo]:
    info = prepare_again(like, workspace)
    _check_data(space, info, workspace)
    return space.replace(data=like.data_spec), info


def prepare_again(
    settings: StudySettings, workspace: Workspace, source: str | None = None
) -> DataInfo:
    """The prepared data of a study, made again if it is gone.

    Args:
        source: where the data is now, if it is no longer where the study began.

    Raises:
        DataError: it is nowhere, or not what the study was made with.
    """
    return RecordedData.of(settings, workspace).open(source)[1]


def _check_data(space: Space, info: DataInfo, workspace: Workspace) -> None:
    """Whether the models of a space read the data, and it has what the space predicts and measures."""
    modality = space_modality(space)
    if modality not in (None, info.modality):
        fitting = modality_named(info.modality).example_space
        raise ConfigurationError(
            f"the model '{' or '.join(models_of(space))}' reads {modality} data, but '{info.source}' "
            f"is {info.modality}: use a space for it, such as {fitting}"
        )
    check_task(space, info)
    targets = open_arrays(data_folder(workspace.data, info.fingerprint)).y_validation
    check_objectives(space, task_of(info), np.asarray(targets))
