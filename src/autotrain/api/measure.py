"""Measuring the models of a study in a worker process, and the data that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autotrain.analysis.leaderboard import Measured
from autotrain.analysis.measurements import all_metrics, measured, write_measured
from autotrain.analysis.stored_study import StoredStudy
from autotrain.api.data import prepare_again
from autotrain.data import DataInfo, data_folder, task_of
from autotrain.engines.keras_trainable import KerasTrainable
from autotrain.engines.local.launcher import WorkerProcess
from autotrain.engines.messages import Call, Failed
from autotrain.engines.resources import plan_slots
from autotrain.engines.worker_handle import WorkerHandle
from autotrain.errors import SearchFailedError
from autotrain.files import read_json, write_json
from autotrain.storage.recorder import training_seed
from autotrain.storage.settings import job_of
from autotrain.trial import Trial


def measured_best(study: StoredStudy, gpus: str = "all") -> Measured | None:
    """What is known of the best model, measured now if it was not; None without a complete trial."""
    best = study.leader
    if best is None:
        return None
    measure(study, [best], test=False, gpus=gpus)
    return measured(study, [best], test=False)[0]


def measure(study: StoredStudy, trials: Sequence[Trial], test: bool, gpus: str) -> None:
    """Measure what is missing; nothing where weights are not kept."""
    if study.settings.data is None:
        return
    task = task_of(study.settings.data)
    kept = [t for t in trials if study.paths.trial(t.number).weights.exists()]
    tested = read_json(study.paths.test)
    new = [t for t in kept if not study.paths.trial(t.number).facts.exists()]
    untested = [t for t in kept if test and str(t.number) not in tested]
    if not new and not untested:
        return
    with worker_with_data(study, open_data(study), gpus) as worker:
        for trial in new:
            files = study.paths.trial(trial.number)
            facts = worker.call(call_of("measure", study, trial, files.outputs))
            write_measured(files, task, facts)
        for trial in untested:
            files = study.paths.trial(trial.number)
            worker.call(call_of("measure_test", study, trial, files.test_outputs))
            now = datetime.now(UTC).isoformat(timespec="seconds")
            tested[str(trial.number)] = {
                "date": now,
                "metrics": all_metrics(task, files.test_outputs),
            }
            write_json(study.paths.test, tested)


def call_of(name: str, study: StoredStudy, trial: Trial, path: Path) -> Call:
    """What a worker is asked to do with the best weights of a trial; see `Runner.call`."""
    seed = training_seed(study.settings, trial.number)
    job = job_of(study.settings, study.paths, trial.number, trial.params, seed)
    return Call(1, name, job, path)


def open_data(study: StoredStudy) -> tuple[Path, DataInfo]:
    """The folder of a study's prepared data, prepared again if it is gone.

    Raises:
        StudyError: the study is a function's, which has no data.
        DataError: the data is not what the study was made with.
    """
    info = prepare_again(study.settings, study.workspace)
    return data_folder(study.workspace.data, info.fingerprint).resolve(), info


@contextmanager
def worker_with_data(
    study: StoredStudy, data: tuple[Path, DataInfo], gpus: str
) -> Iterator[WorkerHandle]:
    """A worker process that has the study's data (`open_data`), or other data of the same shape."""
    slot = plan_slots(gpus, workers=1)[0]
    worker = WorkerProcess(slot, "keras", study.settings.backend)
    try:
        trainable = KerasTrainable.of(
            replace(study.settings, teacher=None), data, study.paths.teacher
        )
        worker.begin(trainable, study.paths.measuring_log)
        answer = worker.receive()
        if isinstance(answer, Failed):
            raise SearchFailedError(f"a worker could not start: {answer.cause}")
        yield worker
    except (EOFError, OSError):
        raise SearchFailedError(f"measuring failed: {worker.cause_of_death()}") from None
    finally:
        worker.shut_down()
