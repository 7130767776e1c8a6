"""Networks over time: convolutions, recurrent layers or attention, then what is left of all steps.

`block` chooses among residual blocks of dilated convolutions (Bai et al. 2018), GRU (Cho et al. 2014)
or LSTM layers (Hochreiter and Schmidhuber 1997), and the blocks of a transformer with learned
positions.
"""

from __future__ import annotations

from keras import layers, ops

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape
from autotrain.training.layers import Dropout, spatial_dropout
from autotrain.training.models import activate, add_branch, head
from autotrain.training.models.transformer import encode
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

_STDDEV = 0.02  # of positions at first
_RECURRENT = {"gru": layers.GRU, "lstm": layers.LSTM}


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Outputs [n, outputs] from features over time [n, time, f].

    Raises:
        InfeasibleError: the heads of attention do not divide the width.
    """
    x = _BLOCKS[structure["block"]](structure, inputs, values)
    return head(structure, _SUMMARIES[structure["summary"]](x), data, values)


def _convolutions(structure: Structure, x: Tensor, values: Values) -> Tensor:
    """Each block looks `dilation` times as far as the one before, and adds to its input."""
    depth, kernel, steps = structure["depth"], structure["kernel"], x.shape[1]
    x = layers.Dense(structure["width"])(x)
    farthest = max(1, (steps - 1) // max(1, kernel - 1))  # beyond it a window sees its middle alone
    for i in range(depth):
        branch = layers.Conv1D(
            structure["width"],
            kernel,
            padding="same",
            dilation_rate=min(structure["dilation"] ** i, farthest),
            use_bias=not structure["batch_norm"],
            kernel_initializer="he_normal",
        )(x)
        branch = _thinned(Dropout(values["dropout"])(activate(structure, branch)), values)
        x = add_branch(x, branch, values, (i + 1) / depth)
    return x


def _recurrent(structure: Structure, x: Tensor, values: Values) -> Tensor:
    """Layers that read step by step, each the answers of the one before."""
    for i in range(structure["depth"]):
        if i:
            x = _thinned(Dropout(values["dropout"])(x), values)
        # XLA, which compiles steps on GPUs, has no part of cuDNN's.
        layer = _RECURRENT[structure["block"]](
            structure["width"], return_sequences=True, use_cudnn=False
        )
        x = layers.Bidirectional(layer)(x) if structure["bidirectional"] else layer(x)
    return x


def _attention(structure: Structure, x: Tensor, values: Values) -> Tensor:
    """Every step looks at all others."""
    width, steps = structure["width"], x.shape[1]
    start = {"class_name": "RandomNormal", "config": {"stddev": _STDDEV}}
    x = layers.Dense(width)(x)
    places = ops.cumsum(ops.ones_like(x[:, :, 0], "int32"), axis=1) - 1
    x = x + layers.Embedding(steps, width, embeddings_initializer=start)(places)
    return encode(structure, x, values)


def _thinned(x: Tensor, values: Values) -> Tensor:
    """Without some channels, where a space searches over their share."""
    if "spatial_dropout" not in values:
        return x
    return spatial_dropout(values["spatial_dropout"], rank=3)(x)


_BLOCKS = {
    "conv": _convolutions,
    "gru": _recurrent,
    "lstm": _recurrent,
    "transformer": _attention,
}
_SUMMARIES = {
    "mean": lambda x: layers.GlobalAveragePooling1D()(x),
    "max": lambda x: layers.GlobalMaxPooling1D()(x),
    "last": lambda x: x[:, -1],
}
