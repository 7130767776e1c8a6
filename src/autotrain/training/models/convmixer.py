"""ConvMixer (Trockman and Kolter 2022, "Patches Are All You Need?").

An image is cut into patches once; every block mixes places by a depthwise convolution, inside a
residual branch, and channels by a 1x1 convolution. A patch that does not divide the image is
filled up at the border, so images of any size fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import initializers, layers

from autotrain.training.inputs import DataShape
from autotrain.training.models import add_branch, head, normalize
from autotrain.training.values import Values


def build(structure: Mapping[str, Any], inputs: Any, data: DataShape, values: Values) -> Any:
    """Logits [n, outputs] from images [n, h, w, c]."""
    width, patch, depth = structure["width"], structure["patch"], structure["depth"]
    x = _activate(_convolve(inputs, width, patch))
    for i in range(depth):
        mixed = _activate(_convolve_depthwise(x, structure["kernel"]))
        x = add_branch(x, mixed, values, (i + 1) / depth)
        x = _activate(_convolve(x, width, 1))
    x = layers.GlobalAveragePooling2D()(x)
    return head(structure, x, data, values)


def _activate(x: Any) -> Any:
    return normalize(layers.Activation("gelu")(x))


def _convolve(x: Any, width: int, patch: int) -> Any:
    return layers.Conv2D(
        width, patch, strides=patch, padding="same", kernel_initializer="he_normal"
    )(x)


def _convolve_depthwise(x: Any, kernel: int) -> Any:
    # He's initialization; Keras's own takes all channels for inputs of each filter.
    deviation = 2**0.5 / kernel
    return layers.DepthwiseConv2D(
        kernel,
        padding="same",
        depthwise_initializer=initializers.RandomNormal(stddev=deviation),
    )(x)
