"""From raw rows and texts to the numbers that a model was trained on, by Keras's own layers.

The layers come with the saved model only: training reads the numbers that the data layer prepared,
which are the same. Strings exist in models on TensorFlow alone.
"""

from __future__ import annotations

import keras
from keras import layers, ops

from autotrain.training.inputs import DataShape
from autotrain.training.tensors import Tensor


def reads_strings(data: DataShape) -> bool:
    """Whether raw examples have text in them."""
    return bool(data.tokens) or any(column.kind == "category" for column in data.columns)


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
    inputs, parts = {}, []
    for i, column in enumerate(data.columns):
        category = column.kind == "category"
        kind = "string" if category else "float32"
        # Keras allows no slash in the name of a layer; the dictionary has the column's own.
        name = f"{column.name.replace('/', '_')}_{i}" if "/" in column.name else column.name
        inputs[column.name] = x = keras.Input((1,), dtype=kind, name=name)
        if category:
            look_up = layers.StringLookup(
                vocabulary=list(column.levels),
                oov_token="\0",  # not a level of anybody's table
                name=f"code_{i}",
            )
            x = ops.cast(look_up(x), "float32")
        parts.append(x)
    return inputs, layers.Concatenate()(parts) if len(parts) > 1 else parts[0]


_RAW = {"tabular": _columns, "text": _texts}
