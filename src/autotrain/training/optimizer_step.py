"""One update of a program's weights: what happens between the gradient and the new weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from autotrain.catalog.families import Structure
from autotrain.training.optimizers import build_optimizer, is_kernel
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

_LOSS_SCALE = 2.0**15  # of float16, at first


class Update:
    """Scales and clips gradients, lets the optimizer move the weights, limits and averages them.

    Args:
        structure: structural hyperparameters; optional: the optional values in the program.
        phases: for each phase of training the weights that it trains; the optimizer knows all.
        slow: weights that move by `fine_tune_factor` of the learning rate only.
    """

    def __init__(
        self,
        structure: Structure,
        optional: tuple[str, ...],
        values: Values,
        phases: list[list[Any]],
        slow: Sequence[keras.Variable],
        half: bool,
    ) -> None:
        self._optional, self._values, self._phases = optional, values, phases
        self._weights = phases[-1]
        self._slow = {id(weight) for weight in slow}
        self.optimizer, owned = build_optimizer(structure, self._weights)
        for name, variable in owned.items():
            values.adopt(name, variable)
        self.averages = [_copy_of(w) for w in self._weights] if structure["ema"] else []
        scale = [_number("loss_scale", _LOSS_SCALE), _number("good_steps", 0.0)]
        self.loss_scale = scale if half else []
        self._fresh = [ops.convert_to_numpy(v) for v in self.optimizer.variables]

    @property
    def variables(self) -> list[keras.Variable]:
        """Everything that updates read or change besides the weights and the values."""
        return [*self.optimizer.variables, *self.averages, *self.loss_scale]

    def start(self) -> None:
        """Forget all earlier updates."""
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        for variable, fresh in zip(self.loss_scale, (_LOSS_SCALE, 0.0), strict=False):
            variable.assign(fresh)
        for average, weight in zip(self.averages, self._weights, strict=False):
            average.assign(ops.copy(weight.value))  # JAX gives each buffer away once

    def scaled(self, loss: Tensor) -> Any:
        """The loss whose gradient `apply` takes: with float16 it is scaled up."""
        return loss * self.loss_scale[0] if self.loss_scale else loss

    def apply(self, gradients: list[Tensor], rate: Tensor, phase: int = 0) -> None:
        """One update of weights, optimizer state and averages with the learning rate `rate`."""
        if self.loss_scale:
            gradients = self._unscaled(gradients)
        if "clip_value" in self._optional:
            limit = self._values["clip_value"] + 0.0  # a tensor, which JAX asks for here
            gradients = [ops.clip(g, -limit, limit) for g in gradients]
        # Stacked, for TensorFlow orders a chain of sums by whatever else is in the program.
        norm = ops.sqrt(ops.sum(ops.stack([ops.sum(ops.square(g)) for g in gradients])))
        scale = ops.minimum(1.0, self._values["clip_norm"] / (norm + 1e-12))
        weights = self._phases[phase]
        slow = [(weight, weight + 0.0) for weight in weights if id(weight) in self._slow]
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply([g * scale for g in gradients], weights)
        for weight, before in slow:  # the same as a smaller rate, whatever the optimizer
            weight.assign(before + self._values["fine_tune_factor"] * (weight - before))
        if "max_norm" in self._optional:
            self._limit_norms(weights)
        self._update_averages()

    def _unscaled(self, gradients: list[Tensor]) -> list[Any]:
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

    def _limit_norms(self, weights: list[keras.Variable]) -> None:
        """Scale down the weights into a unit whose norm is above the limit (Hinton et al. 2012)."""
        for kernel in filter(is_kernel, weights):
            squares = ops.sum(ops.square(kernel), axis=incoming_axes(kernel), keepdims=True)
            norms = ops.sqrt(squares + 1e-12)
            kernel.assign(kernel * ops.minimum(1.0, self._values["max_norm"] / norms))

    def _update_averages(self) -> None:
        # The decay grows with the steps, so that the first, random weights are soon forgotten.
        step = ops.cast(self.optimizer.iterations, "float32")
        decay = ops.minimum(self._values["ema_decay"] + 0.0, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.averages, self._weights, strict=False):
            average.assign(average * decay + weight * (1.0 - decay))


def incoming_axes(kernel: keras.Variable) -> tuple[int, ...]:
    """The axes of a kernel that together lead into one unit: most often all but the last."""
    if "depthwise" in kernel.path:
        return (0, 1)  # [height, width, channels, 1]
    if kernel.name == "embeddings":
        return (1,)  # [tokens, width]: the vector of a token
    if kernel.path.split("/")[-2:-1] in (["query"], ["key"], ["value"]):
        return (0,)  # [width, heads, units]
    return tuple(range(len(kernel.shape) - 1))


def _copy_of(weight: keras.Variable) -> Any:
    return keras.Variable(weight.value, trainable=False, name=f"average_{weight.name}")


def _number(name: str, value: float) -> Any:
    return keras.Variable(value, dtype="float32", trainable=False, name=name)
