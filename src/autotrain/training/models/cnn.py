"""A convolutional network: stages of convolution, batch norm, ReLU and pooling.

Width doubles at each stage, and a stage pools only while the image is at least two pixels wide,
so the family fits images of any size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import layers

from autotrain.training.models import BATCH_NORM_MOMENTUM
from autotrain.training.values import Dropout, MaxPooling2D, Values

_WIDEST = 512


def build(structure: Mapping[str, Any], inputs: Any, classes: int, values: Values) -> Any:
    """Logits [n, classes] from images [n, h, w, c]."""
    x = inputs
    for stage in range(structure["depth"]):
        filters = min(structure["width"] * 2**stage, _WIDEST)
        x = layers.Conv2D(
            filters,
            structure["kernel"],
            padding="same",
            use_bias=not structure["batch_norm"],
            kernel_initializer="he_normal",
        )(x)
        if structure["batch_norm"]:
            x = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)
        x = layers.ReLU()(x)
        if min(x.shape[1:3]) >= 2:
            x = MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = Dropout(values["dropout"])(x)
    return layers.Dense(classes)(x)
