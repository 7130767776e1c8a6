"""A compiled structure that trains any values: build once, `start` for every trial.

The program owns everything that training changes: the model, the optimizer, the values, the
random states and, with `ema`, the averaged weights. `state` and `load_state` copy all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from autotrain.catalog.constraints import uneven_pieces
from autotrain.catalog.families import ModelFamily, known_family, structure_of, values_of
from autotrain.errors import InfeasibleError
from autotrain.tasks import task_named
from autotrain.training.augmentation import Augmentation
from autotrain.training.backends import Loop
from autotrain.training.custom_model import build_own
from autotrain.training.data_feed import Feed
from autotrain.training.distillation import Taught
from autotrain.training.initialization import Initializers, seed_state
from autotrain.training.inputs import DataShape, build_inputs, input_type
from autotrain.training.losses import LOSSES
from autotrain.training.models import Network
from autotrain.training.optimizer_step import Update
from autotrain.training.optimizers import is_kernel
from autotrain.training.runtime import backend, choose
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values
from autotrain.trial import Params

_CHUNK_BYTES = 32 * 2**20  # of streamed data handed to one call of a loop
_ALWAYS = ("dropout", "l2", "label_smoothing", "clip_norm", "ema_decay")


class Program:
    """One structure, compiled when it first runs.

    Args:
        model: a name of `FAMILIES`.
        params: a configuration; only its structural part matters here.
        resident: whether the data lies on the device, and an epoch is one call of the loop.

    Attributes:
        phases: for each phase of training the weights that it trains.
        loss: of the task; `training_loss` asks for a teacher's outputs too.
        is_taught: whether it also reads a teacher's outputs.
        specs: shape and type of one example's input, its label and what else training reads.
    """

    def __init__(self, model: str, params: Params, data: DataShape, resident: bool = True) -> None:
        self.structure = dict(structure_of(model, params))
        self.optional = tuple(self.structure["optional"])
        self.data = data
        self.specs = [(data.input_shape, data.dtype), (data.target_shape, data.target_dtype)]
        self.is_taught = "soft_weight" in self.optional
        if self.is_taught:
            self.specs.append(((data.outputs,), "float32"))
        self.batch_size = min(self.structure["batch_size"], data.train_size)
        self.chunk_steps = max(1, data.train_size // self.batch_size)
        self.eval_rows = data.eval_batch * data.eval_batches
        if not resident or self.structure["made"]:
            step_bytes = self.batch_size * data.example_bytes
            self.chunk_steps = max(1, min(self.chunk_steps, _CHUNK_BYTES // step_bytes))
        if not resident:
            fitting = max(1, _CHUNK_BYTES // (data.eval_batch * data.example_bytes))
            self.eval_rows = data.eval_batch * min(data.eval_batches, fitting)
        self.accumulation = min(self.structure["accumulation"], self.batch_size)
        uneven = uneven_pieces(self.batch_size, self.accumulation, data.train_size)
        if uneven:
            raise InfeasibleError(uneven)
        self.precision, self.jit_compile = choose(
            self.structure["precision"], self.structure["jit_compile"]
        )
        with self._policy():
            self._build(model)
        self.loop: Loop = backend().Loop(self)

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
        phased = ("fine_tune_factor",) if "unfreeze" in self.structure else ()
        softened = ("temperature",) if self.is_taught else ()
        family = known_family(model)
        own = [name for name in family.own_values if name not in self.optional]
        self.values = Values((*_ALWAYS, *phased, *self.optional, *softened, *augmented, *own))
        name = task_named(self.data.task).loss_name
        self.loss = LOSSES[name](self.data, self.values, self.structure)
        taught = Taught(name, self.loss, self.values) if self.is_taught else None
        self.training_loss = taught or self.loss
        self.initializers = Initializers()
        with self.initializers.recording():
            self.model, pretrained = self._build_model(family)
        self.augmentation = None
        if augmented:
            self.augmentation = Augmentation(augmented, self.values, self.data)
        weights, slow = self.model.trainable_variables, {id(weight) for weight in pretrained}
        head = [weight for weight in weights if id(weight) not in slow]
        self.phases = [head, weights] if slow else [weights]
        half = self.precision == "float16"
        self.update = Update(
            self.structure, self.optional, self.values, self.phases, pretrained, half
        )

    def _build_model(self, family: ModelFamily) -> tuple[keras.Model, Sequence[Any]]:
        """The model, and its weights that were trained before."""
        inputs, x = build_inputs(self.data, self.structure)
        if family.is_own:
            return build_own(family, self.structure, inputs, x, self.data.outputs), ()
        built = family.load_builder()(self.structure, x, self.data, self.values)
        network = built if isinstance(built, Network) else Network(built)
        return keras.Model(inputs, network.outputs), network.pretrained

    # What a step computes; called while tracing.

    def forward(self, x: Tensor, training: bool = False) -> Tensor:
        """Float32 outputs [batch, outputs] of raw inputs [batch, ...]."""
        return ops.cast(self.model(self._cast(x), training=training), "float32")

    def _cast(self, x: Tensor) -> Tensor:
        return ops.cast(x, input_type(self.data))

    def total_loss(self, x: Tensor, y: tuple[Tensor, ...], phase: int = 0) -> tuple[Tensor, Tensor]:
        """Mean loss of a batch with its penalties, and the sum of its score."""
        x, targets = self._cast(x), self.training_loss.targets(*y)
        if self.augmentation is not None:
            x, targets = self.augmentation(x, targets)
        outputs = self.forward(x, training=True)
        loss = self.training_loss.loss(targets, outputs)
        kernels = [weight for weight in self.phases[phase] if is_kernel(weight)]
        squares = [ops.sum(ops.square(weight)) for weight in kernels]
        loss = loss + self.values["l2"] * sum(squares, ops.zeros(()))
        if "l1" in self.optional:
            loss = loss + self.values["l1"] * sum(ops.sum(ops.abs(w)) for w in kernels)
        return loss, self.training_loss.score(targets, outputs)

    # State.

    @property
    def variables(self) -> list[keras.Variable]:
        """Every variable that training reads or changes, in an order that never changes."""
        augmentation = self.augmentation.variables if self.augmentation is not None else []
        groups = [*self.model.variables, *augmentation, *self.update.variables]
        groups += self.loss.variables
        known = {id(variable) for variable in groups}
        return [*groups, *(v for v in self.values.variables if id(v) not in known)]

    def start(self, params: Params, seed: int) -> None:
        """Become a fresh trial: new weights, empty optimizer, given values, seeded randomness."""
        self.initializers.start(self.loop, seed)
        self.update.start()
        for i, variable in enumerate(v for v in self.variables if v.name == "seed_generator_state"):
            variable.assign(seed_state(seed, i))
        self.set_values(params)

    def set_values(self, params: Params) -> None:
        """Take the values of a configuration; weights and everything else stay."""
        self.values.assign(values_of(self.structure["model"], params))
        self.loss.weigh(self.data.class_counts, params.get("class_weights") == "balanced")

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
        averages = self.update.averages
        if not averages:
            yield
            return
        weights = self.phases[-1]
        trained = [np.array(ops.convert_to_numpy(weight)) for weight in weights]
        for weight, average in zip(weights, averages, strict=True):
            weight.assign(average.value)
        try:
            yield
        finally:
            for weight, value in zip(weights, trained, strict=True):
                weight.assign(value)

    # Running.

    def train_epoch(
        self, feed: Feed, order: np.ndarray, rates: np.ndarray, phase: int = 0
    ) -> tuple[float, float]:
        """Train one pass; mean loss and mean score over it.

        Args:
            order: [steps, batch_size] indices; rates: [steps] learning rates.
        """
        sums, first = np.zeros(2), 0
        rates, order = rates.astype("float32"), order.astype("int32")
        for x, y, rows in feed.chunks(order, self.chunk_steps):
            steps, y = len(rows), y[: len(self.specs) - 1]  # all but a teacher not asked for
            # A short chunk is filled with any batches: the loop runs only the first `steps`.
            rows = np.resize(rows, (self.chunk_steps, self.batch_size))
            chunk_rates = np.resize(rates[first : first + steps], self.chunk_steps)
            sums += self.loop.train(phase, x, y, rows, chunk_rates, steps)
            first += steps
        return float(sums[0] / len(order)), float(sums[1] / order.size)

    def predict(self, x: Tensor) -> np.ndarray:
        """Outputs [n, outputs] of raw inputs [n, ...]; the last rows are padded and cut.

        Args:
            x: on the host, or `eval_rows` examples on the device.
        """
        parts = []
        for first in range(0, len(x), self.eval_rows):
            rows = x[first : first + self.eval_rows] if len(x) != self.eval_rows else x
            missing = self.eval_rows - len(rows)
            if missing:
                rows = np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)])
            parts.append(self.loop.outputs(rows)[: self.eval_rows - missing])
        return self.loss.in_units(np.concatenate(parts))
