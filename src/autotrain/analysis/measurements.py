"""What has been measured of a study's models, as it lies in the folders of their trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autotrain.analysis.leaderboard import Measured
from autotrain.analysis.stored_study import StoredStudy
from autotrain.data import task_of
from autotrain.files import read_json, write_json
from autotrain.paths import TrialPaths
from autotrain.storage.settings import StudySettings
from autotrain.tasks import Task
from autotrain.trial import Trial
from autotrain.tuner.confirmation import recorded


@dataclass(frozen=True)
class Predictions:
    """What the best model put out.

    Attributes:
        outputs: [n, outputs] as in `Task.evaluate`; targets: [n, ...].
        names: of the classes, labels or numbers.
    """

    task: Task
    outputs: np.ndarray
    targets: np.ndarray
    names: Sequence[str]

    @property
    def shown(self) -> np.ndarray:
        """[n] the class that the model names."""
        return self.task.said(self.outputs)


def predictions_of(study: StoredStudy, known: Measured | None) -> Predictions | None:
    """The outputs with the names of the classes; None where they were not measured."""
    info = study.settings.data
    if info is None or known is None or known.outputs is None or known.targets is None:
        return None
    width, names = known.outputs.shape[1], list(info.class_names)
    shown = names if len(names) == width else [str(i) for i in range(width)]
    return Predictions(task_of(info).of(shown), known.outputs, known.targets, shown)


def measured(study: StoredStudy, trials: Sequence[Trial], test: bool) -> list[Measured]:
    """What is known of each trial's model; nothing is measured now.

    Args:
        test: with what was seen on the test part, where that was asked for before.
    """
    tested = read_json(study.paths.test) if test else {}
    confirmed = recorded(study.paths.confirm)
    found = []
    for trial in trials:
        files, seen = study.paths.trial(trial.number), tested.get(str(trial.number), {})
        seeds = confirmed.get(trial.number, [])
        mine, other = _arrays(files.outputs), _arrays(files.test_outputs) if seen else (None, None)
        found.append(Measured(read_json(files.facts), seen, seeds, *mine, *other))
    return found


def all_metrics(settings: StudySettings, outputs: Path) -> dict[str, float]:
    """All metrics of the outputs that a worker wrote while measuring, the objectives among them."""
    task = task_of(settings.prepared)
    wanted = [objective.name for objective in settings.space.objectives]
    return task.evaluate(*_load(outputs), (*task.metrics, *wanted))


def write_measured(files: TrialPaths, settings: StudySettings, facts: Mapping[str, object]) -> None:
    """Write down what a worker measured of a trial's model, with all metrics of its outputs."""
    write_json(files.facts, {"metrics": all_metrics(settings, files.outputs), **facts})


def _arrays(path: Path) -> tuple[np.ndarray | None, np.ndarray | None]:
    return _load(path) if path.exists() else (None, None)


def _load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as stored:
        return stored["outputs"], stored["targets"]
