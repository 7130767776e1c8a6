"""A compiled structure that trains any values: build once, `start` for every trial.

The program owns everything that training changes: the model, the optimizer, the values, the
random states and, with `ema`, the averaged weights. `state` and `load_state` copy all of it.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from autotrain.errors import InfeasibleError
from autotrain.training.augmentation import Augmentation
from autotrain.training.families import family_of, structure_of, values_of
from autotrain.training.inputs import DataShape, build_inputs
from autotrain.training.loops import build_loop
from autotrain.training.losses import Classification, MultiLabel, Regression
from autotrain.training.optimizers import build_optimizer, is_kernel
from autotrain.training.own import build_own
from autotrain.training.runtime import choose
from autotrain.training.values import Values
from autotrain.trial import Params, derive_seed

_CHUNK_BYTES = 32 * 2**20  # of input data handed to one call of the training loop
_EVAL_BATCH = 256
_ALWAYS = ("dropout", "l2", "label_smoothing", "clip_norm", "ema_decay")
_LOSS_SCALE = 2.0**15  # of float16, at first


class Program:
    """One structure, compiled when it first runs.

    Args:
        model: a name of `FAMILIES`.
        params: a configuration; only its structural part matters here.
    """

    def __init__(self, model: str, params: Params, data: DataShape) -> None:
        self.structure = dict(structure_of(model, params))
        self.parts = tuple(self.structure["optional"])
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
        self.accumulation = min(self.structure["accumulation"], self.batch_size)
        if self.batch_size % self.accumulation:
            raise InfeasibleError(
                f"accumulation divides the batch into equal pieces, got {self.accumulation} pieces "
                f"of {self.batch_size} examples"
            )
        self.precision, self.jit_compile = choose(
            self.structure["precision"], self.structure["jit_compile"]
        )
        with self._policy():
            self._build(model)
        self.loop = build_loop(self)

    @contextmanager
    def _policy(self) -> Iterator[None]:
        before = keras.config.dtype_policy()
        mixed = "" if self.precision == "float32" else "mixed_"
        keras.config.set_dtype_policy(mixed + self.precision)
        try:
            yield
        finally:
            keras.config.set_dtype_policy(before)

    def _build(self, model: str) -> None:
        augmented = tuple(self.structure["augmentation"])
        self.values = Values((*_ALWAYS, *self.parts, *augmented))
        self.goal = self._build_goal()
        with _recorded_initializers() as self._initializers:
            self.model = self._build_model(model)
        self.augmentation = None
        if augmented:
            self.augmentation = Augmentation(augmented, self.values, self.data)
        weights = self.model.trainable_variables
        self.optimizer, owned = build_optimizer(self.structure, weights)
        for name, variable in owned.items():
            self.values.adopt(name, variable)
        self.averages = [_copy_of(weight) for weight in weights] if self.structure["ema"] else []
        self.loss_scale = [_number("loss_scale", _LOSS_SCALE), _number("good_steps", 0.0)]
        if self.precision != "float16":
            self.loss_scale = []
        self.init_seed = keras.random.SeedGenerator(0)
        self._initializers = [_seeded(entry, self.init_seed) for entry in self._initializers]
        self._kernels = [w for w in weights if is_kernel(w)]
        self._fresh = [ops.convert_to_numpy(v) for v in self.optimizer.variables]

    def _build_goal(self) -> Any:
        data, kind = self.data, self.structure["loss"]
        if data.goal == "regression":
            assert data.target_mean is not None
            assert data.target_scale is not None
            return Regression(data.outputs, kind, data.target_mean, data.target_scale)
        goal = MultiLabel if data.goal == "multilabel" else Classification
        return goal(data.outputs, self.values, self.parts)

    def _build_model(self, name: str) -> keras.Model:
        inputs, x = build_inputs(self.data)
        family = family_of(name)
        assert family is not None
        if family.is_own:
            return build_own(family, self.structure, inputs, x, self.data.outputs)
        module = importlib.import_module(family.module)
        return keras.Model(inputs, module.build(self.structure, x, self.data.outputs, self.values))

    # What a step computes; called while tracing.

    def forward(self, x: Any, training: bool = False) -> Any:
        """Float32 outputs [batch, outputs] of raw inputs [batch, ...]."""
        return ops.cast(self.model(ops.cast(x, "float32"), training=training), "float32")

    def loss(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Mean loss of a batch with its penalties, and the sum of its score.

        With float16 the loss is scaled up; `apply` scales the gradient down again.
        """
        x, targets = ops.cast(x, "float32"), self.goal.targets(y)
        if self.augmentation is not None:
            x, targets = self.augmentation(x, targets)
        outputs = ops.cast(self.model(x, training=True), "float32")
        loss = self.goal.loss(targets, outputs)
        squares = [ops.sum(ops.square(weight)) for weight in self._kernels]
        loss = loss + self.values["l2"] * sum(squares, ops.zeros(()))
        if "l1" in self.parts:
            loss = loss + self.values["l1"] * sum(ops.sum(ops.abs(w)) for w in self._kernels)
        return loss, self.goal.score(targets, outputs)

    def scaled(self, loss: Any) -> Any:
        """The loss whose gradient `apply` takes."""
        return loss * self.loss_scale[0] if self.loss_scale else loss

    def apply(self, gradients: list[Any], rate: Any) -> None:
        """One update of weights, optimizer state and averages with the learning rate `rate`."""
        if self.loss_scale:
            gradients = self._unscaled(gradients)
        if "clip_value" in self.parts:
            limit = self.values["clip_value"] + 0.0  # a tensor, which JAX asks for here
            gradients = [ops.clip(g, -limit, limit) for g in gradients]
        norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))
        scale = ops.minimum(1.0, self.values["clip_norm"] / (norm + 1e-12))
        weights = self.model.trainable_variables
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply([g * scale for g in gradients], weights)
        if "max_norm" in self.parts:
            self._limit_norms()
        if self.averages:
            self._update_averages(weights)

    def _unscaled(self, gradients: list[Any]) -> list[Any]:
        """Gradients in their own size; none where one overflowed, and a smaller scale from then on.

        Micikevicius et al. 2018, section 3.2: double after 2,000 good steps, halve after a bad one.
        """
        scale, good = self.loss_scale
        finite = ops.all(ops.stack([ops.all(ops.isfinite(g)) for g in gradients]))
        kept = [ops.where(finite, g / scale, ops.zeros_like(g)) for g in gradients]
        count = ops.where(finite, good + 1.0, 0.0)
        double = count >= 2000.0
        scale.assign(ops.where(finite, ops.where(double, scale * 2.0, scale + 0.0), scale / 2.0))
        good.assign(ops.where(double, 0.0, count))
        return kept

    def _limit_norms(self) -> None:
        """Scale down the weights into a unit whose norm is above the limit (Hinton et al. 2012)."""
        for kernel in self._kernels:
            axes = tuple(range(len(kernel.shape) - 1))
            norms = ops.sqrt(ops.sum(ops.square(kernel), axis=axes, keepdims=True) + 1e-12)
            kernel.assign(kernel * ops.minimum(1.0, self.values["max_norm"] / norms))

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
        groups += [*self.goal.variables, *self.loss_scale]
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
        self.restart_averages()
        for i, variable in enumerate(v for v in self.variables if v.name == "seed_generator_state"):
            variable.assign(_seed_state(seed, i))
        self.values.assign(values_of(params))
        self.goal.weigh(self.data.class_counts, params.get("class_weights") == "balanced")
        for variable, fresh in zip(self.loss_scale, (_LOSS_SCALE, 0.0), strict=False):
            variable.assign(fresh)

    def restart_averages(self) -> None:
        """Average from the present weights on."""
        for average, weight in zip(self.averages, self.model.trainable_variables, strict=False):
            average.assign(ops.copy(weight.value))  # JAX gives each buffer away once

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
        """Train one pass; mean loss and mean score over it.

        Args:
            x: [n, ...] raw inputs, perhaps memory-mapped; y: [n, ...] targets.
            order: [steps, batch_size] indices; rates: [steps] learning rates.
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
        """Outputs [n, outputs] of raw inputs [n, ...]; the last batch is padded and cut."""
        parts = []
        for first in range(0, len(x), self.eval_batch):
            batch = np.asarray(x[first : first + self.eval_batch])
            missing = self.eval_batch - len(batch)
            if missing:
                batch = np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)])
            parts.append(self.loop.logits(batch)[: self.eval_batch - missing])
        return self.goal.in_units(np.concatenate(parts))


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


def _number(name: str, value: float) -> Any:
    return keras.Variable(value, dtype="float32", trainable=False, name=name)


def _seed_state(seed: int, purpose: int | str) -> np.ndarray:
    return np.array([derive_seed(seed, purpose), 0])
