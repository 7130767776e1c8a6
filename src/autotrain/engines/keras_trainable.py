"""The shared training core as something that a study trains.

A runner is opened once in a worker and then runs one job after another, so that what is compiled
and loaded stays.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autotrain.catalog.constraints import facts_of, problems
from autotrain.catalog.families import model_of, structure_of
from autotrain.catalog.hyperparameters import HYPERPARAMETERS
from autotrain.data import (
    DataInfo,
    centred,
    centred_inputs,
    centred_targets,
    open_arrays,
    open_test,
)
from autotrain.data.teacher_outputs import open_outputs
from autotrain.engines.resources import Slot
from autotrain.files import JsonObject
from autotrain.space import Space
from autotrain.storage.settings import StudySettings
from autotrain.training.job import Job, Runner
from autotrain.trial import Decision, Epoch, Params, Report

if TYPE_CHECKING:
    import numpy as np

    from autotrain.training.trainer import Trainer

_DROPPED_PROGRAMS = 16  # at 6 MB each, the most that a worker grows by before it is replaced


@dataclass(frozen=True)
class KerasTrainable:
    """The shared training core on prepared data.

    Attributes:
        space: of the study, for the model of a configuration.
        epochs: the full length of a trial.
        data: folder of the prepared arrays; `info` tells about them.
        teacher: a teacher's outputs, for trials that learn from one.
        programs: compiled structures that a worker keeps.
        memory_mb: GPU memory of a worker that shares a GPU.
        resident_mb: data that may lie on the device; None for the core's default.
    """

    space: Space
    epochs: int
    data: Path
    info: DataInfo
    teacher: Path | None = None
    programs: int = 4
    memory_mb: int | None = None
    resident_mb: float | None = None

    @classmethod
    def of(
        cls,
        settings: StudySettings,
        data: tuple[Path, DataInfo],
        teacher: Path,
        slot: Slot | None = None,
    ) -> KerasTrainable:
        """For the trials of a study.

        Args:
            data: folder of the prepared data, and what is known of it.
            teacher: where its teacher's outputs lie, if it has one.
            slot: where a worker runs.
        """
        return cls(
            settings.space,
            settings.epochs,
            *data,
            teacher=teacher.resolve() if settings.teacher else None,
            memory_mb=slot.memory_mb if slot else None,
            resident_mb=slot.resident_mb if slot else None,
        )

    def signature(self, params: Params) -> Hashable:
        """The structure of a configuration."""
        return structure_of(model_of(self.space, params), params)

    def problems(self, params: Params) -> list[str]:
        """Which rules of `catalog.constraints` a configuration breaks."""
        facts = facts_of(self.info, self.epochs, self.teacher is not None)
        return problems(model_of(self.space, params), params, facts)

    def tunable(self, parameter: str) -> bool:
        """Whether it is a value of a compiled program."""
        known = HYPERPARAMETERS.get(parameter)
        return known is not None and not known.structural

    def open(self) -> Runner:
        """Load the framework and the data."""
        return open_core(
            self.data, self.info, self.teacher, self.programs, self.memory_mb, self.resident_mb
        )


def open_core(
    data: Path,
    info: DataInfo,
    teacher: Path | None = None,
    programs: int = 4,
    memory_mb: int | None = None,
    resident_mb: float | None = None,
) -> KerasRunner:
    """Load the framework and the data in this process; the arguments are as in `KerasTrainable`."""
    from autotrain.training.runtime import prepare_framework

    prepare_framework(memory_mb)
    from autotrain.training.inputs import shape_of
    from autotrain.training.trainer import RESIDENT_MB, Trainer

    arrays, outputs = centred(open_arrays(data), info), None
    shape = shape_of(arrays, info, data)
    if teacher is not None:
        known = open_outputs(teacher, (shape.train_size, shape.outputs))
        outputs = centred_targets(known, info)
    resident = resident_mb or RESIDENT_MB
    trainer = Trainer(arrays, shape, programs, resident, outputs, info.class_names)
    return KerasRunner(trainer, data, info)


class KerasRunner:
    """Trains with Keras."""

    def __init__(self, trainer: Trainer, data: Path, info: DataInfo) -> None:
        self._trainer, self._data, self._info = trainer, data, info

    def run(self, job: Job, report: Report) -> bool:
        """Train a job."""
        return self._trainer.run(job, report)

    def signatures(self) -> list[Hashable]:
        """The compiled structures at hand."""
        return self._trainer.structures

    def is_worn(self) -> bool:
        """After many dropped programs: TensorFlow frees a traced graph only with its process."""
        from autotrain.training.runtime import backend

        return backend().KEEPS_PROGRAMS and self._trainer.dropped >= _DROPPED_PROGRAMS

    def call(self, name: str, job: Job, path: Path) -> JsonObject:
        """Do something else with the best weights of a trial, by one of the methods below."""
        known = {
            "save_model": self.save_model,
            "refit": self.refit,
            "measure": self.measure,
            "measure_test": self.measure_test,
            "answer": self.answer,
        }
        return known[name](job, path)

    def save_model(self, job: Job, path: Path) -> JsonObject:
        """Write a model that plain Keras loads; its validation metrics by class."""
        from autotrain.training.model_file import save_model

        trainer = self._trainer
        return save_model(trainer.program(job.model, job.params), job, path, trainer.arrays)

    def refit(self, job: Job, path: Path) -> JsonObject:
        """Train from the start to the epoch `job.last`, and write the model of that epoch."""

        def report(record: Epoch) -> Decision:
            return Decision.STOP if record.epoch >= job.last else Decision.CONTINUE

        self.run(job, report)
        return self.save_model(job, path)

    def measure(self, job: Job, path: Path) -> JsonObject:
        """The outputs on the validation part, and what the model costs; see `evaluation`."""
        arrays = self._trainer.arrays
        return self._measure(job, path, arrays.x_validation, arrays.y_validation)

    def measure_test(self, job: Job, path: Path) -> JsonObject:
        """The same on the locked test part."""
        x, y = open_test(self._data)
        return self._measure(job, path, centred_inputs(x, self._info), y)

    def answer(self, job: Job, path: Path) -> JsonObject:
        """Write the outputs on the training part; see `evaluation`."""
        from autotrain.training.evaluation import answer

        program = self._trainer.program(job.model, job.params)
        return answer(program, job, path, self._trainer.arrays.x_train)

    def _measure(self, job: Job, path: Path, x: np.ndarray, y: np.ndarray) -> JsonObject:
        from autotrain.training.evaluation import measure

        return measure(self._trainer.program(job.model, job.params), job, path, x, y)
