"""What every peer shares: the data, the model in plain Keras, and `fit` at its best settings.

The networks, optimizers, schedules and losses equal those of autotrain's `cnn` family, written as
somebody would without autotrain: Keras's own layers and optimizers, numbers instead of variables.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_EVAL_BATCH = 256
_WIDEST = 512

# How `fit` is called, per backend. Seconds of the plain loop are in `plain.py`, next to the table
# of what was tried; BENCH_FIT (JSON) overrides single settings to try others.
FIT: dict[str, dict[str, Any]] = {
    "tensorflow": {"data": "tf.data", "steps_per_execution": "epoch", "jit_compile": "auto"},
    "jax": {"data": "numpy", "steps_per_execution": 1, "jit_compile": "auto"},
}


def read_spec() -> tuple[dict[str, Any], Path]:
    """The benchmark's orders and where to write the answer, from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("spec", type=Path)
    parser.add_argument("out", type=Path)
    arguments, _ = parser.parse_known_args()
    return json.loads(arguments.spec.read_text("utf-8")), arguments.out


def write_result(out: Path, trials: list[dict[str, Any]], **facts: Any) -> None:
    """Write the answer: one record a trial, as `train` returns it."""
    trials = sorted(trials, key=lambda trial: trial["index"])
    aside = out.with_suffix(".tmp")
    aside.write_text(json.dumps({"trials": trials, **facts}), "utf-8")
    aside.replace(out)


