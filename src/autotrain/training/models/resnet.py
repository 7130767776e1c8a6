"""A residual network (He et al. 2016a, "Deep Residual Learning for Image Recognition").

Its stem is a 3x3 convolution, as in the paper's networks for CIFAR-10, so small images fit. With
`preactivation` the blocks are those of He et al. 2016b, "Identity Mappings in Deep Residual
Networks". Width doubles at each stage; each but the first halves the image while it can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import layers, ops

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape
from autotrain.training.models import add_branch, can_halve, filters_of, head, normalize
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

_EXPANSION = 4  # of a bottleneck's last convolution


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Logits [n, outputs] from images [n, h, w, c]."""
    before, blocks = structure["preactivation"], structure["blocks"]
    count = structure["depth"] * blocks
    x = _convolve(inputs, structure["width"], 3)
    x = x if before else _activate(x)
    for i in range(count):
        stage, block = divmod(i, blocks)
        stride = 2 if stage and not block and can_halve(x) else 1
        x = _block(structure, x, filters_of(structure, stage), stride, values, (i + 1) / count)
    x = _activate(x) if before else x
    x = layers.GlobalAveragePooling2D()(x)
    return head(structure, x, data, values)


def _block(
    structure: Structure, x: Tensor, filters: int, stride: int, values: Values, share: float
) -> Tensor:
    before = structure["preactivation"]
    entry = _activate(x) if before else x
    branch, convolutions = entry, _convolutions(structure, filters, stride)
    for i, convolution in enumerate(convolutions):
        last = i == len(convolutions) - 1
        branch = _convolve(_activate(branch) if before and i else branch, *convolution)
        if not before:
            branch = normalize(branch) if last else _activate(branch)
    branch = _ATTENTION[structure["attention"]](branch)
    if branch.shape != x.shape:
        x = _convolve(entry, branch.shape[-1], 1, stride)
        x = x if before else normalize(x)
    x = add_branch(x, branch, values, share)
    return x if before else layers.ReLU()(x)


def _convolutions(structure: Structure, filters: int, stride: int) -> list[tuple[int, int, int]]:
    """Filters, kernel and stride of each convolution of a block."""
    kernel = structure["kernel"]
    if structure["bottleneck"]:
        return [(filters, 1, 1), (filters, kernel, stride), (filters * _EXPANSION, 1, 1)]
    return [(filters, kernel, stride), (filters, kernel, 1)]


def _convolve(x: Tensor, filters: int, kernel: int, stride: int = 1) -> Tensor:
    return layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)


def _activate(x: Tensor) -> Tensor:
    return layers.ReLU()(normalize(x))


def _squeeze_and_excitation(x: Tensor) -> Tensor:
    """Channels weighed by what is in the whole image (Hu et al. 2018, section 3)."""
    weigh = _channel_weights(x.shape[-1])
    weights = weigh(layers.GlobalAveragePooling2D(keepdims=True)(x))
    return layers.Multiply()([x, layers.Activation("sigmoid")(weights)])


def _block_attention(x: Tensor) -> Tensor:
    """Channels, then places, weighed by mean and maximum (CBAM; Woo et al. 2018, section 3)."""
    weigh = _channel_weights(x.shape[-1])
    pooled = (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)
    weights = layers.Add()([weigh(pool(keepdims=True)(x)) for pool in pooled])
    x = layers.Multiply()([x, layers.Activation("sigmoid")(weights)])
    over_channels = [reduce(x, axis=-1, keepdims=True) for reduce in (ops.mean, ops.max)]
    places = layers.Concatenate()(over_channels)
    places = layers.Conv2D(1, 7, padding="same", activation="sigmoid", use_bias=False)(places)
    return layers.Multiply()([x, places])


def _channel_weights(channels: int) -> Callable[[Any], Any]:
    """Two dense layers, the first 16 times narrower, as in both papers, but not below 4 units."""
    narrow = layers.Dense(max(channels // 16, 4), activation="relu", kernel_initializer="he_normal")
    wide = layers.Dense(channels)
    return lambda x: wide(narrow(x))


_ATTENTION: dict[str, Callable[[Any], Any]] = {
    "none": lambda x: x,
    "se": _squeeze_and_excitation,
    "cbam": _block_attention,
}
