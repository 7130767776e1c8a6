"""A copy of a study in a tool that the user looks at already: TensorBoard or MLflow.

A tracker only follows. What counts is in the study's folder and its storage, so a tool that is gone
costs nothing but its copy, and whatever it missed is sent when it is back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata

from autotrain.engines.callbacks import Observer
from autotrain.errors import ConfigurationError, MissingExtraError, nearest
from autotrain.paths import StudyPaths, Workspace
from autotrain.storage.settings import StudySettings
from autotrain.trackers.base import Tracker, Tracking

Factory = Callable[[StudySettings, StudyPaths, Workspace], Tracker]


def _tensorboard(settings: StudySettings, paths: StudyPaths, workspace: Workspace) -> Tracker:
    from autotrain.trackers.tensorboard import EventFiles

    return EventFiles(settings, paths)


def _mlflow(settings: StudySettings, paths: StudyPaths, workspace: Workspace) -> Tracker:
    from autotrain.trackers.mlflow import MlflowRuns

    return MlflowRuns(settings, paths, workspace)


# The package that must be there, which is also installed by larger ones, and what makes the tracker.
TRACKERS: dict[str, tuple[str, Factory]] = {
    "tensorboard": ("tensorboard", _tensorboard),
    "mlflow": ("mlflow-skinny", _mlflow),
}


def check_tracker(name: str) -> None:
    """See that a search can be tracked so, before it starts.

    Raises:
        ConfigurationError: there is no such tool.
        MissingExtraError: its package is not installed.
    """
    if name not in TRACKERS:
        hint = nearest(name, TRACKERS)
        raise ConfigurationError(
            f"--track is one of {', '.join(TRACKERS)}, got {name!r}"
            + (f" ({hint})" if hint else "")
        )
    try:
        metadata.version(TRACKERS[name][0])
    except metadata.PackageNotFoundError:
        raise MissingExtraError(f"--track {name}", name) from None


@contextmanager
def tracked(
    name: str | None,
    settings: StudySettings,
    paths: StudyPaths,
    workspace: Workspace,
    observer: Observer,
) -> Iterator[Observer]:
    """Within, what the yielded observer hears goes to the tool too; at the end the best model.

    Args:
        name: of the tool, or None for none.
        observer: hears everything as well.

    Raises:
        ConfigurationError: the place to track to is none.
    """
    if name is None:
        yield observer
        return
    tracking = Tracking(TRACKERS[name][1](settings, paths, workspace), name, observer)
    failed = True
    try:
        yield tracking
        failed = False
    finally:
        tracking.close(failed)
