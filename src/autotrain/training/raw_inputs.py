"""From raw rows and texts to the numbers that a model was trained on, by Keras's own layers.

The layers come with the saved model only: training reads the numbers that the data layer prepared,
which are the same. Strings, and numbers of 64 bits, exist in models on TensorFlow alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from autotrain.training.inputs import DataShape
from autotrain.training.tensors import Tensor

CENTRED = "centred"  # the name of what reads numbers of 64 bits
WIDE = "offset_"  # begins the names of layers that compute in them


def reads_strings(data: DataShape) -> bool:
    """Whether raw examples have text in them."""
    return bool(data.tokens) or any(column.kind == "category" for column in data.columns)


def needs_tensorflow(data: DataShape) -> bool:
    """Whether the saved model does what only TensorFlow can: read strings, centre in 64 bits."""
    return reads_strings(data) or bool(data.offset or data.target_offset)


def wide_layers(offset: Sequence[float]) -> list[keras.layers.Layer]:
    """Layers that add an offset in 64 bits; none where it is empty.

    In two parts of 32 bits each, which is what Keras makes of a constant.
    """
    if not offset:
        return []
    high = np.array(offset).astype("float32")
    low = (np.array(offset) - high).astype("float32")
    return [
        layers.Rescaling(1.0, part.tolist(), dtype="float64", name=f"{WIDE}{name}")
        for name, part in (("low", low), ("high", high))
    ]


def centred_model(model: keras.Model, offset: Sequence[float]) -> keras.Model:
    """A model that subtracts an offset [features] from inputs of 64 bits; as it is without one."""
    if not offset:
        return model
    inputs = x = keras.Input((len(offset),), dtype="float64")
    for layer in reversed(wide_layers([-value for value in offset])):
        x = layer(x)
    return keras.Model(inputs, model(ops.cast(x, "float32")), name=CENTRED)


def build_raw_inputs(data: DataShape) -> tuple[Tensor, Tensor]:
    """Inputs of raw examples, and what the trained model reads, as Keras tensors.

    Texts are strings [n, 1]. A table is a dictionary of its columns by name, [n, 1] each: numbers,
    NaN where missing, and strings, empty where missing.
    """
    return _RAW[data.modality](data)


def _texts(data: DataShape) -> tuple[Tensor, Tensor]:
    inputs = keras.Input((1,), dtype="string", name="text")
    vectorize = layers.TextVectorization(
        split=data.tokens,
        output_sequence_length=data.input_shape[0],
        vocabulary=list(data.vocabulary),
        name="tokens",
    )
    return inputs, ops.cast(vectorize(inputs), "int32")


def _columns(data: DataShape) -> tuple[Tensor, Tensor]:
    number = "float64" if data.offset else "float32"
    inputs, parts = {}, []
    for i, column in enumerate(data.columns):
        category = column.kind == "category"
        kind = "string" if category else number
        # Keras allows no slash in the name of a layer; the dictionary has the column's own.
        name = f"{column.name.replace('/', '_')}_{i}" if "/" in column.name else column.name
        inputs[column.name] = x = keras.Input((1,), dtype=kind, name=name)
        if category:
            look_up = layers.StringLookup(
                vocabulary=list(column.levels),
                oov_token="\0",  # not a level of anybody's table
                name=f"code_{i}",
            )
            x = ops.cast(look_up(x), number)
        parts.append(x)
    return inputs, layers.Concatenate(dtype=number)(parts) if len(parts) > 1 else parts[0]


_RAW = {"tabular": _columns, "text": _texts}
