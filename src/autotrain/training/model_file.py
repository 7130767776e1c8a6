"""The model of a trial as a file that plain `keras.models.load_model` opens."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from autotrain.compat.keras_internals import without_tensorflow
from autotrain.data import Arrays
from autotrain.errors import AutotrainError
from autotrain.files import JsonObject, replaced
from autotrain.processes import ProcessError, run_python
from autotrain.tasks import task_named
from autotrain.training.checkpoint import read_checkpoint
from autotrain.training.job import Job
from autotrain.training.program import Program
from autotrain.training.raw_inputs import (
    build_raw_inputs,
    centred_model,
    needs_tensorflow,
    reads_strings,
)
from autotrain.training.runtime import prepare_framework


@without_tensorflow()
def plain_model(program: Program) -> keras.Model:
    """The program's model with Keras's own layers only: raw inputs in, probabilities (or numbers) out."""

    def plain(layer: Any) -> Any:
        if hasattr(layer, "plain"):
            return layer.plain()
        return layer.__class__.from_config(layer.get_config())

    clone = keras.models.clone_model(program.model, clone_function=plain)
    clone.set_weights(program.model.get_weights())
    numbers = centred_model(clone, program.data.offset)
    if not reads_strings(program.data):
        return keras.Sequential([numbers.input, numbers, *program.loss.last_layers()])
    inputs, x = build_raw_inputs(program.data)
    for layer in (numbers, *program.loss.last_layers()):
        x = layer(x)
    return keras.Model(inputs, x)


def load_best(program: Program, job: Job) -> list[np.ndarray]:
    """Give the program the trial's best weights, which are returned too."""
    _, groups = read_checkpoint(job.weights)
    program.start(job.params, job.seed)
    program.model.set_weights(groups["weights"])
    return groups["weights"]


def save_model(program: Program, job: Job, path: Path, arrays: Arrays) -> JsonObject:
    """Write the trial's best weights as a `.keras` file.

    Returns:
        Facts for the model's card: `by_class`, its validation metrics for each class or number.
    """
    weights = load_best(program, job)
    if needs_tensorflow(program.data) and keras.backend.backend() != "tensorflow":
        _write_elsewhere(program, job, weights, path)
    else:
        _write(program, path)
    outputs = program.predict(arrays.x_validation)
    return {"by_class": task_named(program.data.task).by_class(outputs, arrays.y_validation)}


def _write(program: Program, path: Path) -> None:
    """Write the model aside, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path, ".tmp.keras") as aside, without_tensorflow():
        plain_model(program).save(aside)


def _write_elsewhere(program: Program, job: Job, weights: Sequence[np.ndarray], path: Path) -> None:
    """Write the model in a process with TensorFlow, the only backend with strings and 64 bits."""
    request = pickle.dumps((job.model, dict(job.params), job.seed, program.data, weights, path))
    words = ["-m", "autotrain.training.model_file"]
    try:
        run_python(words, request=request, environment={"KERAS_BACKEND": "tensorflow"})
    except ProcessError as error:
        raise AutotrainError(f"{path} could not be written with TensorFlow: {error}") from None


def _serve() -> None:
    """The other process: what `_write_elsewhere` asks for."""
    model, params, seed, data, weights, path = pickle.loads(sys.stdin.buffer.read())
    prepare_framework()
    program = Program(model, params, data)
    program.start(params, seed)
    program.model.set_weights(weights)
    _write(program, path)


if __name__ == "__main__":
    _serve()
