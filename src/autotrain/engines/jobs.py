"""From a trial of the study to the job that a worker trains."""

from __future__ import annotations

from autotrain.study.confirming import Confirmation
from autotrain.study.recorder import Entry
from autotrain.study.session import StudySession
from autotrain.training.families import model_of
from autotrain.training.job import Job


def job_of(session: StudySession | Confirmation, entry: Entry) -> Job:
    """The job that trains `entry` from where it stands."""
    folder = session.paths.trial(entry.number)
    objective = session.objectives[0]
    return Job(
        model=model_of(session.settings.space, entry.params),
        params=entry.params,
        seed=session.seed(entry.number),
        epochs=session.settings.epochs,
        metric=objective.metric,
        direction=objective.direction,
        checkpoint=folder.checkpoint,
        weights=folder.weights,
        further=tuple(other.metric for other in session.objectives[1:]),
    )
