"""Private parts of Keras: how layers make weights, what optimizers keep, what is asked of TensorFlow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def recorded_weights(first: Any) -> Iterator[list[tuple[Any, Any]]]:
    """Within, every weight that a layer makes has its first value from the initializer `first`.

    `Layer.add_weight` is the one method by which layers make weights, so it is replaced.

    Yields:
        The weights as they are made, each with the initializer that its layer asked for.
    """
    original = keras.layers.Layer.add_weight
    record: list[tuple[Any, Any]] = []

    def add_weight(layer: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs |= zip(("shape", "initializer", "dtype"), args, strict=False)
        wanted = kwargs.pop("initializer", None)
        variable = original(layer, initializer=first, **kwargs)
        if wanted is None:
            wanted = "glorot_uniform" if "float" in variable.dtype else "zeros"
        record.append((variable, keras.initializers.get(wanted)))
        return variable

    keras.layers.Layer.add_weight = add_weight
    try:
        yield record
    finally:
        keras.layers.Layer.add_weight = original


@contextmanager
def without_tensorflow() -> Iterator[None]:
    """Within, Keras on another backend does not load TensorFlow to ask what belongs to it.

    That takes seconds and half a gigabyte; what is not loaded cannot be the type of anything here.
    """
    module: Any = keras.src.utils.module_utils.tensorflow
    before = vars(module).get("_available")
    if keras.backend.backend() != "tensorflow" and "tensorflow" not in sys.modules:
        module._available = False
    try:
        yield
    finally:
        module._available = before


def flat_layers(model: keras.Model) -> list[Any]:
    """All layers of a model, those inside of other layers too."""
    return list(model._flatten_layers())


def sgd_momentum(optimizer: keras.optimizers.SGD, variable: Any) -> Any:
    """The momentum that SGD keeps of a weight."""
    return optimizer.momentums[optimizer._get_variable_index(variable)]


def rmsprop_averages(optimizer: keras.optimizers.RMSprop, variable: Any) -> tuple[Any, Any]:
    """What RMSprop keeps of a weight: the average of squared gradients, and the momentum."""
    index = optimizer._get_variable_index(variable)
    return optimizer._velocities[index], optimizer._momentums[index]


def decays(optimizer: keras.optimizers.Optimizer, variable: Any) -> bool:
    """Whether a weight decays: it does unless `exclude_from_weight_decay` names it."""
    return bool(optimizer._use_weight_decay(variable))
