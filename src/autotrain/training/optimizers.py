"""Keras's optimizers with momentum and weight decay as variables.

The two belong to the optimizer because a step on JAX shows the optimizer only its own variables.
Biases and the parameters of normalization layers do not decay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from autotrain.catalog.families import Structure
from autotrain.compat.keras_internals import decays, rmsprop_averages, sgd_momentum
from autotrain.training.tensors import Tensor

_NOT_DECAYED = ("bias", "gamma", "beta")


def is_kernel(variable: keras.Variable) -> bool:
    """Whether penalties and decay concern a weight: not biases and normalization."""
    return variable.name not in _NOT_DECAYED


class _DecayVariable:
    """Mixed into an optimizer of Keras: its decoupled weight decay is a variable of its own."""

    def build(self: Any, variables: list[keras.Variable]) -> None:
        """Create the optimizer's buffers and the decay."""
        super().build(variables)  # type: ignore[misc]
        if not hasattr(self, "values_built"):
            self.values_built = True
            self.own_values()

    def own_values(self: Any) -> None:
        """Create the variables that hold values."""
        self.weight_decay = _owned(self, "weight_decay_value")


class _MomentumVariable(_DecayVariable):
    """Its momentum is one, too."""

    def own_values(self: Any) -> None:
        """Momentum and decay."""
        super().own_values()
        self.momentum = _owned(self, "momentum_value")


class SGD(_MomentumVariable, keras.optimizers.SGD):
    """SGD with momentum; a momentum of 0 is plain SGD in the same program."""

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """The update as Keras writes it, without its branch on a momentum of 0."""
        rate = ops.cast(learning_rate, variable.dtype)
        momentum = ops.cast(self.momentum, variable.dtype)
        move = ops.cast(gradient, variable.dtype) * rate
        buffer = sgd_momentum(self, variable)
        velocity = buffer * momentum - move
        self.assign(buffer, velocity)
        self.assign_add(variable, velocity * momentum - move if self.nesterov else velocity)


class RMSprop(_MomentumVariable, keras.optimizers.RMSprop):
    """RMSprop (Hinton 2012) with momentum, which may be 0."""

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """The update as Keras writes it, without its branch on a momentum of 0."""
        gradient = ops.cast(gradient, variable.dtype)
        average, buffer = rmsprop_averages(self, variable)
        squares = self.rho * average + (1 - self.rho) * ops.square(gradient)
        self.assign(average, squares)
        rate = ops.cast(learning_rate, variable.dtype)
        move = rate * gradient / ops.sqrt(squares + self.epsilon)
        velocity = ops.cast(self.momentum, variable.dtype) * buffer + move
        self.assign(buffer, velocity)
        self.assign_sub(variable, velocity)


class AdamW(_DecayVariable, keras.optimizers.AdamW):
    """Adam with decoupled decay (Loshchilov and Hutter 2019)."""


class Nadam(_DecayVariable, keras.optimizers.Nadam):
    """Adam with Nesterov momentum (Dozat 2016)."""


class Lion(_DecayVariable, keras.optimizers.Lion):
    """The sign of the momentum (Chen et al. 2023); wants a tenth of Adam's learning rate."""


class Lamb(_DecayVariable, keras.optimizers.Lamb):
    """Adam, layer by layer in proportion to the weights (You et al. 2020), for large batches."""


class Muon(_MomentumVariable, keras.optimizers.Muon):
    """Orthogonalized momentum for matrices (Jordan et al. 2024), Adam for everything else."""

    def own_values(self) -> None:
        """Momentum and one decay for both kinds of weights."""
        super().own_values()
        self.adam_weight_decay = self.weight_decay


class Adam(_DecayVariable, keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015) with the decay added to the gradient, as its users know it.

    Decoupled decay would make it AdamW under another name.
    """

    def own_values(self) -> None:
        """The decay, under a name that Keras does not know, for it would decouple it."""
        self.coupled_decay = _owned(self, "weight_decay_value")

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Adam's update of the gradient plus the decayed weights."""
        if decays(self, variable):
            gradient = gradient + ops.cast(self.coupled_decay, variable.dtype) * variable
        super().update_step(gradient, variable, learning_rate)


def _owned(optimizer: Any, name: str) -> Any:
    return optimizer.add_variable(shape=(), initializer="zeros", dtype="float32", name=name)


# A positive momentum or decay makes Keras build what the variables then steer.
_FACTORIES: dict[str, Callable[[bool], Any]] = {
    "sgd": lambda nesterov: SGD(0.0, momentum=0.5, nesterov=nesterov),
    "rmsprop": lambda nesterov: RMSprop(0.0, momentum=0.5),
    "adam": lambda nesterov: Adam(0.0),
    "adamw": lambda nesterov: AdamW(0.0, weight_decay=0.0),
    "nadam": lambda nesterov: Nadam(0.0),
    "lion": lambda nesterov: Lion(0.0),
    "lamb": lambda nesterov: Lamb(0.0),
    "muon": lambda nesterov: Muon(0.0, nesterov=nesterov),
}


def build_optimizer(
    structure: Structure, variables: list[keras.Variable]
) -> tuple[Any, dict[str, Any]]:
    """An optimizer built on `variables`, and its hyperparameter variables by name."""
    name = structure["optimizer"]
    optimizer = _FACTORIES[name](structure["nesterov"])
    optimizer.exclude_from_weight_decay(var_names=list(_NOT_DECAYED))
    optimizer.build(variables)
    if name == "adam":
        return optimizer, {"weight_decay": optimizer.coupled_decay}
    owned = {"weight_decay": optimizer.weight_decay}
    if isinstance(optimizer, _MomentumVariable):
        owned["momentum"] = optimizer.momentum
    return optimizer, owned
