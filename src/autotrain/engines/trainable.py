"""What a worker does with a trial: the Keras core, or a function of the user's own.

A runner is built once in a worker and then runs one job after another, so that what is compiled
and loaded stays. `run` returns whether the trial reached its own end.
"""

from __future__ import annotations

import inspect
import numbers
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autotrain.data import DataInfo, open_arrays, open_test
from autotrain.data.teacher_outputs import open_outputs
from autotrain.errors import AutotrainError
from autotrain.training.job import Job
from autotrain.trial import EpochRecord, Report, Verdict

_DROPPED_PROGRAMS = 16  # at 6 MB each, the most that a worker grows by before it is replaced
Objective = Callable[[dict[str, Any], "Reporter"], Any]


class Runner(Protocol):
    """Trains trials."""

    def run(self, job: Job, report: Report) -> bool:
        """Train a job until its end or until a verdict says otherwise."""

    def structures(self) -> list[Any]:
        """Keys of what is compiled."""

    def is_worn(self) -> bool:
        """Whether the process should make way for a fresh one before the next trial."""

    def save_model(self, job: Job, path: Path) -> dict[str, Any]:
        """Write the trial's best model as a `.keras` file; facts about it for its card."""


@dataclass(frozen=True)
class KerasSetup:
    """How to build the runner of the shared training core; travels to the worker.

    Attributes:
        data: folder of the prepared arrays; `info` tells about them.
        programs: compiled structures that a worker keeps.
        memory_mb: GPU memory of a worker that shares a GPU.
        resident_mb: data that may lie on the device; None for the core's default.
        teacher: a teacher's outputs, for trials that learn from one.
    """

    data: Path
    info: DataInfo
    programs: int = 4
    memory_mb: int | None = None
    resident_mb: float | None = None
    teacher: Path | None = None

    def build(self) -> Runner:
        """Load the framework and the data."""
        from autotrain.training.runtime import prepare_framework

        prepare_framework(self.memory_mb)
        from autotrain.training.inputs import shape_of
        from autotrain.training.trainer import RESIDENT_MB, Trainer

        arrays, teacher = open_arrays(self.data), None
        shape = shape_of(arrays, self.info, self.data)
        if self.teacher is not None:
            teacher = open_outputs(self.teacher, (shape.train_size, shape.outputs))
        memory = self.resident_mb or RESIDENT_MB
        trainer = Trainer(arrays, shape, self.programs, memory, teacher)
        return KerasRunner(trainer, self.data)


class KerasRunner:
    """The shared training core."""

    def __init__(self, trainer: Any, data: Path) -> None:
        self._trainer, self._data = trainer, data

    def run(self, job: Job, report: Report) -> bool:
        """Train with Keras."""
        return self._trainer.run(job, report)

    def structures(self) -> list[Any]:
        """The compiled structures at hand."""
        return self._trainer.structures

    def is_worn(self) -> bool:
        """After many dropped programs: TensorFlow frees a traced graph only with its process."""
        on_tensorflow = os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow"
        return on_tensorflow and self._trainer.dropped >= _DROPPED_PROGRAMS

    def save_model(self, job: Job, path: Path) -> dict[str, Any]:
        """Write a model that plain Keras loads; its validation metrics by class."""
        from autotrain.training.model_file import save_model

        trainer = self._trainer
        return save_model(trainer.program(job.model, job.params), job, path, trainer.arrays)

    def refit(self, job: Job, path: Path) -> dict[str, Any]:
        """Train from the start to the epoch `job.last`, and write the model of that epoch."""

        def report(record: EpochRecord) -> Verdict:
            return Verdict.STOP if record.epoch >= job.last else Verdict.CONTINUE

        self.run(job, report)
        return self.save_model(job, path)

    def measure(self, job: Job, path: Path) -> dict[str, Any]:
        """The best weights on the validation part, and what the model costs; see `measuring`."""
        arrays = self._trainer.arrays
        return self._measure(job, path, arrays.x_validation, arrays.y_validation)

    def measure_test(self, job: Job, path: Path) -> dict[str, Any]:
        """The same on the locked test part."""
        return self._measure(job, path, *open_test(self._data))

    def answer(self, job: Job, path: Path) -> dict[str, Any]:
        """Write what the best weights put out on the training part; see `measuring`."""
        from autotrain.training.evaluation import answer

        program = self._trainer.program(job.model, job.params)
        return answer(program, job, path, self._trainer.arrays.x_train)

    def _measure(self, job: Job, path: Path, x: Any, y: Any) -> dict[str, Any]:
        from autotrain.training.evaluation import measure

        return measure(self._trainer.program(job.model, job.params), job, path, x, y)