def fit_settings() -> dict[str, Any]:
    """The settings of `fit` on this backend."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    return {**FIT[backend], **json.loads(os.environ.get("BENCH_FIT", "{}"))}


class Data:
    """The prepared arrays, normalized once, labels one-hot for label smoothing."""

    def __init__(self, folder: str | Path, classes: int) -> None:
        from autotrain.data import open_arrays

        arrays = open_arrays(Path(folder))
        x_train, x_validation = np.array(arrays.x_train), np.array(arrays.x_validation)
        if x_train.dtype == np.uint8:
            mean, deviation = np.float32(0), np.float32(255)
        else:
            axes = tuple(range(x_train.ndim - 1))
            mean = x_train.mean(axes, dtype="float64").astype("float32")
            deviation = np.sqrt(x_train.var(axes, dtype="float64").astype("float32"))
        self.classes, self.shape = classes, x_train.shape[1:]
        identity = np.eye(classes, dtype="float32")
        self.x_train = ((x_train - mean) / deviation).astype("float32")
        self.x_validation = ((x_validation - mean) / deviation).astype("float32")
        self.y_train = identity[arrays.y_train]
        self.y_validation = identity[arrays.y_validation]


def build(config: Mapping[str, Any], data: Data, epochs: int) -> Any:
    """A compiled model for one configuration."""
    import keras
    from keras import layers

    decay = config.get("weight_decay", 0.0)
    adam = config.get("optimizer", "adam") == "adam"
    # autotrain's `adam` adds the decay to the gradient, which in Keras is an L2 penalty.
    penalty = keras.regularizers.L2(decay / 2) if adam and decay else None
    inputs = x = keras.Input(data.shape)
    for stage in range(config.get("depth", 2)):
        x = layers.Conv2D(
            min(config["width"] * 2**stage, _WIDEST),
            3,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=penalty,
        )(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
        if min(x.shape[1:3]) >= 2:
            x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(config.get("dropout", 0.0))(x)
    model = keras.Model(inputs, layers.Dense(data.classes, kernel_regularizer=penalty)(x))
    settings = fit_settings()
    steps = steps_per_epoch(config, data)
    per_call = settings["steps_per_execution"]
    model.compile(
        optimizer=_optimizer(config, epochs * steps),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.get("label_smoothing", 0.0)
        ),
        metrics=["accuracy"],
        steps_per_execution=steps if per_call == "epoch" else per_call,
        jit_compile=settings["jit_compile"],
    )
    return model


def _optimizer(config: Mapping[str, Any], total: int) -> Any:
    import keras

    rate = _schedule(config, total)
    if config.get("optimizer", "adam") == "adam":
        return keras.optimizers.Adam(rate)
    optimizer = keras.optimizers.SGD(
        rate,
        momentum=config.get("momentum", 0.9),
        nesterov=True,
        weight_decay=config.get("weight_decay", 0.0),
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _schedule(config: Mapping[str, Any], total: int) -> Any:
    """autotrain's factors, step by step, as a Keras schedule; a number where they are constant."""
    import keras

    from autotrain.catalog.hyperparameters import resolve
    from autotrain.catalog.schedules import factors

    peak, name = config["learning_rate"], config.get("schedule", "constant")
    if name == "constant":
        return peak
    table = (peak * factors(resolve(config), 0, total, total)).astype("float32")

    class Table(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            index = keras.ops.cast(step, "int32")
            return keras.ops.take(keras.ops.convert_to_tensor(table), index)

    return Table()


def steps_per_epoch(config: Mapping[str, Any], data: Data) -> int:
    """Whole batches of an epoch; the remainder is dropped, as autotrain does."""
    return len(data.x_train) // config.get("batch_size", 64)


def fit(model: Any, config: Mapping[str, Any], data: Data, epochs: int, callbacks: Any) -> Any:
    """`Model.fit` with validation after every epoch; the history."""
    batch = config.get("batch_size", 64)
    steps = steps_per_epoch(config, data)
    common = {"epochs": epochs, "verbose": 0, "callbacks": callbacks}
    if fit_settings()["data"] == "tf.data":
        import tensorflow as tf

        options = tf.data.Options()
        options.deterministic = False
        train = tf.data.Dataset.from_tensor_slices((data.x_train, data.y_train)).cache()
        train = train.shuffle(len(data.x_train)).batch(batch, drop_remainder=True)
        train = train.with_options(options).prefetch(tf.data.AUTOTUNE)
        validation = tf.data.Dataset.from_tensor_slices((data.x_validation, data.y_validation))
        validation = validation.batch(_EVAL_BATCH).cache()
        return model.fit(train, validation_data=validation, **common)
    # The same few examples are left out of every epoch, so that all batches have one shape.
    size = steps * batch
    return model.fit(
        data.x_train[:size],
        data.y_train[:size],
        batch_size=batch,
        validation_data=(data.x_validation, data.y_validation),
        validation_batch_size=_EVAL_BATCH,
        **common,
    )


def epoch_timer() -> Any:
    """A callback that measures each epoch from its begin to the begin of its validation."""
    import keras

    class EpochTimer(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.seconds: list[float] = []
            self._began = 0.0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._began = time.perf_counter()

        def on_test_begin(self, logs: Any = None) -> None:
            if keras.backend.backend() == "jax":  # it computes in the background: wait
                import jax

                jax.block_until_ready([weight.value for weight in self.model.weights])
            self.seconds.append(time.perf_counter() - self._began)

    return EpochTimer()


def train(index: int, config: Mapping[str, Any], data: Data, spec: Mapping[str, Any]) -> Any:
    """One trial, as Keras's documentation has it: clear the session, build, compile, fit.

    Returns:
        `index`; `best`, the best validation accuracy; `seconds`, per epoch in training steps
        (those of the first with tracing and compilation); `steps` of an epoch.
    """
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(spec["seed"] + index)
    model = build(config, data, spec["epochs"])
    timer = epoch_timer()
    history = fit(model, config, data, spec["epochs"], [timer])
    return record(index, config, data, timer, history)


def record(index: int, config: Mapping[str, Any], data: Data, timer: Any, history: Any) -> Any:
    """The record of one trial."""
    return {
        "index": index,
        "best": float(max(history.history["val_accuracy"])),
        "seconds": timer.seconds,
        "steps": steps_per_epoch(config, data),
    }
