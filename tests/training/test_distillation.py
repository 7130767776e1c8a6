"""Learning from a teacher: the loss is Keras's own, its numbers are values, resume stays exact."""

from __future__ import annotations

import numpy as np
import pytest

from core_training import BASE, EPOCHS

TAUGHT = {**BASE, "mixup": 0.5, "soft_weight": 0.7, "temperature": 3.0}


def _train(folder, scratch, params, options):
    """Epoch metrics and traces of a trial; trainers stay, each with or without a teacher."""
    import builtins
    from pathlib import Path

    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.job import Job
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    key = ("distilling", str(folder), options.get("taught", True), options.get("key"))
    trainers = builtins.__dict__.setdefault("_trainers", {})
    if key not in trainers:
        arrays, task = open_arrays(Path(folder)), "classification"
        y = np.asarray(arrays.y_train)
        if y.dtype.kind == "f":
            task = "regression" if y.ndim == 1 else "multilabel"
        outputs = {"classification": 10, "regression": 1, "multilabel": y.shape[-1]}[task]
        shape = describe_shape(arrays, outputs, task=task)
        generator = np.random.default_rng(0)
        teacher = generator.normal(size=(len(y), outputs)).astype("float32")
        if task == "classification":
            teacher[np.arange(len(y)), y] += 4.0  # a good one
        elif task == "regression":
            teacher = y[:, None] + 10 * teacher
        else:
            teacher += 6.0 * y - 3.0
        resident = options.get("resident_mb", 256.0)
        teacher = teacher if options.get("taught", True) else None
        trainers[key] = Trainer(arrays, shape, resident_mb=resident, teacher=teacher)
    trainer, files, rows = trainers[key], Path(scratch), []

    def report(record):
        rows.append({k: v for k, v in record.metrics.items() if k != "train_seconds"})
        stop = record.epoch == options.get("stop_at")
        return Decision.PAUSE if stop else Decision.CONTINUE

    name, model = options.get("name", "trial"), options.get("model", "cnn")
    where = files / f"{name}.ckpt", files / name
    trainer.run(Job(model, params, 1, options["epochs"], "val_loss", "minimize", *where), report)
    return rows, trainer.program(model, params).loop.traces


def train(backend, folder, scratch, params, **options):
    return backend.run(_train, folder, scratch, params, {"epochs": EPOCHS, **options})


def _losses(name, teacher, outputs, labels, temperature, weight):
    """Our loss of one batch, and what `keras.distillation` and the task give by themselves."""
    import keras
    import numpy as np
    from keras import ops

    from autotrain.training.distillation import Taught
    from autotrain.training.losses import BinaryLoss, CategoricalLoss, NumericLoss
    from autotrain.training.values import Values

    values = Values(("label_smoothing", "soft_weight", "temperature"))
    values.assign({"label_smoothing": 0.0, "soft_weight": weight, "temperature": temperature})
    count = outputs.shape[1]
    if name == "numeric":
        plain = NumericLoss(count, "auto", np.zeros(count, "float32"), np.ones(count, "float32"))
    else:
        kind = BinaryLoss if name == "binary" else CategoricalLoss
        plain = kind(count, values, ())
    taught, soft = Taught(name, plain, values), keras.distillation
    found = taught.loss(taught.targets(labels, teacher), ops.convert_to_tensor(outputs))
    if name == "numeric":
        kerass = soft.FeatureDistillation(loss="mse").compute_loss(teacher, outputs)
    else:
        pairs = (lambda z: np.stack([z, 0 * z], -1)) if name == "binary" else (lambda z: z)
        loss = soft.LogitsDistillation(temperature, keras.losses.KLDivergence())
        kerass = loss.compute_loss(pairs(teacher), pairs(outputs))
    own = plain.loss(plain.targets(labels), ops.convert_to_tensor(outputs))
    return float(found), float(own), float(kerass)


