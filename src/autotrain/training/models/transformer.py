"""Transformer blocks (Vaswani et al. 2017) with the layer norm in front (Xiong et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence

from keras import initializers, layers

from autotrain.catalog.families import Structure
from autotrain.errors import InfeasibleError
from autotrain.training.layers import Dropout
from autotrain.training.models import add_branch
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

_EPSILON = 1e-6  # of layer norm; Keras's 1e-3 is large beside tokens that start small


def encode(structure: Structure, x: Tensor, values: Values, mask: Tensor = None) -> Tensor:
    """Tokens [n, tokens, width] after `depth` blocks of attention and a dense part.

    Args:
        mask: [n, 1, tokens], False for tokens that nobody looks at.

    Raises:
        InfeasibleError: the heads do not divide the width.
    """
    _check_heads(structure["heads"], structure["width"])
    depth = structure["depth"]
    x = Dropout(values["dropout"])(x)
    for i in range(depth):
        for part in (_attention, _dense):
            entry = layers.LayerNormalization(epsilon=_EPSILON)(x)
            branch = Dropout(values["dropout"])(part(structure, entry, mask))
            x = add_branch(x, branch, values, (i + 1) / depth)
    return layers.LayerNormalization(epsilon=_EPSILON)(x)


def either(numbers: Sequence[int]) -> str:
    """Numbers in words."""
    return " or ".join(map(str, numbers))


def _check_heads(heads: int, width: int) -> None:
    if width % heads:
        fitting = [n for n in range(1, min(width, 64) + 1) if not width % n]
        raise InfeasibleError(
            f"heads divide the width, got {heads} for {width}: here {either(fitting)} would fit"
        )


def _attention(structure: Structure, x: Tensor, mask: Tensor) -> Tensor:
    width, heads = structure["width"], structure["heads"]
    return layers.MultiHeadAttention(
        heads,
        width // heads,
        # Glorot's for matrices of this width; Keras takes the heads for a convolution's window.
        kernel_initializer=initializers.RandomNormal(stddev=width**-0.5),
    )(x, x, attention_mask=mask)


def _dense(structure: Structure, x: Tensor, mask: Tensor) -> Tensor:
    width = structure["width"]
    x = layers.Dense(width * structure["mlp_ratio"], activation="gelu")(x)
    return layers.Dense(width)(x)
