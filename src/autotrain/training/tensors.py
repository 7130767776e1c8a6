"""A name for what has no type of its own: the arrays of Keras and of its backends."""

from typing import Any, TypeAlias

# `tf.Tensor`, `jax.Array`, or Keras's symbolic tensor, as the code is run or traced.
Tensor: TypeAlias = Any
