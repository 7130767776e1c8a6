"""The data of a study: found, prepared, and checked against the space that is to learn from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from autotrain.api.options import SearchOptions
from autotrain.catalog.compatibility import check_space, check_task, space_modality, space_task
from autotrain.catalog.families import models_of
from autotrain.data import DataInfo, modality_named, prepare
from autotrain.errors import ConfigurationError, DataError
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
        spec = replace(spec, source=str(options.data))
    if options.target is not None:
        spec = replace(spec, target=cast(Any, options.target))  # DataSpec checks and converts it
    if options.ignore is not None:
        spec = replace(spec, ignore=cast(Any, options.ignore))
    if spec.source is None:
        raise ConfigurationError("no data: name it in the space (data: digits) or with --data")
    info = prepare(
        spec, workspace.data, options.seed, space_task(space).name, space_modality(space)
    )
    _check_data(space, info)
    return space.replace(data=spec), info


def _with_data_of(
    space: Space, like: StudySettings, workspace: Workspace
) -> tuple[Space, DataInfo]:
    spec, known = like.space.data, like.data
    assert spec is not None
    assert known is not None
    _check_data(space, known)
    return space.replace(data=spec), prepare_again(like, workspace)


def prepare_again(settings: StudySettings, workspace: Workspace) -> DataInfo:
    """The prepared data of a study, made again if it is gone.

    Raises:
        DataError: the data is not what the study was made with.
    """
    spec, info = settings.space.data, settings.data
    assert spec is not None
    assert info is not None
    now = prepare(spec, workspace.data, info.seed, info.task, info.modality)
    if now.fingerprint != info.fingerprint:
        raise DataError(
            f"the data '{info.source}' is not what the study '{settings.name}' was made with: its "
            f"fingerprint is {now.fingerprint[:12]}…, recorded is {info.fingerprint[:12]}…"
        )
    return now


def _check_data(space: Space, info: DataInfo) -> None:
    """Whether the models of a space read the data, and its task is what the data has."""
    modality = space_modality(space)
    if modality not in (None, info.modality):
        fitting = modality_named(info.modality).example_space
        raise ConfigurationError(
            f"the model '{' or '.join(models_of(space))}' reads {modality} data, but '{info.source}' "
            f"is {info.modality}: use a space for it, such as {fitting}"
        )
    check_task(space, info)