@pytest.mark.parametrize("name", ["categorical", "binary", "numeric"])
@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_the_loss_is_that_of_keras_distillation(backend, name, temperature):
    rng = np.random.default_rng(0)
    teacher, outputs = rng.normal(0, 3, (2, 20, 5)).astype("float32")
    labels = rng.integers(0, 5, 20).astype("int32")
    if name != "categorical":
        labels = rng.integers(0, 2, (20, 5)).astype("float32")
    for weight in (0.0, 0.3, 1.0):
        given = name, teacher, outputs, labels, temperature, weight
        found, own, kerass = backend.run(_losses, *given)
        assert found == pytest.approx((1 - weight) * own + weight * kerass, rel=1e-4)
        if weight == 0.0:
            assert found == own


OTHER = {"depth": 1, "width": 4, "batch_size": 48, "optimizer": "adamw", "learning_rate": 0.01,
         "l1": 1e-4, "focal_gamma": 1.0, "accumulation": 2, "class_weights": "balanced"}  # fmt: skip


@pytest.mark.parametrize("given", [TAUGHT, OTHER], ids=["mixed", "focal"])
def test_without_weight_a_teacher_changes_no_bit(backend, images, tmp_path, given):
    plain = {k: v for k, v in given.items() if k not in ("soft_weight", "temperature")}
    alone, _ = train(backend, images, tmp_path, plain, taught=False, name="alone")
    weightless = {**plain, "soft_weight": 0.0, "temperature": 4.0}
    assert train(backend, images, tmp_path, weightless, name="weightless")[0] == alone
    # A configuration that does not ask for the teacher, in a study that has one.
    assert train(backend, images, tmp_path, plain, name="unasked")[0] == alone


@pytest.mark.parametrize("change", [{"soft_weight": 0.2}, {"temperature": 1.0}])
def test_weight_and_temperature_share_the_trace_and_change_the_result(
    backend, images, tmp_path, change
):
    base, traces = train(backend, images, tmp_path, TAUGHT, name="base")
    assert traces == 2
    rows, traces = train(backend, images, tmp_path, {**TAUGHT, **change}, name="changed")
    assert traces == 2
    assert rows[0] != base[0]


def test_taught_trial_is_resumed_bit_for_bit(backend, images, tmp_path):
    whole, _ = train(backend, images, tmp_path, TAUGHT, name="whole")
    part, _ = train(backend, images, tmp_path, TAUGHT, name="cut", stop_at=2)
    train(backend, images, tmp_path, {**TAUGHT, "soft_weight": 0.1}, name="between")
    rest, _ = train(backend, images, tmp_path, TAUGHT, name="cut")
    assert part + rest == whole


@pytest.mark.slow_on_jax
def test_streamed_teacher_stays_with_its_examples(backend, images, tmp_path):
    params = {**TAUGHT, "accumulation": 2, "sampling": "over"}
    resident, _ = train(backend, images, tmp_path, params, name="resident")
    streamed, _ = train(
        backend, images, tmp_path, params, name="streamed", key="streamed", resident_mb=0.0
    )
    for a, b in zip(resident, streamed, strict=True):
        np.testing.assert_allclose(list(a.values()), list(b.values()), rtol=1e-4)


def test_a_teacher_alone_teaches_the_classes(backend, images, tmp_path):
    params = {"depth": 2, "width": 8, "batch_size": 32, "learning_rate": 0.01}
    params |= {"soft_weight": 1.0, "temperature": 2.0}
    rows, _ = train(backend, images, tmp_path, params, name="only", epochs=8)
    assert rows[-1]["val_accuracy"] > 0.75


def test_a_teacher_alone_teaches_numbers(backend, numbers, tmp_path):
    params = {"depth": 2, "width": 32, "learning_rate": 0.02, "batch_size": 32, "soft_weight": 1.0}
    rows, _ = train(backend, numbers, tmp_path, params, model="mlp")
    assert rows[-1]["val_r2"] > 0.2
