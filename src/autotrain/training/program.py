"""A compiled structure that trains any values: build once, `start` for every trial.

The program owns everything that training changes: the model, the optimizer, the values, the
random states and, with `ema`, the averaged weights. `state` and `load_state` copy all of it.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from autotrain.training.augmentation import Augmentation
from autotrain.training.loops import build_loop
from autotrain.training.optimizers import build_optimizer
from autotrain.training.parameters import FAMILIES, structure_of, values_of
from autotrain.training.values import Values
from autotrain.trial import Params, derive_seed

_CHUNK_BYTES = 32 * 2**20  # of input data handed to one call of the training loop
_EVAL_BATCH = 256
_OWN_VALUES = ("dropout", "l2", "label_smoothing", "clip_norm", "augmentation", "flip", "ema_decay")


@dataclass(frozen=True)
class DataShape:
    """What a program must know of the data.

    Attributes:
        input_shape: of one example, without the batch.
        mean, variance: over the training part, per feature or channel; None for uint8 images,
            which are divided by 255.
    """

    input_shape: tuple[int, ...]
    dtype: str
    classes: int
    train_size: int
    validation_size: int
    mean: np.ndarray | None = None
    variance: np.ndarray | None = None


class Program:
    """One structure, compiled when it first runs.

    Args:
        model: a name of `FAMILIES`.
        params: a configuration; only its structural part matters here.
    """

    def __init__(self, model: str, params: Params, data: DataShape) -> None:
        self.structure = dict(structure_of(model, params))
        self.data = data
        self.input_shape, self.input_dtype = data.input_shape, data.dtype
        self.batch_size = min(self.structure["batch_size"], data.train_size)
        self.steps_per_epoch = data.train_size // self.batch_size
        step_bytes = (
            self.batch_size * int(np.prod(data.input_shape)) * np.dtype(data.dtype).itemsize
        )
        self.chunk_steps = max(1, min(self.steps_per_epoch, _CHUNK_BYTES // step_bytes))
        batches = -(-data.validation_size // _EVAL_BATCH)
        self.eval_batch = -(-data.validation_size // batches)  # as little padding as can be
        self._build(model)
        self.loop = build_loop(self)

    def _build(self, model: str) -> None:
        self.values = Values(_OWN_VALUES)
        with _recorded_initializers() as self._initializers:
            self.model = self._build_model(model)
        self.augmentation = None
        if self.structure["augmented"]:
            self.augmentation = Augmentation(self.values["augmentation"], self.values["flip"])
        weights = self.model.trainable_variables
        self.optimizer, owned = build_optimizer(self.structure["optimizer"], weights)
        for name, variable in owned.items():
            self.values.adopt(name, variable)
        self.averages = [_copy_of(weight) for weight in weights] if self.structure["ema"] else []
        self.init_seed = keras.random.SeedGenerator(0)
        self._initializers = [_seeded(entry, self.init_seed) for entry in self._initializers]
        self._decayed = [w for w in weights if w.name not in ("bias", "gamma", "beta")]
        self._fresh = [ops.convert_to_numpy(v) for v in self.optimizer.variables]

    def _build_model(self, name: str) -> keras.Model:
        inputs = keras.Input(self.input_shape)
        if self.data.mean is None:
            x = keras.layers.Rescaling(1 / 255)(inputs)
        else:
            x = keras.layers.Normalization(mean=self.data.mean, variance=self.data.variance)(inputs)
        family = importlib.import_module(FAMILIES[name].module)
        return keras.Model(inputs, family.build(self.structure, x, self.data.classes, self.values))

    # What a step computes; called while tracing.

    def forward(self, x: Any, training: bool = False) -> Any:
        """Float32 logits [batch, classes] of raw inputs [batch, ...]."""
        x = ops.cast(x, "float32")
        if training and self.augmentation is not None:
            x = self.augmentation(x)
        return ops.cast(self.model(x, training=training), "float32")

    def loss(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Mean loss of a batch, with label smoothing and L2, and its number of correct answers."""
        logits = self.forward(x, training=True)
        smoothing, classes = self.values["label_smoothing"], self.data.classes
        targets = ops.one_hot(y, classes) * (1.0 - smoothing) + smoothing / classes
        entropy = keras.losses.categorical_crossentropy(targets, logits, from_logits=True)
        squares = [ops.sum(ops.square(weight)) for weight in self._decayed]
        correct = ops.sum(ops.cast(ops.equal(ops.argmax(logits, axis=-1), y), "float32"))
        return ops.mean(entropy) + self.values["l2"] * sum(squares), correct

    def apply(self, gradients: list[Any], rate: Any) -> None:
        """One update of weights, optimizer state and averages with the learning rate `rate`."""
        norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))
        scale = ops.minimum(1.0, self.values["clip_norm"] / (norm + 1e-12))
        weights = self.model.trainable_variables
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply([g * scale for g in gradients], weights)
        if self.averages:
            self._update_averages(weights)

    def _update_averages(self, weights: list[Any]) -> None:
        # The decay grows with the steps, so that the first, random weights are soon forgotten.
        step = ops.cast(self.optimizer.iterations, "float32")
        decay = ops.minimum(self.values["ema_decay"] + 0.0, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.averages, weights, strict=True):
            average.assign(average * decay + weight * (1.0 - decay))

    # State.

    @property
    def variables(self) -> list[Any]:
        """Every variable that training reads or changes, in an order that never changes."""
        augmentation = self.augmentation.variables if self.augmentation is not None else []
        groups = [*self.model.variables, *augmentation, *self.optimizer.variables, *self.averages]
        known = {id(variable) for variable in groups}
        return [*groups, *(v for v in self.values.variables if id(v) not in known)]

    def start(self, params: Params, seed: int) -> None:
        """Become a fresh trial: new weights, empty optimizer, given values, seeded randomness."""
        self.init_seed.state.assign(_seed_state(seed, "weights"))
        drawn = self.loop.draw([draw for _, draw in self._initializers])
        for (variable, _), value in zip(self._initializers, drawn, strict=True):
            variable.assign(value)
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        for average, weight in zip(self.averages, self.model.trainable_variables, strict=False):
            average.assign(ops.copy(weight.value))  # JAX gives each buffer away once
        for i, variable in enumerate(v for v in self.variables if v.name == "seed_generator_state"):
            variable.assign(_seed_state(seed, i))
        self.values.assign(values_of(params))

    def state(self) -> list[np.ndarray]:
        """Copies of all variables."""
        return [np.array(ops.convert_to_numpy(variable)) for variable in self.variables]

    def load_state(self, arrays: list[np.ndarray]) -> None:
        """Set all variables from what `state` returned."""
        for variable, array in zip(self.variables, arrays, strict=True):
            variable.assign(array)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within, the model has the averaged weights; without `ema` nothing changes."""
        if not self.averages:
            yield
            return
        weights = self.model.trainable_variables
        trained = [np.array(ops.convert_to_numpy(weight)) for weight in weights]
        for weight, average in zip(weights, self.averages, strict=True):
            weight.assign(average.value)
        try:
            yield
        finally:
            for weight, value in zip(weights, trained, strict=True):
                weight.assign(value)

    # Running.

    def train_epoch(
        self, x: np.ndarray, y: np.ndarray, order: np.ndarray, rates: np.ndarray
    ) -> tuple[float, float]:
        """Train one pass; loss and accuracy over it.

        Args:
            x: [n, ...] raw inputs, perhaps memory-mapped; y: [n] int32.
            order: [steps_per_epoch, batch_size] indices; rates: [steps_per_epoch] learning rates.
        """
        sums = np.zeros(2)
        for first in range(0, len(order), self.chunk_steps):
            chunk = order[first : first + self.chunk_steps]
            steps = len(chunk)
            # The last chunk is filled with any batches: the loop runs only the first `steps`.
            chunk = np.resize(chunk, (self.chunk_steps, self.batch_size))
            chunk_rates = np.resize(rates[first : first + steps], self.chunk_steps)
            sums += self.loop.train(x[chunk], y[chunk], chunk_rates.astype("float32"), steps)
        return float(sums[0] / len(order)), float(sums[1] / order.size)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Logits [n, classes] of raw inputs [n, ...]; the last batch is padded and cut."""
        parts = []
        for first in range(0, len(x), self.eval_batch):
            batch = np.asarray(x[first : first + self.eval_batch])
            missing = self.eval_batch - len(batch)
            if missing:
                batch = np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)])
            parts.append(self.loop.logits(batch)[: self.eval_batch - missing])
        return np.concatenate(parts)


