"""Layers whose rates are variables of the program, so that every rate shares one program.

Keras's own layers hold Python numbers that become part of the trace; a rate of 0 even leaves the
operation out. Here 0 shares the program and drops nothing. `plain()` gives the Keras layer with the
present rate, for a model that others can load.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from autotrain.training.runtime import backend
from autotrain.training.tensors import Tensor


class Dropout(keras.layers.Layer):
    """`keras.layers.Dropout` with a variable rate.

    Args:
        rate: variable, in [0, 1).
        noise_shape: as in Keras: 1 along axes where one draw counts for all, None elsewhere.
        share: what the rate is multiplied with here.
    """

    def __init__(
        self,
        rate: Tensor,
        noise_shape: tuple[int | None, ...] | None = None,
        share: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        # Past Keras's tracking, which would count the program's variable as this layer's weight.
        self.__dict__["rate_variable"] = rate
        self._noise_shape, self._share = noise_shape, share
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Scale and drop units while training; identity otherwise."""
        if not training:
            return inputs
        # Not `keras.random.dropout`, which asks in Python whether the rate is 0.
        sizes = ops.shape(inputs)
        noise = self._noise_shape or (None,) * len(sizes)
        shape = [own or size for own, size in zip(noise, sizes, strict=True)]
        draws = keras.random.uniform(shape, dtype=inputs.dtype, seed=self.seed_generator)
        keep = 1.0 - self.rate
        return ops.where(draws < keep, inputs / keep, ops.zeros_like(inputs))

    @property
    def rate(self) -> Tensor:
        """The rate as a tensor in the layer's compute type."""
        return ops.cast(self.__dict__["rate_variable"] * self._share, self.compute_dtype)

    def plain(self) -> keras.layers.Layer:
        """The Keras layer with the present rate."""
        rate = self._share * float(ops.convert_to_numpy(self.__dict__["rate_variable"]))
        return keras.layers.Dropout(rate, noise_shape=self._noise_shape, name=self.name)


def spatial_dropout(rate: Tensor, rank: int) -> Dropout:
    """Drops whole feature maps (Tompson et al. 2015) of inputs of a rank, channels last."""
    return Dropout(rate, noise_shape=(None, *(1,) * (rank - 2), None))


def stochastic_depth(rate: Tensor, rank: int, share: float) -> Dropout:
    """Drops the whole residual branch of an example (Huang et al. 2016).

    What is kept is scaled up while training, instead of down in evaluation as in the paper.

    Args:
        rate: variable, the rate of the last block; rank: of the inputs.
        share: of this block; in the paper (equation 4) it rises linearly with depth.
    """
    return Dropout(rate, noise_shape=(None, *(1,) * (rank - 1)), share=share)


class MaxPooling2D(keras.layers.MaxPooling2D):
    """Keras's 2 x 2 max-pooling, the way that is fastest on the backend."""

    def call(self, inputs: Tensor) -> Tensor:
        """[n, h, w, c] to [n, h // 2, w // 2, c]."""
        return backend().max_pool(inputs)

    def plain(self) -> keras.layers.Layer:
        """The Keras layer."""
        return keras.layers.MaxPooling2D(name=self.name)
