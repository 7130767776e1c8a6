"""Keras's optimizers with momentum and weight decay as variables.

The two belong to the optimizer because a step on JAX shows the optimizer only its own variables.
Biases and the parameters of normalization layers do not decay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

_NOT_DECAYED = ["bias", "gamma", "beta"]


class SGD(keras.optimizers.SGD):
    """Nesterov SGD; a momentum of 0 is plain SGD in the same program."""

    def build(self, variables: list[Any]) -> None:
        """Create the momentum buffers, the momentum and the decay."""
        super().build(
            variables
        )  # the positive number given at construction makes Keras build buffers
        if not hasattr(self, "values_built"):
            self.values_built = True
            self.momentum = _owned(self, "momentum_value")
            self.weight_decay = _owned(self, "weight_decay_value")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Nesterov's update as Keras writes it, without its branch on a momentum of 0."""
        rate = ops.cast(learning_rate, variable.dtype)
        momentum = ops.cast(self.momentum, variable.dtype)
        move = ops.cast(gradient, variable.dtype) * rate
        buffer = self.momentums[self._get_variable_index(variable)]
        velocity = buffer * momentum - move
        self.assign(buffer, velocity)
        self.assign_add(variable, velocity * momentum - move)


class AdamW(keras.optimizers.AdamW):
    """Adam with decoupled decay (Loshchilov and Hutter 2019)."""

    def build(self, variables: list[Any]) -> None:
        """Create Adam's buffers and the decay."""
        super().build(variables)
        if not hasattr(self, "values_built"):
            self.values_built = True
            self.weight_decay = _owned(self, "weight_decay_value")


class Adam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015) with the decay added to the gradient, as its users know it.

    Decoupled decay would make it AdamW under another name.
    """

    def build(self, variables: list[Any]) -> None:
        """Create Adam's buffers and the decay."""
        super().build(variables)
        if not hasattr(self, "values_built"):
            self.values_built = True
            self.coupled_decay = _owned(self, "weight_decay_value")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Adam's update of the gradient plus the decayed weights."""
        if self._use_weight_decay(variable):
            gradient = gradient + ops.cast(self.coupled_decay, variable.dtype) * variable
        super().update_step(gradient, variable, learning_rate)


def _owned(optimizer: Any, name: str) -> Any:
    return optimizer.add_variable(shape=(), initializer="zeros", dtype="float32", name=name)


_FACTORIES: dict[str, Callable[[], Any]] = {
    "sgd": lambda: SGD(0.0, momentum=0.5, nesterov=True),
    "adam": lambda: Adam(0.0),
    "adamw": lambda: AdamW(0.0, weight_decay=0.0),
}


def build_optimizer(name: str, variables: list[Any]) -> tuple[Any, dict[str, Any]]:
    """An optimizer built on `variables`, and its hyperparameter variables by name."""
    optimizer = _FACTORIES[name]()
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    optimizer.build(variables)
    if name == "adam":
        return optimizer, {"weight_decay": optimizer.coupled_decay}
    owned = {"weight_decay": optimizer.weight_decay}
    if name == "sgd":
        owned["momentum"] = optimizer.momentum
    return optimizer, owned
