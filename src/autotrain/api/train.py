"""Training one recorded configuration again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrain.api.study_data import RecordedData, places_of
from autotrain.catalog.constraints import facts_of, problems
from autotrain.catalog.families import family_of
from autotrain.data import DataInfo, data_folder
from autotrain.engines.keras_trainable import KerasRunner, open_core
from autotrain.engines.resources import plan_slots
from autotrain.errors import ConfigurationError, InfeasibleError, SpaceError
from autotrain.files import JsonObject
from autotrain.paths import StudyPaths, TrialPaths, Workspace
from autotrain.space import DataSpec, parse_yaml
from autotrain.storage.metrics_csv import append_epoch, read_epochs
from autotrain.storage.settings import read_settings
from autotrain.tasks import TASKS
from autotrain.training.checkpoint import fork_checkpoint
from autotrain.training.job import Job
from autotrain.training.runtime import environment
from autotrain.trial import Decision, Epoch


@dataclass(frozen=True)
class Retrained:
    """How a repeated training compares with the record.

    Attributes:
        recorded: epochs recorded next to the configuration; 0 when there are none.
        first_difference: the first epoch whose metrics differ, or None.
    """

    epochs: tuple[Epoch, ...]
    recorded: int
    first_difference: int | None


def train(
    config: str | Path,
    runs: str | Path = "runs",
    *,
    out: str | Path | None = None,
    gpus: str = "all",
    data: str | None = None,
    show: Callable[[Epoch], None] = lambda record: None,
) -> Retrained:
    """Train `config.yaml` of a trial again, as often as it was recorded or to its end.

    Args:
        config: `runs/STUDY/trials/N/config.yaml`.
        runs: workspace whose prepared data is used.
        out: folder for `model.keras` and `metrics.csv`; None writes nothing.
        gpus: `all`, `none` or the id of the one to use.
        data: where the data is now, if it is no longer where the study began.
        show: called with every epoch.

    Raises:
        ConfigurationError: the file is not a trial's configuration.
        DataError: the data is not what the trial saw.
        InfeasibleError: the configuration cannot be trained on the data.
    """
    config = Path(config)
    raw = read_config(config)
    folder, info = _data(raw, config, Workspace(Path(runs)), data)
    teacher = StudyPaths(config.resolve().parents[2]).teacher if raw.get("teacher") else None
    facts = facts_of(info, int(raw["epochs"]), teacher is not None)
    against = problems(raw["model"], raw["params"], facts)
    if against:
        raise InfeasibleError(f"{config}: {'; '.join(against)}")
    slot = plan_slots(gpus, workers=1)[0]
    gpu = slot.gpu.id if slot.gpu else None
    os.environ.update(environment(raw["backend"], raw.get("threads"), gpu, 1))
    runner = open_core(folder, info, teacher)
    recorded = read_epochs(TrialPaths(config.parent).metrics)
    epochs: list[Epoch] = []

    def report(record: Epoch) -> Decision:
        epochs.append(record)
        show(record)
        # A pruned trial is repeated as far as it went.
        last = recorded[-1].epoch if recorded else 0
        return Decision.STOP if record.epoch == last else Decision.CONTINUE

    with tempfile.TemporaryDirectory() as scratch:
        job = _begun(raw, config, runner, Path(scratch))
        runner.run(job, report)
        if out is not None:
            _write(Path(out), runner, job, epochs)
    return Retrained(tuple(epochs), len(recorded), _first_difference(epochs, recorded))


def is_config(path: Path) -> bool:
    """Whether a file is a trial's configuration: it has `params`, where a space has `parameters`."""
    try:
        raw = parse_yaml(path.read_text("utf-8"), str(path))[0] if path.is_file() else None
    except (OSError, ValueError, SpaceError):
        return False  # whoever reads it next says why
    return isinstance(raw, dict) and "params" in raw and "parameters" not in raw


