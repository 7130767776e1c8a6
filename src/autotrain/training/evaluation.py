"""What a finished model is worth and costs: its outputs on a part of the data, size, work and time."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import keras
import numpy as np

from autotrain.data.teacher_outputs import write_outputs
from autotrain.files import JsonObject, replaced
from autotrain.training.job import Job
from autotrain.training.model_file import load_best, plain_model
from autotrain.training.program import Program
from autotrain.training.raw_inputs import needs_tensorflow
from autotrain.training.runtime import backend

_BATCHES = (1, 64)
_RUNS = 30


def measure(program: Program, job: Job, path: Path, x: np.ndarray, y: np.ndarray) -> JsonObject:
    """Write what the trial's best weights put out to `path` as `.npz`, with the targets.

    Args:
        x, y: [n, ...] the inputs and targets of one part of the data.

    Returns:
        `parameters`, `bytes` of the weights, `flops` for one example where
        the backend can count them, and `latency_ms` by batch size, the median of 30 runs.
    """
    load_best(program, job)
    _write(path, program.predict(x), np.asarray(y))
    # One that reads raw examples would spend its time on them.
    model = program.model if needs_tensorflow(program.data) else plain_model(program)
    return {
        "parameters": int(program.model.count_params()),
        "bytes": sum(weight.nbytes for weight in program.model.get_weights()),
        "flops": _flops(model, x),
        "latency_ms": {str(batch): _latency(model, x, batch) for batch in _BATCHES},
    }


def answer(program: Program, job: Job, path: Path, x: np.ndarray) -> JsonObject:
    """Write the outputs of the trial's best weights on examples [n, ...], for those it teaches."""
    load_best(program, job)
    write_outputs(path, program.predict(x))
    return {}


def _write(path: Path, outputs: np.ndarray, targets: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as aside, aside.open("wb") as file:
        np.savez_compressed(file, outputs=outputs, targets=targets)


def _latency(model: keras.Model, x: np.ndarray, batch: int) -> float:
    """Milliseconds to predict a batch that lies in memory, the first runs left out."""
    rows = np.resize(np.asarray(x[:batch]), (batch, *x.shape[1:]))
    times = []
    for _ in range(_RUNS + 3):
        began = time.perf_counter()
        np.asarray(model.predict_on_batch(rows))
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[3:])


def _flops(model: keras.Model, x: np.ndarray) -> int | None:
    """Floating-point operations for one example, as the backend counts them; None if it cannot."""
    try:
        return backend().flops(model, np.asarray(x[:1]))
    except Exception:  # a figure for a table, for which no model should fail
        return None