@contextmanager
def _recorded_initializers() -> Iterator[list[Any]]:
    """Collect (variable, initializer) of every weight made within; Keras itself forgets them."""
    record: list[Any] = []
    original = keras.layers.Layer.add_weight

    def add_weight(layer: Any, *args: Any, **kwargs: Any) -> Any:
        variable = original(layer, *args, **kwargs)
        initializer = kwargs.get("initializer") or (args[1] if len(args) > 1 else None)
        if initializer is None:
            initializer = "glorot_uniform" if "float" in variable.dtype else "zeros"
        record.append((variable, keras.initializers.get(initializer)))
        return variable

    keras.layers.Layer.add_weight = add_weight
    try:
        yield record
    finally:
        keras.layers.Layer.add_weight = original


def _seeded(entry: tuple[Any, Any], generator: Any) -> tuple[Any, Any]:
    variable, initializer = entry
    if hasattr(initializer, "seed"):
        initializer = copy.copy(initializer)
        initializer.seed = generator
    return variable, lambda: initializer(variable.shape, dtype=variable.dtype)


def _copy_of(weight: Any) -> Any:
    return keras.Variable(weight.value, trainable=False, name=f"average_{weight.name}")


def _seed_state(seed: int, purpose: int | str) -> np.ndarray:
    return np.array([derive_seed(seed, purpose), 0])
