"""A transformer over words (Vaswani et al. 2017, the encoder), with learned positions.

The mean over the text's own tokens is classified; padding is neither looked at nor counted.
"""

from __future__ import annotations

from keras import layers, ops

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape, known_tokens
from autotrain.training.models import head
from autotrain.training.models.transformer import encode
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

_STDDEV = 0.02  # of embeddings and positions at first


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Logits [n, outputs] from tokens [n, length].

    Raises:
        InfeasibleError: the heads do not divide the width.
    """
    width, length = structure["width"], inputs.shape[1]
    start = {"class_name": "RandomNormal", "config": {"stddev": _STDDEV}}
    x = layers.Embedding(known_tokens(data, structure), width, embeddings_initializer=start)(inputs)
    positions = ops.cumsum(ops.ones_like(inputs), axis=1) - 1
    x = x + layers.Embedding(length, width, embeddings_initializer=start)(positions)
    # An empty text has all its tokens masked; it looks at its first one.
    seen = ops.logical_or(ops.not_equal(inputs, 0), ops.equal(positions, 0))
    x = encode(structure, x, values, ops.expand_dims(seen, 1))
    x = layers.GlobalAveragePooling1D()(x, mask=seen)
    return head(structure, x, data, values)
