"""A copy of a study in a tool that the user looks at already: TensorBoard or MLflow.

A tracker only follows. What counts is in the study's folder and its storage, so a tool that is gone
costs nothing but its copy, and whatever it missed is sent when it is back. A package adds one by an
entry point of the group `autotrain.trackers`, a function as `MakeTracker`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from autotrain.registry import Extra, Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from autotrain.paths import StudyPaths, Workspace
    from autotrain.storage.settings import StudySettings
    from autotrain.trackers.base import Tracker

__all__ = ["TRACKERS", "MakeTracker"]

MakeTracker: TypeAlias = "Callable[[StudySettings, StudyPaths, Workspace], Tracker]"


def _tensorboard(settings: StudySettings, paths: StudyPaths, workspace: Workspace) -> Tracker:
    from autotrain.trackers.tensorboard import EventFiles

    return EventFiles(settings, paths)


def _mlflow(settings: StudySettings, paths: StudyPaths, workspace: Workspace) -> Tracker:
    from autotrain.trackers.mlflow import MlflowRuns

    return MlflowRuns(settings, paths, workspace)


TRACKERS: Registry[MakeTracker] = Registry(
    "tracker",
    "autotrain.trackers",
    {"tensorboard": _tensorboard, "mlflow": _mlflow},
    extras={
        "tensorboard": Extra("tensorboard", ("tensorboard",)),
        "mlflow": Extra("mlflow", ("mlflow",)),
    },
)
