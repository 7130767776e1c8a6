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
