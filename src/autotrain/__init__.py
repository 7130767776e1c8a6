"""autotrain finds the best Keras model for your data.

Example:
    import autotrain

    study = autotrain.search("digits_cnn", trials=12)
    print(study.best_value, study.best_params)
    study.export("digits-model")

Importing the package loads no framework; each name below is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autotrain.analysis.leaderboard import Leaderboard
    from autotrain.api.dashboard import open_dashboard
    from autotrain.api.delete import delete_study
    from autotrain.api.doctor import doctor
    from autotrain.api.inspect import inspect_data
    from autotrain.api.leaderboard import leaderboard
    from autotrain.api.predict import drift, evaluate, predict
    from autotrain.api.search import distill, search
    from autotrain.api.study import Study, load_study, studies
    from autotrain.api.train import train
    from autotrain.catalog.compatibility import check_space
    from autotrain.catalog.families import ModelFamily
    from autotrain.catalog.hyperparameters import Hyperparameter
    from autotrain.catalog.json_schema import json_schema
    from autotrain.data.dataset import Dataset
    from autotrain.data.sources.base import DataSource
    from autotrain.engines.callbacks import Callback
    from autotrain.engines.function_trainable import Reporter
    from autotrain.errors import AutotrainError
    from autotrain.export.formats.base import ExportFormat
    from autotrain.space import (
        Budget,
        Choice,
        DataSpec,
        Fixed,
        Float,
        Int,
        Objective,
        Space,
        load_space,
        shipped_spaces,
    )
    from autotrain.trackers.base import Tracker
    from autotrain.trial import Decision, Epoch, Trial, TrialStatus
    from autotrain.tuner.samplers.base import Sampler
    from autotrain.tuner.schedulers.base import Fork, Resume, Scheduler, Wait
    from autotrain.tuner.view import StudyView

_WHERE = {
    "autotrain.analysis.leaderboard": ("Leaderboard",),
    "autotrain.api.dashboard": ("open_dashboard",),
    "autotrain.api.delete": ("delete_study",),
    "autotrain.api.doctor": ("doctor",),
    "autotrain.api.inspect": ("inspect_data",),
    "autotrain.api.leaderboard": ("leaderboard",),
    "autotrain.api.predict": ("drift", "evaluate", "predict"),
    "autotrain.api.search": ("distill", "search"),
    "autotrain.api.study": ("Study", "load_study", "studies"),
    "autotrain.api.train": ("train",),
    "autotrain.catalog.compatibility": ("check_space",),
    "autotrain.catalog.families": ("ModelFamily",),
    "autotrain.catalog.hyperparameters": ("Hyperparameter",),
    "autotrain.catalog.json_schema": ("json_schema",),
    "autotrain.data.dataset": ("Dataset",),
    "autotrain.data.sources.base": ("DataSource",),
    "autotrain.engines.callbacks": ("Callback",),
    "autotrain.engines.function_trainable": ("Reporter",),
    "autotrain.errors": ("AutotrainError",),
    "autotrain.export.formats.base": ("ExportFormat",),
    "autotrain.space": (
        "Budget", "Choice", "DataSpec", "Fixed", "Float", "Int", "Objective", "Space", "load_space",
        "shipped_spaces",
    ),
    "autotrain.trackers.base": ("Tracker",),
    "autotrain.trial": ("Decision", "Epoch", "Trial", "TrialStatus"),
    "autotrain.tuner.samplers.base": ("Sampler",),
    "autotrain.tuner.schedulers.base": ("Fork", "Resume", "Scheduler", "Wait"),
    "autotrain.tuner.view": ("StudyView",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}
__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'autotrain' has no attribute '{name}'")
    return getattr(importlib.import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
