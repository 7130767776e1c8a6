"""Training one trial from wherever it stands: the loop over epochs.

Every epoch is reported, and the answer says whether to go on. All that a later continuation needs
goes into the checkpoint, so a trial resumed at epoch k ends with the numbers of one never
interrupted.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from autotrain.catalog.families import structure_of
from autotrain.catalog.hyperparameters import resolve
from autotrain.catalog.schedules import Plateau, factors
from autotrain.data import Arrays
from autotrain.errors import CheckpointError, NonFiniteMetricError
from autotrain.files import JsonObject
from autotrain.tasks import task_named
from autotrain.training.checkpoint import read_checkpoint, write_checkpoint
from autotrain.training.data_feed import Feed, Resident, Streamed
from autotrain.training.inputs import DataShape
from autotrain.training.job import Job
from autotrain.training.program import Program
from autotrain.training.resampling import epoch_order, extended
from autotrain.training.runtime import backend
from autotrain.trial import Decision, Epoch, Params, Report, derive_seed

RESIDENT_MB = 256.0  # of data; on a CPU with TensorFlow each worker has a copy of it
_RELEASE_EVERY = 4  # dropped programs


@dataclass
class Progress:
    """Where a trial stands besides its variables."""

    epoch: int = 0
    best_value: float | None = None
    best_epoch: int = 0
    best_weights: list[np.ndarray] = field(default_factory=list)
    plateau: Plateau = field(default_factory=Plateau)

    def record(self) -> JsonObject:
        """What goes into the checkpoint's record."""
        return {
            "epoch": self.epoch,
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "plateau": asdict(self.plateau),
        }


