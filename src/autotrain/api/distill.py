"""Students: a study whose trials learn from the best of another study, their teacher."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.analysis.stored_study import StoredStudy
from autotrain.analysis.workspace import load_stored
from autotrain.api.measure import call_of, open_data, worker_with_data
from autotrain.api.train import is_config, read_config, task_and_modality
from autotrain.catalog.compatibility import space_task
from autotrain.data.teacher_outputs import open_outputs, write_outputs
from autotrain.errors import ConfigurationError, DataError
from autotrain.paths import StudyPaths
from autotrain.space import Float, Parameter, Space, load_space
from autotrain.storage.settings import StudySettings, Teacher, read_settings
from autotrain.tasks import task_named

# Where the paper's students and later ones did well; --set changes them like any range.
_RANGES: dict[str, Parameter] = {
    "soft_weight": Float(0.1, 0.9),
    "temperature": Float(1.0, 8.0, log=True),
}


def student_of(space: str | Path | Space) -> Space:
    """The space of a student, with temperature and weight of the soft loss where it has none.

    Args:
        space: as in `search`, or the path of a trial's `config.yaml`, of which everything else is
            fixed then.

    Raises:
        SpaceError, ConfigurationError: there is no such space, or it breaks rules.
    """
    chosen = space if isinstance(space, Space) else _loaded(space)
    names = list(_RANGES) if space_task(chosen).has_classes else ["soft_weight"]
    missing = {name: _RANGES[name] for name in names if name not in chosen.parameters}
    return chosen.replace(parameters={**chosen.parameters, **missing})


def _loaded(space: str | Path) -> Space:
    if not is_config(Path(space)):
        return load_space(space)
    raw = read_config(Path(space))
    task, modality = task_and_modality(raw, Path(space))
    return Space(
        {name: value for name, value in raw["params"].items() if name not in _RANGES},
        raw["objective"],
        name=f"{raw.get('study', 'config')}-{raw.get('trial', 0)}",
        task=f"{modality or 'image'}_{task}",
        model=raw["model"],
        budget={"epochs": raw["epochs"]},
    )


def open_teacher(name: str, runs: str | Path, storage: str | None) -> StoredStudy:
    """The study of a teacher.

    Raises:
        StudyError, ConfigurationError: there is none, or its models are not the core's.
    """
    study = load_stored(name, runs, storage)
    if study.settings.data is None:
        raise ConfigurationError(
            f"the study '{name}' is searched with a function, whose models nobody here knows: "
            "a teacher is a study of a space"
        )
    return study


def teacher_of(study: StoredStudy, ensemble: int, paths: StudyPaths) -> Teacher:
    """The best complete trials of a study, or those with which the student's study began.

    A teacher's study may have gone on since, and the same command must still go on.

    Args:
        ensemble: how many.
        paths: of the student's study.

    Raises:
        ConfigurationError: there are not so many whose weights are kept.
    """
    if ensemble < 1:
        raise ConfigurationError(f"--ensemble must be a whole number of at least 1, got {ensemble}")
    stored = read_settings(paths.study).teacher if paths.study.exists() else None
    if stored and stored.study_id == study.settings.id and len(stored.trials) == ensemble:
        return stored
    kept = [trial.number for trial in study.kept_trials()]
    if len(kept) < ensemble:
        raise ConfigurationError(
            f"a teacher is made of complete trials whose weights are kept, got --ensemble {ensemble}, "
            f"and the study '{study.name}' has {len(kept)} of them: search it further, or ask for less"
        )
    return Teacher(study.name, study.settings.id, tuple(kept[:ensemble]))


def teacher_outputs(study: StoredStudy, trials: Sequence[int], gpus: str = "all") -> np.ndarray:
    """What a teacher answers on the training part of its data, [n, outputs]; see `training.teacher`.

    Computed in a worker process by the teacher's backend. Several trials answer with the mean of
    their probabilities.
    """
    known, found = {trial.number: trial for trial in study.trials}, []
    with (
        worker_with_data(study, open_data(study), gpus) as worker,
        tempfile.TemporaryDirectory() as scratch,
    ):
        for number in trials:
            path = Path(scratch) / f"{number}.npy"
            worker.call(call_of("answer", study, known[number], path))
            found.append(np.load(path))
    return task_named(study.settings.prepared.task).mean(found)


def write_lesson(study: StoredStudy, settings: StudySettings, paths: StudyPaths, gpus: str) -> None:
    """Write the teacher's outputs into the student's study, unless they are there.

    Args:
        study: the teacher's.
        settings, paths: the student's.

    Raises:
        ConfigurationError: they are not there, and the teacher's weights are gone too.
    """
    assert settings.teacher is not None
    try:
        open_outputs(paths.teacher, (settings.prepared.sizes["train"], settings.prepared.classes))
        return
    except DataError:
        pass
    for number in settings.teacher.trials:
        if not study.paths.trial(number).weights.exists():
            raise ConfigurationError(
                f"the outputs of the teacher, trial {number} of '{study.name}', are not at "
                f"{paths.teacher}, and its weights are no longer kept: start another study with "
                "--study NAME"
            )
    outputs = teacher_outputs(study, settings.teacher.trials, gpus)
    write_outputs(paths.teacher, outputs)


def check_options(options: Any, overrides: Any, objective: Any) -> None:
    """Refuse what the teacher decides: its data, and that models are the core's.

    Raises:
        ConfigurationError: an option says something else.
    """
    data = [
        f"--{name}" for name in ("data", "target", "ignore") if getattr(options, name) is not None
    ]
    data += [f"--set {key}" for key in overrides or () if str(key).partition(".")[0] == "data"]
    if data:
        raise ConfigurationError(
            f"a student learns on its teacher's data and split: leave out {', '.join(data)}"
        )
    if objective is not None:
        raise ConfigurationError("a function of your own has no teacher: leave out one of the two")
