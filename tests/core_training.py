"""Trials of the training core, as tests train them in a warm child process."""

from __future__ import annotations

BASE = {
    "depth": 2,
    "width": 8,
    "batch_size": 32,
    "optimizer": "sgd",
    "momentum": 0.9,
    "learning_rate": 0.05,
    "schedule": "one_cycle",
    "warmup": 0.1,
    "dropout": 0.3,
    "augmentation": 0.4,
    "ema": True,
    "ema_decay": 0.9,
    "label_smoothing": 0.1,
    "weight_decay": 1e-2,
    "l2": 1e-3,
    "clip_norm": 1.0,
    "patience": 3,
}
EPOCHS = 5


def train(
    folder,
    scratch,
    params,
    *,
    key="shared",
    model="cnn",
    seed=1,
    stop_at=None,
    name="trial",
    further=(),
    modality="image",
):
    """Epoch metrics of a (part of a) trial; trainers are kept by key, so programs stay warm."""
    import builtins
    from pathlib import Path

    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.job import Job
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    trainers = builtins.__dict__.setdefault("_trainers", {})
    if (key, str(folder)) not in trainers:
        arrays = open_arrays(Path(folder))
        regression = arrays.y_train.dtype.kind == "f"
        outputs = 1 if regression else int(arrays.y_train.max()) + 1
        shape = describe_shape(
            arrays, outputs, modality, "regression" if regression else "classification"
        )
        trainers[key, str(folder)] = Trainer(arrays, shape)
    trainer = trainers[key, str(folder)]
    rows = []

    def report(record):
        rows.append({k: v for k, v in record.metrics.items() if k != "train_seconds"})
        return Decision.PAUSE if record.epoch == stop_at else Decision.CONTINUE

    files = Path(scratch)
    job = Job(
        model,
        params,
        seed,
        EPOCHS,
        "val_loss",
        "minimize",
        files / f"{name}.ckpt",
        files / name,
        further,
    )
    trainer.run(job, report)
    return rows, trainer.program(model, params).loop.traces


def train_with(folder, scratch, params, more):
    return train(folder, scratch, params, **more)


def save_models(folder, scratch, configurations, outputs, modality="image"):
    """Untrained models as `0.keras`, ... beside `x.npy`, some examples; what they say, [models, n, c].

    Args:
        configurations: (model, params) of each.
    """
    from pathlib import Path

    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.model_file import plain_model
    from autotrain.training.program import Program

    arrays, probabilities = open_arrays(folder), []
    x = np.asarray(arrays.x_validation[:16])
    for i, (model, params) in enumerate(configurations):
        program = Program(model, params, describe_shape(arrays, outputs, modality))
        program.start(params, seed=1)
        plain_model(program).save(Path(scratch) / f"{i}.keras")
        logits = program.predict(x)
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities.append(exponents / exponents.sum(axis=1, keepdims=True))
    np.save(Path(scratch) / "x.npy", x)
    return np.stack(probabilities)


LOAD = """
import sys
import keras, numpy as np
x = np.load("x.npy")
found = [keras.models.load_model(f"{i}.keras").predict(x, verbose=0) for i in range(int(sys.argv[1]))]
assert not [name for name in sys.modules if name.startswith("autotrain")]
np.save("found.npy", np.stack(found))
"""


def load_without_autotrain(scratch, count, backend):
    """What the models of `save_models` say in a process that never imports autotrain."""
    import os
    import subprocess
    import sys

    import numpy as np

    from autotrain.training.runtime import environment

    answer = subprocess.run(
        [sys.executable, "-c", LOAD, str(count)],
        env={**os.environ, **environment(backend, 1, None, 1)},
        cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return np.load(scratch / "found.npy")