def read_config(config: Path) -> JsonObject:
    """The `config.yaml` of a trial, checked.

    Raises:
        ConfigurationError: it cannot be read, or is no such file.
    """
    try:
        raw, lines = parse_yaml(config.read_text("utf-8"), str(config))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the configuration {config} cannot be read: {error}") from None
    wanted = ("model", "backend", "data", "epochs", "seed", "objective", "params")
    missing = [key for key in wanted if not isinstance(raw, dict) or raw.get(key) is None]
    if missing:
        raise ConfigurationError(
            f"{config} is not the config.yaml of a trial of the training core: it lacks {', '.join(missing)}"
        )
    family = family_of(raw["model"])
    if family is None:
        raise ConfigurationError(f"{lines.locate('model')}: no such model, got {raw['model']!r}")
    for name, value in raw["params"].items():
        info = family.find(name)
        if name == "model" or (info is None and family.is_own):
            continue
        if info is None or not info.allows(value):
            rule = f"'{name}' must be {info.rule()}" if info else f"no such parameter '{name}'"
            raise ConfigurationError(f"{lines.locate('params', name)}: {rule}, got {value!r}")
    return raw


def task_and_modality(raw: Mapping[str, Any], config: Path) -> tuple[str, str | None]:
    """What a `config.yaml` says that its model predicts and reads.

    Files of before call them `goal` and `kind`; those of the first versions have neither.

    Raises:
        ConfigurationError: there is no such task.
    """
    task = raw.get("task") or raw.get("goal") or "classification"
    TASKS.check(task, f"{config}: task")
    return task, raw.get("modality") or raw.get("kind")


def _data(
    raw: Mapping[str, Any], config: Path, workspace: Workspace, source: str | None = None
) -> tuple[Path, DataInfo]:
    data, study = raw["data"], config.resolve().parents[2]
    spec = DataSpec(**data) if isinstance(data, Mapping) else DataSpec(source=data)
    caches = (workspace.data, Workspace(study.parent).data)
    settings = StudyPaths(study).study
    recorded = RecordedData(
        str(config),
        spec,
        raw.get("fingerprint"),
        int(raw.get("data_seed") or 0),
        *task_and_modality(raw, config),
        folder=study,
        places=places_of(read_settings(settings)) if settings.exists() else (),
        caches=caches,
    )
    cache, info = recorded.open(source)
    return data_folder(cache, info.fingerprint), info


def _begun(raw: Mapping[str, Any], config: Path, runner: KerasRunner, scratch: Path) -> Job:
    """The job, and where the trial began as a copy, the checkpoint that it goes on from."""
    job = _job(raw, scratch / config.parent.name)
    if "parent" in raw:
        parent, epoch = str(raw["parent"]), int(raw["start_epoch"])
        beside = config.parent.parent / parent / config.name
        if not beside.exists():
            raise ConfigurationError(
                f"{config} goes on from trial {parent} after epoch {epoch}, "
                f"so {beside} is needed too, and it is not there"
            )
        before = _begun(read_config(beside), beside, runner, scratch)

        def until(record: Epoch) -> Decision:
            return Decision.PAUSE if record.epoch == epoch else Decision.CONTINUE

        runner.run(before, until)
        fork_checkpoint(before.checkpoint, job.checkpoint, job.params, job.seed)
    return job


def _job(raw: Mapping[str, Any], folder: Path) -> Job:
    objective, files = raw["objective"][0], TrialPaths(folder)
    return Job(
        model=raw["model"],
        params=raw["params"],
        seed=int(raw["seed"]),
        epochs=int(raw["epochs"]),
        metric=objective["metric"],
        direction=objective["direction"],
        checkpoint=files.checkpoint,
        weights=files.weights,
    )


def _write(out: Path, runner: KerasRunner, job: Job, epochs: list[Epoch]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    runner.save_model(job, out / "model.keras")
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        aside = Path(scratch) / "metrics.csv"
        for record in epochs:
            append_epoch(aside, record)
        shutil.move(aside, out / "metrics.csv")


def _first_difference(epochs: list[Epoch], recorded: tuple[Epoch, ...]) -> int | None:
    for now, then in zip(epochs, recorded, strict=False):
        if _comparable(now) != _comparable(then):
            return now.epoch
    return None


def _comparable(record: Epoch) -> dict[str, float]:
    return {name: value for name, value in record.metrics.items() if name != "train_seconds"}