@dataclass(frozen=True)
class FunctionSetup:
    """A pickled objective; travels to the worker."""

    pickled: bytes

    def build(self) -> Runner:
        """Unpickle the function."""
        import cloudpickle

        return FunctionRunner(cloudpickle.loads(self.pickled))


class StopTraining(BaseException):
    """Raised by `Reporter.report` when the trial is to end here."""


class Reporter:
    """What a user's own objective reports to.

    Attributes:
        epochs: the full length of a trial.
        seed: for everything random in it.
        checkpoint: a path that the function may save its state to and resume from; after a pause
            or a crash the function is called again with the same path.
    """

    def __init__(self, job: Job, report: Report) -> None:
        self.epochs, self.seed, self.checkpoint = job.epochs, job.seed, job.checkpoint
        self.verdict = Verdict.CONTINUE
        self._metrics, self._report = (job.metric, *job.further), report
        self._last = 0

    def report(self, epoch: int | None = None, **metrics: float) -> None:
        """Report the metrics of an epoch, counted from 1 (the next one when left out).

        Raises:
            StopTraining: the trial ends or pauses here; let it pass.
            AutotrainError: the objective's metric is missing, or a value is not a finite number.
        """
        epoch = self._last + 1 if epoch is None else int(epoch)
        if epoch <= 0 or epoch < self._last:
            raise AutotrainError(f"epochs count up from 1, got {epoch} after {self._last}")
        missing = [name for name in self._metrics if name not in metrics]
        if missing:
            given = ", ".join(metrics) or "nothing"
            raise AutotrainError(f"the objective must report '{missing[0]}', got {given}")
        record = EpochRecord(epoch, _numbers(metrics, epoch))
        self._last = epoch
        self.verdict = self._report(record)
        if self.verdict in (Verdict.PAUSE, Verdict.STOP):
            raise StopTraining


def _numbers(metrics: Mapping[str, Any], epoch: int) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, value in metrics.items():
        try:
            values[name] = float(value)
        except (TypeError, ValueError):
            raise AutotrainError(f"{name} in epoch {epoch} is not a number: {value!r}") from None
        if not abs(values[name]) < float("inf"):
            raise AutotrainError(f"{name} became {values[name]} in epoch {epoch}")
    return values


class FunctionRunner:
    """A user's own training loop, `function(params, reporter)`.

    A returned number counts as one last report, for objectives without epochs.
    """

    def __init__(self, function: Objective) -> None:
        self._function = function

    def run(self, job: Job, report: Report) -> bool:
        """Call the function."""
        reporter = Reporter(job, report)
        try:
            result = self._function(dict(job.params), reporter)
            if isinstance(result, numbers.Real):
                reporter.report(None, **{job.metric: float(result)})
            elif isinstance(result, Mapping):
                reporter.report(**result)
        except StopTraining:
            return False
        if reporter._last == 0:
            raise AutotrainError(
                "the objective neither reported an epoch nor returned a number: "
                f"call reporter.report({job.metric}=…) or return the value"
            )
        return True

    def structures(self) -> list[Any]:
        """A function compiles nothing that we know of."""
        return []

    def is_worn(self) -> bool:
        """A user's own function looks after its memory."""
        return False

    def save_model(self, job: Job, path: Path) -> dict[str, Any]:
        """A user's own loop keeps its own models."""
        return {}


def check_objective(function: Any) -> None:
    """Whether a user's objective can be called with `(params, reporter)`.

    Raises:
        AutotrainError: it cannot.
    """
    try:
        inspect.signature(function).bind({}, None)
    except (TypeError, ValueError) as error:
        raise AutotrainError(
            f"objective must be a function of (params, reporter), got {function!r}: {error}"
        ) from None


def describe_error(error: BaseException) -> str:
    """One line for people: our own messages as they are, others with their type."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    if isinstance(error, AutotrainError) or type(error).__name__ == "NonFiniteMetricError":
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