class Trainer:
    """Trains trials on one data set, keeping the most recently used compiled structures.

    Args:
        programs: how many of them.
        resident_mb: MiB of data that may lie on the device; more is streamed.
        teacher: its outputs on the training part, [n, outputs], for trials with `soft_weight`.
        names: of the outputs, for metrics of one of them.
    """

    def __init__(
        self,
        arrays: Arrays,
        shape: DataShape,
        programs: int = 4,
        resident_mb: float = RESIDENT_MB,
        teacher: np.ndarray | None = None,
        names: Sequence[str] = (),
    ) -> None:
        self.arrays, self.shape = arrays, shape
        self._task = task_named(shape.task).of(names).fitted(shape.series)
        self._y = (arrays.y_train,) if teacher is None else (arrays.y_train, teacher)
        size = shape.example_bytes * (shape.train_size + shape.validation_size)
        size += 0 if teacher is None else teacher.nbytes
        self._resident = size <= resident_mb * 2**20
        self._x_validation, self._feed = self._placed() if self._resident else self._streamed()
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._limit = programs
        self.dropped = 0  # programs built and given up again

    def run(self, job: Job, report: Report) -> bool:
        """Train a job; whether it reached its own end (full length or early stopping).

        Raises:
            NonFiniteMetricError: a metric is NaN or infinite; names the epoch.
            CheckpointError: the checkpoint does not belong to this job.
        """
        try:
            return self._run(job, report)
        except BaseException:
            # A step cut short can leave variables that were given away; start from a clean build.
            self._programs.pop(structure_of(job.model, job.params), None)
            raise

    def program(self, model: str, params: Params) -> Program:
        """The compiled structure of a configuration, built when it is not at hand."""
        key = structure_of(model, params)
        if key not in self._programs:
            while len(self._programs) >= self._limit:
                self._programs.popitem(last=False)
                self.dropped += 1
                if self.dropped % _RELEASE_EVERY == 0:
                    backend().release()
            self._programs[key] = Program(model, params, self.shape, self._resident)
        self._programs.move_to_end(key)
        return self._programs[key]

    @property
    def structures(self) -> list[Any]:
        """Keys of the compiled structures at hand."""
        return list(self._programs)

    def _run(self, job: Job, report: Report) -> bool:
        program, progress = self._begin(job)
        feed = self._feed_of(job)
        patience = resolve(job.params)["patience"] or job.epochs
        decision = Decision.CONTINUE
        while decision in (Decision.CONTINUE, Decision.SAVE):
            if progress.epoch >= job.epochs or progress.epoch - progress.best_epoch >= patience:
                _save_weights(program, job, progress)
                return True
            decision = report(self._epoch(program, job, progress, feed))
            if decision in (Decision.SAVE, Decision.PAUSE):
                _save(program, job, progress)
        if decision is Decision.STOP:
            _save_weights(program, job, progress)
        return False

    def _placed(self) -> tuple[Any, Feed]:
        """Validation inputs, padded to whole batches, and training data, on the device."""
        x = np.asarray(self.arrays.x_validation)
        missing = self.shape.eval_batches * self.shape.eval_batch - len(x)
        padded = np.concatenate([x, np.repeat(x[-1:], missing, axis=0)])
        return backend().place(padded), Resident(self.arrays.x_train, *self._y)

    def _streamed(self) -> tuple[Any, Feed]:
        return self.arrays.x_validation, Streamed(self.arrays.x_train, *self._y)

    def _feed_of(self, job: Job) -> Feed:
        """The training data of a trial: everyone's, unless examples are made for it."""
        x, y = self.arrays.x_train, self.arrays.y_train
        more_x, more_y = extended(x, y, job.params, job.seed)
        return self._feed if more_x is x else Streamed(more_x, more_y)

    def _begin(self, job: Job) -> tuple[Program, Progress]:
        """The program as the trial left it, and where the trial stands."""
        if not job.checkpoint.exists():
            program = self.program(job.model, job.params)
            program.start(job.params, job.seed)
            return program, Progress()
        record, groups = read_checkpoint(job.checkpoint)
        if record["params"] != dict(job.params) or record["seed"] != job.seed:
            raise CheckpointError(
                f"the checkpoint {job.checkpoint} belongs to another configuration"
            )
        program = self.program(job.model, job.params)
        program.start(job.params, job.seed)
        program.load_state(groups["state"])
        program.set_values(job.params)  # of a copy; otherwise they are what was loaded
        plateau = Plateau(**record["plateau"])
        best = record["best_value"], record["best_epoch"], groups["best"]
        return program, Progress(record["epoch"], *best, plateau)

    def _epoch(self, program: Program, job: Job, progress: Progress, feed: Feed) -> Epoch:
        began = time.perf_counter()
        full = resolve(job.params)
        generator = np.random.default_rng(derive_seed(job.seed, "order", progress.epoch))
        order = epoch_order(feed.labels, full["sampling"], program.batch_size, generator)
        rates = _rates(full, len(order), progress, job)
        resting = progress.epoch < round(full["frozen_share"] * job.epochs)
        phase = 0 if resting else len(program.phases) - 1
        loss, score = program.train_epoch(feed, order, rates, phase)
        trained = time.perf_counter()
        progress.epoch += 1
        task = self._task
        wanted = [name.removeprefix("val_") for name in (job.metric, *job.further)]
        with program.averaged():
            outputs = program.predict(self._x_validation)[: self.shape.validation_size]
            validation = task.evaluate(outputs, self.arrays.y_validation, wanted)
            metrics = {
                "loss": loss,
                task.training_metric: score,
                **{f"val_{name}": value for name, value in validation.items()},
                "parameters": float(program.model.count_params()),
                "train_seconds": trained - began,
            }
            improved = _keep_best(program, job, progress, metrics)
        if full["schedule"] == "plateau":
            progress.plateau.note(improved, full["plateau_patience"], full["plateau_factor"])
        return Epoch(progress.epoch, metrics, time.perf_counter() - began)


def _keep_best(
    program: Program, job: Job, progress: Progress, metrics: Mapping[str, float]
) -> bool:
    """Remember the weights if they are the best so far; whether they are."""
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise NonFiniteMetricError(f"{name} became {value} in epoch {progress.epoch}")
    value = metrics[job.metric]
    best = progress.best_value
    improved = best is None or (value > best if job.direction == "maximize" else value < best)
    if improved or job.last:
        progress.best_value, progress.best_epoch = value, progress.epoch
        progress.best_weights = [np.array(w) for w in program.model.get_weights()]
    return improved


def _rates(full: Mapping[str, Any], steps: int, progress: Progress, job: Job) -> np.ndarray:
    """Learning rates of the steps of the next epoch."""
    first = progress.epoch * steps
    table = factors(full, first, first + steps, job.epochs * steps)
    return full["learning_rate"] * progress.plateau.factor * table


def _save(program: Program, job: Job, progress: Progress) -> None:
    record = {**progress.record(), "params": dict(job.params), "seed": job.seed}
    groups = {"state": program.state(), "best": progress.best_weights}
    write_checkpoint(job.checkpoint, record, groups)


def _save_weights(program: Program, job: Job, progress: Progress) -> None:
    record = {**progress.record(), "params": dict(job.params), "model": job.model}
    # Nothing resumes from them, and training the trial again gives them again.
    write_checkpoint(job.weights, record, {"weights": progress.best_weights}, durable=False)
