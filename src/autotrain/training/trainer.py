"""Training one trial from wherever it stands: the loop over epochs.

Every epoch is reported, and the answer says whether to go on. All that a later continuation needs
goes into the checkpoint, so a trial resumed at epoch k ends with the numbers of one never
interrupted.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autotrain.data import Arrays
from autotrain.errors import CheckpointError
from autotrain.training.checkpoint import read_checkpoint, write_checkpoint
from autotrain.training.job import Job
from autotrain.training.loops import release
from autotrain.training.metrics import classification
from autotrain.training.parameters import resolve, structure_of
from autotrain.training.program import DataShape, Program
from autotrain.training.schedules import factors
from autotrain.trial import EpochRecord, Params, Report, Verdict, derive_seed

_RELEASE_EVERY = 4  # dropped programs


@dataclass
class Progress:
    """Where a trial stands besides its variables."""

    epoch: int = 0
    best_value: float | None = None
    best_epoch: int = 0
    best_weights: list[np.ndarray] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """What goes into the checkpoint's record."""
        return {"epoch": self.epoch, "best_value": self.best_value, "best_epoch": self.best_epoch}


class NonFiniteMetricError(Exception):
    """A metric became NaN or infinite; training on would be wasted."""


class Trainer:
    """Trains trials on one data set, keeping the most recently used compiled structures."""

    def __init__(self, arrays: Arrays, classes: int, programs: int = 4) -> None:
        self.arrays = arrays
        self.shape = _shape_of(arrays, classes)
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._limit = programs
        self.dropped = 0  # programs built and given up again

    def run(self, job: Job, report: Report) -> bool:
        """Train a job; whether it reached its own end (full length or early stopping).

        Raises:
            NonFiniteMetricError: a metric is NaN or infinite; names the epoch.
            CheckpointError: the checkpoint does not belong to this job.
        """
        program = self.program(job.model, job.params)
        try:
            return self._run(program, job, report)
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
                    release()
            self._programs[key] = Program(model, params, self.shape)
        self._programs.move_to_end(key)
        return self._programs[key]

    @property
    def structures(self) -> list[Any]:
        """Keys of the compiled structures at hand."""
        return list(self._programs)

    def _run(self, program: Program, job: Job, report: Report) -> bool:
        program.start(job.params, job.seed)
        progress = _restore(program, job) if job.checkpoint.exists() else Progress()
        patience = resolve(job.params)["patience"] or job.epochs
        verdict = Verdict.CONTINUE
        while verdict in (Verdict.CONTINUE, Verdict.SAVE):
            if progress.epoch >= job.epochs or progress.epoch - progress.best_epoch >= patience:
                _save_weights(program, job, progress)
                return True
            verdict = report(self._epoch(program, job, progress))
            if verdict in (Verdict.SAVE, Verdict.PAUSE):
                _save(program, job, progress)
        if verdict is Verdict.STOP:
            _save_weights(program, job, progress)
        return False

    def _epoch(self, program: Program, job: Job, progress: Progress) -> EpochRecord:
        began = time.perf_counter()
        size, steps = program.batch_size, program.steps_per_epoch
        full, first = resolve(job.params), progress.epoch * steps
        generator = np.random.default_rng(derive_seed(job.seed, "order", progress.epoch))
        order = generator.permutation(program.data.train_size)[: steps * size].reshape(steps, size)
        total = job.epochs * steps
        table = factors(full["schedule"], full["warmup"], first, first + steps, total)
        loss, accuracy = program.train_epoch(
            self.arrays.x_train, self.arrays.y_train, order, full["learning_rate"] * table
        )
        trained = time.perf_counter()
        progress.epoch += 1
        with program.averaged():
            logits = program.predict(self.arrays.x_validation)
            validation = classification(logits, np.asarray(self.arrays.y_validation))
            metrics = {
                "loss": loss,
                "accuracy": accuracy,
                **{f"val_{name}": value for name, value in validation.items()},
                "parameters": float(program.model.count_params()),
                "train_seconds": trained - began,
            }
            _keep_best(program, job, progress, metrics)
        return EpochRecord(progress.epoch, metrics, time.perf_counter() - began)


def _keep_best(
    program: Program, job: Job, progress: Progress, metrics: Mapping[str, float]
) -> None:
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise NonFiniteMetricError(f"{name} became {value} in epoch {progress.epoch}")
    value = metrics[job.metric]
    best = progress.best_value
    if best is None or (value > best if job.direction == "maximize" else value < best):
        progress.best_value, progress.best_epoch = value, progress.epoch
        progress.best_weights = [np.array(w) for w in program.model.get_weights()]


def _save(program: Program, job: Job, progress: Progress) -> None:
    record = {**progress.record(), "params": dict(job.params), "seed": job.seed}
    groups = {"state": program.state(), "best": progress.best_weights}
    write_checkpoint(job.checkpoint, record, groups)


def _save_weights(program: Program, job: Job, progress: Progress) -> None:
    record = {**progress.record(), "params": dict(job.params), "model": job.model}
    write_checkpoint(job.weights, record, {"weights": progress.best_weights})


def _restore(program: Program, job: Job) -> Progress:
    record, groups = read_checkpoint(job.checkpoint)
    if record["params"] != dict(job.params) or record["seed"] != job.seed:
        raise CheckpointError(f"the checkpoint {job.checkpoint} belongs to another configuration")
    program.load_state(groups["state"])
    return Progress(record["epoch"], record["best_value"], record["best_epoch"], groups["best"])


def _shape_of(arrays: Arrays, classes: int) -> DataShape:
    x = arrays.x_train
    mean = variance = None
    if x.dtype != np.uint8:
        axes = tuple(range(x.ndim - 1))
        mean = np.mean(x, axis=axes, dtype="float64").astype("float32")
        variance = np.var(x, axis=axes, dtype="float64").astype("float32")
    sizes = len(x), len(arrays.x_validation)
    return DataShape(x.shape[1:], str(x.dtype), classes, *sizes, mean, variance)
