"""A convolutional network: stages of convolutions, each with batch norm and ReLU, and pooling.

Width doubles at each stage, and a stage pools only while the image is at least two pixels wide,
so the family fits images of any size.
"""

from __future__ import annotations

from keras import layers

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape
from autotrain.training.layers import MaxPooling2D, spatial_dropout
from autotrain.training.models import activate, can_halve, filters_of, head
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Logits [n, outputs] from images [n, h, w, c]."""
    x = inputs
    for stage in range(structure["depth"]):
        x = _stage(structure, x, filters_of(structure, stage))
        if "spatial_dropout" in values:
            x = spatial_dropout(values["spatial_dropout"], rank=4)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return head(structure, x, data, values)


def _stage(structure: Structure, x: Tensor, filters: int) -> Tensor:
    halves, pooling = can_halve(x), structure["pooling"]
    for i in range(structure["blocks"]):
        last = i == structure["blocks"] - 1
        x = layers.Conv2D(
            filters,
            structure["kernel"],
            strides=2 if last and halves and pooling == "stride" else 1,
            padding="same",
            use_bias=not structure["batch_norm"],
            kernel_initializer="he_normal",
        )(x)
        x = activate(structure, x)
    if halves and pooling != "stride":
        x = (MaxPooling2D() if pooling == "max" else layers.AveragePooling2D(2))(x)
    return x
