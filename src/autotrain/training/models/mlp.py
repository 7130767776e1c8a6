"""A multi-layer perceptron for tables: dense, batch norm, ReLU, dropout, repeated."""

from __future__ import annotations

from keras import layers

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape
from autotrain.training.layers import Dropout
from autotrain.training.models import activate
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Logits [n, outputs] from features [n, f]."""
    x = inputs
    for _ in range(structure["depth"]):
        before = x
        x = layers.Dense(
            structure["width"],
            use_bias=not structure["batch_norm"],
            kernel_initializer="he_normal",
        )(x)
        x = activate(structure, x)
        x = Dropout(values["dropout"])(x)
        if structure["residual"] and before.shape == x.shape:  # the first layer changes the width
            x = layers.Add()([before, x])
    return layers.Dense(data.outputs, dtype="float32")(x)
