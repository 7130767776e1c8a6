"""The model of a trial as a file that plain `keras.models.load_model` opens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from autotrain.data import Arrays
from autotrain.training.checkpoint import read_checkpoint
from autotrain.training.job import Job
from autotrain.training.metrics import by_class
from autotrain.training.program import Program


def plain_model(program: Program) -> keras.Model:
    """The program's model with Keras's own layers only: raw inputs in, probabilities (or numbers) out."""

    def plain(layer: Any) -> Any:
        if hasattr(layer, "plain"):
            return layer.plain()
        return layer.__class__.from_config(layer.get_config())

    clone = keras.models.clone_model(program.model, clone_function=plain)
    clone.set_weights(program.model.get_weights())
    return keras.Sequential([clone.input, clone, *program.goal.last_layers()])


@contextmanager
def _without_tensorflow() -> Iterator[None]:
    """Within, Keras on another backend does not load TensorFlow to ask what belongs to it.

    That takes seconds and half a gigabyte; what is not loaded cannot be the type of anything here.
    """
    module: Any = keras.src.utils.module_utils.tensorflow
    before = getattr(module, "_available", None)
    if keras.backend.backend() != "tensorflow" and "tensorflow" not in sys.modules:
        module._available = False
    try:
        yield
    finally:
        module._available = before


def save_model(program: Program, job: Job, path: Path, arrays: Arrays) -> dict[str, Any]:
    """Write the trial's best weights as a `.keras` file, aside and then renamed.

    Returns:
        Facts for the model's card: `by_class`, its validation metrics for each class or number.
    """
    _, groups = read_checkpoint(job.weights)
    program.start(job.params, job.seed)
    program.model.set_weights(groups["weights"])
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.stem}.{os.getpid()}.tmp.keras")
    try:
        with _without_tensorflow():
            plain_model(program).save(aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    outputs = program.predict(arrays.x_validation)
    return {"by_class": by_class(program.data.goal, outputs, arrays.y_validation)}
