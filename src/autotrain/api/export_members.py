"""The models that go into an export: a trial's, those of an ensemble, or a trial trained again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from autotrain.analysis.ensembles import greedy
from autotrain.analysis.leaderboard import Measured
from autotrain.analysis.measurements import Predictions, measured, predictions_of
from autotrain.analysis.stored_study import StoredStudy
from autotrain.api.measure import call_of, measure, worker_with_data
from autotrain.data import DataInfo, open_arrays
from autotrain.engines.messages import Call
from autotrain.errors import ConfigurationError, StudyError
from autotrain.storage.recorder import KEEP_WEIGHTS, training_seed
from autotrain.storage.settings import job_of
from autotrain.tasks import Threshold
from autotrain.trial import Trial, TrialStatus, derive_seed

_TRAINING_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True)
class ModelSelection:
    """Trials with their weights, which sum to 1, and what their mean gives on validation."""

    members: tuple[tuple[Trial, float], ...]
    predictions: Predictions
    known: Measured  # of the first member

    def at(self, threshold: Threshold) -> ModelSelection:
        """The same models, which say a class from a probability on."""
        task = self.predictions.task.at(threshold)
        return replace(self, predictions=replace(self.predictions, task=task))


def selected(
    study: StoredStudy, trial: int | None, ensemble: int | None, gpus: str
) -> ModelSelection:
    """The best trial, the one asked for, or an ensemble of at most so many.

    Raises:
        StudyError: there is no such trial, or its weights are not kept.
        ConfigurationError: the study is a function's, or a trial and an ensemble are asked for.
    """
    if study.settings.data is None:
        raise ConfigurationError(
            f"the study '{study.name}' is a function's: its models are the function's own"
        )
    if trial is not None and ensemble is not None:
        raise ConfigurationError("--trial and --ensemble exclude each other")
    if ensemble is not None and ensemble < 1:
        raise ConfigurationError(f"--ensemble is the number of members at most, got {ensemble}")
    pool = [_one(study, trial)] if trial is not None else _kept(study)
    pool = pool[: KEEP_WEIGHTS if ensemble else 1]
    measure(study, pool, test=False, gpus=gpus)
    known = measured(study, pool, test=True)
    found = [p for p in (predictions_of(study, facts) for facts in known) if p is not None]
    if len(found) < len(pool):
        raise StudyError(f"the outputs of {study.paths.root} cannot be measured")
    if ensemble is None:
        return ModelSelection(((pool[0], 1.0),), found[0], known[0])
    return _ensemble(study, pool, found, known, ensemble)


def _ensemble(
    study: StoredStudy,
    pool: Sequence[Trial],
    found: Sequence[Predictions],
    known: Sequence[Measured],
    most: int,
) -> ModelSelection:
    task = found[0].task
    metric = study.objective.name
    metric = metric if task.metric(metric) is not None else "loss"
    outputs = [one.outputs for one in found]
    weights = greedy(task, metric, outputs, found[0].targets, most)
    mean = task.mean([outputs[i] for i in weights], list(weights.values()))
    members = tuple((pool[i], weight) for i, weight in weights.items())
    return ModelSelection(members, replace(found[0], outputs=mean), known[min(weights)])


def _kept(study: StoredStudy) -> list[Trial]:
    """Complete trials with weights, the best first."""
    found = study.kept_trials()
    if not found:
        none = study.leader is None
        why = "no complete trial yet" if none else "no weights of a complete trial any more"
        raise StudyError(
            f"the study '{study.name}' has {why}: search, or `autotrain train` one again"
        )
    return found


def _one(study: StoredStudy, number: int) -> Trial:
    if not 0 <= number < len(study.trials):
        last = len(study.trials) - 1
        raise StudyError(f"the study '{study.name}' has no trial {number}; the last one is {last}")
    trial = study.trials[number]
    if not study.paths.trial(number).weights.exists():
        complete = trial.status is TrialStatus.COMPLETE
        why = f"of the best {KEEP_WEIGHTS} alone they are" if complete else f"it is {trial.status}"
        raise StudyError(f"the weights of trial {number} of '{study.name}' are not kept: {why}")
    return trial


def save_members(
    study: StoredStudy,
    data: tuple[Path, DataInfo],
    selection: ModelSelection,
    folder: Path,
    gpus: str,
) -> list[tuple[Path, float]]:
    """Write the model of each member as a `.keras` file.

    Args:
        data: from `open_data`.
    """
    files = []
    with worker_with_data(study, data, gpus) as worker:
        for trial, weight in selection.members:
            path = folder / f"{trial.number}.keras"
            worker.call(call_of("save_model", study, trial, path))
            files.append((path, weight))
    return files


def refit_members(
    study: StoredStudy,
    data: tuple[Path, DataInfo],
    selection: ModelSelection,
    folder: Path,
    seeds: int,
    gpus: str,
) -> list[tuple[Path, float]]:
    """Train each member again on training and validation data, over so many seeds.

    Its best epoch is scaled so that the number of steps stays; schedules are scaled alike.

    Args:
        data: from `open_data`.
    """
    files = []
    with (
        _all_data(*data) as (grown, share),
        worker_with_data(study, grown, gpus) as worker,
    ):
        for trial, weight in selection.members:
            last = max(1, round((trial.best_epoch or trial.last_epoch) * share))
            whole = max(last, round(study.settings.epochs * share))
            for i in range(seeds):
                path = folder / f"{trial.number}-{i}.keras"
                seed = training_seed(study.settings, trial.number)
                seed = seed if i == 0 else derive_seed(seed, "refit", i)
                job = job_of(study.settings, study.paths, trial.number, trial.params, seed)
                scratch = folder / f"{trial.number}-{i}"
                job = replace(job, epochs=whole, last=last, checkpoint=scratch / "checkpoint",
                              weights=scratch / "weights")  # fmt: skip
                scratch.mkdir()
                worker.call(Call(1, "refit", job, path), _TRAINING_SECONDS)
                files.append((path, weight / seeds))
    return files


@contextmanager
def _all_data(source: Path, info: DataInfo) -> Iterator[tuple[tuple[Path, DataInfo], float]]:
    """Prepared data whose training part has the validation part too, and the share it had alone."""
    arrays = open_arrays(source)
    before, more = len(arrays.y_train), len(arrays.y_validation)
    with TemporaryDirectory(prefix=".refit-", dir=source.parent) as name:
        folder = Path(name)
        for axis in ("x", "y"):
            parts = [getattr(arrays, f"{axis}_{part}") for part in ("train", "validation")]
            np.save(folder / f"{axis}_train.npy", np.concatenate(parts))
            np.save(folder / f"{axis}_validation.npy", parts[1])
        for file in source.glob("vocabulary.json"):
            shutil.copyfile(file, folder / file.name)
        sizes = {**info.sizes, "train": before + more}
        counts = dict(info.class_counts)
        if counts:
            both = zip(counts["train"], counts["validation"], strict=True)
            counts["train"] = tuple(a + b for a, b in both)
        grown = replace(info, sizes=sizes, class_counts=counts)
        yield (folder.resolve(), grown), before / (before + more)
