"""A real session whose trials nobody trains; for benchmarks of what it decides and records."""

from __future__ import annotations

from autotrain.engines.function_trainable import FunctionTrainable
from autotrain.paths import StudyPaths
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.storage.settings import StudySettings
from autotrain.tuner.samplers import sampler_of
from autotrain.tuner.samplers.base import Sampler
from autotrain.tuner.schedulers import scheduler_of
from autotrain.tuner.session import StudySession


def open_session(
    settings: StudySettings,
    paths: StudyPaths,
    storage: StudyStorage,
    sampler: str | Sampler,
    trials: int,
) -> StudySession:
    """The next run of a search."""
    nobody = FunctionTrainable(print)  # which is never called
    chosen = sampler if isinstance(sampler, Sampler) else sampler_of(sampler)
    return StudySession(
        settings, paths, storage, nobody, chosen, scheduler_of(settings), trials=trials
    )
