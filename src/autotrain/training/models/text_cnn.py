"""Convolutions over words (Kim 2014, "Convolutional Neural Networks for Sentence Classification").

Windows of several lengths slide over the embedded tokens; of each filter its strongest answer
anywhere in the text counts.
"""

from __future__ import annotations

from keras import layers, ops

from autotrain.catalog.families import Structure
from autotrain.errors import InfeasibleError
from autotrain.training.inputs import DataShape, known_tokens
from autotrain.training.layers import spatial_dropout
from autotrain.training.models import activate, head
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Logits [n, outputs] from tokens [n, length].

    Raises:
        InfeasibleError: no numbers for a token.
    """
    if not structure["embedding"]:
        raise InfeasibleError(
            "embedding must be at least 1 for text_cnn, got 0: leave it out for 64"
        )
    x = layers.Embedding(known_tokens(data, structure), structure["embedding"])(inputs)
    x = x * ops.cast(ops.expand_dims(ops.not_equal(inputs, 0), -1), x.dtype)  # padding says nothing
    if "spatial_dropout" in values:
        x = spatial_dropout(values["spatial_dropout"], rank=3)(x)
    found = []
    for i in range(structure["windows"]):
        window = layers.Conv1D(
            structure["width"],
            structure["kernel"] + i,
            padding="same",
            use_bias=not structure["batch_norm"],
            kernel_initializer="he_normal",
        )(x)
        found.append(layers.GlobalMaxPooling1D()(activate(structure, window)))
    x = layers.Concatenate()(found) if len(found) > 1 else found[0]
    return head(structure, x, data, values)
