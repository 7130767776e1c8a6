"""ConvMixer (Trockman and Kolter 2022, "Patches Are All You Need?").

An image is cut into patches once; every block mixes places by a depthwise convolution, inside a
residual branch, and channels by a 1x1 convolution. A patch that does not divide the image is
filled up at the border, so images of any size fit.
"""

from __future__ import annotations

from keras import initializers, layers

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape
from autotrain.training.models import add_branch, head, normalize
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Logits [n, outputs] from images [n, h, w, c]."""
    width, patch, depth = structure["width"], structure["patch"], structure["depth"]
    x = _activate(_convolve(inputs, width, patch))
    for i in range(depth):
        mixed = _activate(_convolve_depthwise(x, structure["kernel"]))
        x = add_branch(x, mixed, values, (i + 1) / depth)
        x = _activate(_convolve(x, width, 1))
    x = layers.GlobalAveragePooling2D()(x)
    return head(structure, x, data, values)


def _activate(x: Tensor) -> Tensor:
    return normalize(layers.Activation("gelu")(x))


def _convolve(x: Tensor, width: int, patch: int) -> Tensor:
    return layers.Conv2D(
        width, patch, strides=patch, padding="same", kernel_initializer="he_normal"
    )(x)


def _convolve_depthwise(x: Tensor, kernel: int) -> Tensor:
    # He's initialization; Keras's own takes all channels for inputs of each filter.
    deviation = 2**0.5 / kernel
    return layers.DepthwiseConv2D(
        kernel,
        padding="same",
        depthwise_initializer=initializers.RandomNormal(stddev=deviation),
    )(x)
