"""From a trial of the study to the job that a worker trains."""

from __future__ import annotations

from autotrain.catalog.families import model_of
from autotrain.paths import StudyPaths
from autotrain.storage.recorder import Entry
from autotrain.storage.settings import StudySettings
from autotrain.training.job import Job
from autotrain.trial import Params
from autotrain.tuner.confirmation import Confirmation
from autotrain.tuner.session import StudySession


def job_of(session: StudySession | Confirmation, entry: Entry) -> Job:
    """The job that trains `entry` from where it stands."""
    seed = session.seed(entry.number)
    return make_job(session.settings, session.paths, entry.number, entry.params, seed)


def make_job(
    settings: StudySettings, paths: StudyPaths, number: int, params: Params, seed: int
) -> Job:
    """The job of a trial of a study."""
    folder, objectives = paths.trial(number), settings.space.objectives
    return Job(
        model=model_of(settings.space, params),
        params=params,
        seed=seed,
        epochs=settings.epochs,
        metric=objectives[0].metric,
        direction=objectives[0].direction,
        checkpoint=folder.checkpoint,
        weights=folder.weights,
        further=tuple(other.metric for other in objectives[1:]),
    )
