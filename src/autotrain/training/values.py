"""Hyperparameter values as variables, so that a compiled program serves every value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras


class Values:
    """The value hyperparameters of one program: a float32 scalar variable each.

    Those that the optimizer reads (`momentum`, `weight_decay`) belong to the optimizer, which
    hands them in through `adopt`.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._variables = {name: _scalar(name) for name in names}

    def __getitem__(self, name: str) -> Any:
        return self._variables[name]

    @property
    def variables(self) -> list[Any]:
        """All of them, in a fixed order."""
        return list(self._variables.values())

    def adopt(self, name: str, variable: Any) -> None:
        """Make a variable that another object owns settable from here."""
        self._variables[name] = variable

    def assign(self, values: Mapping[str, float]) -> None:
        """Set every variable that has a value in `values`."""
        for name, variable in self._variables.items():
            variable.assign(float(values[name]))


def _scalar(name: str) -> Any:
    return keras.Variable(0.0, dtype="float32", trainable=False, name=name)


class MaxPooling2D(keras.layers.MaxPooling2D):
    """Keras's 2 x 2 max-pooling, on JAX as the maximum of four slices.

    XLA differentiates its own pooling on CPU by a slow scan: it took 0.6 ms of a small network's
    step of 1.6 ms. Where several of the four are largest, each gets a share of the gradient.
    """

    def call(self, inputs: Any) -> Any:
        """[n, h, w, c] to [n, h // 2, w // 2, c]."""
        if keras.backend.backend() != "jax":
            return super().call(inputs)
        height, width = (size // 2 for size in inputs.shape[1:3])
        squares = (-1, height, 2, width, 2, inputs.shape[3])
        even = inputs[:, : 2 * height, : 2 * width]
        return keras.ops.max(keras.ops.reshape(even, squares), axis=(2, 4))

    def plain(self) -> keras.layers.Layer:
        """The Keras layer."""
        return keras.layers.MaxPooling2D(name=self.name)


class Dropout(keras.layers.Layer):
    """`keras.layers.Dropout` whose rate is a variable of the program.

    Keras's own layer holds a Python number that becomes part of the trace; a rate of 0 even leaves
    the operation out. Here 0 shares the program and drops nothing.
    """

    def __init__(self, rate: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Past Keras's tracking, which would count the program's variable as this layer's weight.
        self.__dict__["rate_variable"] = rate
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Scale and drop units while training; identity otherwise."""
        if not training:
            return inputs
        # Not `keras.random.dropout`, which asks in Python whether the rate is 0.
        shape = keras.ops.shape(inputs)
        draws = keras.random.uniform(shape, dtype=inputs.dtype, seed=self.seed_generator)
        keep = 1.0 - self.rate
        return keras.ops.where(draws < keep, inputs / keep, 0.0)

    @property
    def rate(self) -> Any:
        """The rate as a tensor in the layer's compute type."""
        return keras.ops.cast(self.__dict__["rate_variable"], self.compute_dtype)

    def plain(self) -> keras.layers.Layer:
        """The Keras layer with the present rate, for a model that others can load."""
        rate = float(keras.ops.convert_to_numpy(self.__dict__["rate_variable"]))
        return keras.layers.Dropout(rate, name=self.name)
