"""From raw examples to what a family reads: the first layers of every model.

Everything fitted on the training part (means, variances) is kept inside the
model, which takes examples as they came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from autotrain.catalog.families import Structure
from autotrain.data import Arrays, Column, DataInfo, open_vocabulary
from autotrain.tasks import task_named
from autotrain.training.tensors import Tensor

_EVAL_BATCH = 256


@dataclass(frozen=True)
class DataShape:
    """What a program must know of the data.

    Attributes:
        modality: `image`, `tabular` or `text`.
        task: `classification`, `multilabel` or `regression`.
        input_shape: of one example, without the batch; dtype: of the inputs.
        outputs: classes, labels or numbers to predict.
        target_shape, target_dtype: of one example's target: [] int32 or [outputs] float32.
        class_counts: training examples per class, or positives per label; None for numbers.
        mean, variance: over the training part, per feature or channel, missing values left out;
            None for uint8 images, which are divided by 255, and for texts.
        missing: features of which a training example has no value.
        target_mean, target_scale: of regression's targets, [outputs].
        offset, target_offset: what was subtracted in 64 bits before (`data.centring`); empty for
            most data.
        columns: of a table; empty where all are numbers.
        series: of a forecast, what its metrics need; see `DataInfo.series`.
        tokens, vocabulary: of texts, as in `DataInfo`; the token at position i has the number i + 2.
    """

    modality: str
    task: str
    input_shape: tuple[int, ...]
    dtype: str
    outputs: int
    train_size: int
    validation_size: int
    target_shape: tuple[int, ...] = ()
    target_dtype: str = "int32"
    class_counts: np.ndarray | None = None
    mean: np.ndarray | None = None
    variance: np.ndarray | None = None
    target_mean: np.ndarray | None = None
    target_scale: np.ndarray | None = None
    missing: tuple[int, ...] = ()
    offset: tuple[float, ...] = ()
    target_offset: tuple[float, ...] = ()
    columns: tuple[Column, ...] = ()
    series: Mapping[str, Any] = field(default_factory=dict)
    tokens: str = ""
    vocabulary: tuple[str, ...] = ()

    @property
    def example_bytes(self) -> int:
        """Size of one example's inputs."""
        return int(np.prod(self.input_shape)) * np.dtype(self.dtype).itemsize

    @property
    def eval_batches(self) -> int:
        """Batches in which the validation part is evaluated."""
        return -(-self.validation_size // _EVAL_BATCH)

    @property
    def eval_batch(self) -> int:
        """Examples in each of them, so that little is padded."""
        return -(-self.validation_size // self.eval_batches)


def shape_of(arrays: Arrays, info: DataInfo, folder: Path) -> DataShape:
    """What a program must know of the prepared data in a folder; arrays are centred already."""
    more: dict[str, Any] = {"columns": info.columns, "series": dict(info.series),
                            "offset": info.offset, "target_offset": info.target_offset}  # fmt: skip
    if info.tokens:
        more |= {"columns": (), "tokens": info.tokens, "vocabulary": open_vocabulary(folder)}
    return describe_shape(arrays, info.classes, info.modality, info.task, **more)


def describe_shape(
    arrays: Arrays,
    outputs: int,
    modality: str = "image",
    task: str = "classification",
    **more: Any,
) -> DataShape:
    """What a program must know of prepared arrays; statistics are of the training part.

    Args:
        more: what the arrays do not tell: `columns`, `series`, `tokens` and `vocabulary`.
    """
    x, y = arrays.x_train, np.asarray(arrays.y_train)
    given: dict[str, Any] = dict(more)
    if x.dtype.kind == "f":
        given |= _statistics(x)
    predicted = task_named(task)
    if predicted.has_classes:
        given["class_counts"] = np.array(predicted.counts(y, outputs), "float64")
    else:
        numbers = y.reshape(len(y), outputs).astype("float64")
        scale = numbers.std(axis=0)
        given["target_mean"] = numbers.mean(axis=0).astype("float32")
        given["target_scale"] = np.where(scale > 0, scale, 1.0).astype("float32")
    return DataShape(
        modality=modality,
        task=task,
        input_shape=tuple(x.shape[1:]),
        dtype=str(x.dtype),
        outputs=outputs,
        train_size=len(x),
        validation_size=len(arrays.x_validation),
        target_shape=tuple(y.shape[1:]),
        target_dtype=str(y.dtype),
        **given,
    )


def _statistics(x: np.ndarray) -> dict[str, Any]:
    axes = tuple(range(x.ndim - 1))
    variance = np.nanvar(x, axis=axes, dtype="float64")
    missing = np.flatnonzero(np.isnan(x).any(axis=axes))
    return {
        "mean": np.nanmean(x, axis=axes, dtype="float64").astype("float32"),
        # What never varied says nothing, and must not explode where it does.
        "variance": np.where(variance > 0, variance, 1.0).astype("float32"),
        "missing": tuple(int(i) for i in missing),
    }


def build_inputs(data: DataShape, structure: Structure) -> tuple[Tensor, Tensor]:
    """The model's input and what the family builds on, a Keras tensor each.

    Images of unsigned bytes are rescaled to [0, 1], numbers are standardized, categories embedded,
    and texts cut to the length and the vocabulary that the structure names.
    """
    inputs = keras.Input(data.input_shape, dtype=input_type(data))
    return inputs, _INPUTS[data.modality].prepare(inputs, data, structure)


def input_type(data: DataShape) -> str:
    """The type in which examples come to the model: `int32` for token numbers, else `float32`."""
    return _INPUTS[data.modality].dtype


def _image(inputs: Tensor, data: DataShape, structure: Structure) -> Tensor:
    if data.mean is None:
        return layers.Rescaling(1 / 255, dtype="float32")(inputs)
    return _standardized(inputs, data, slice(None))


def _table(inputs: Tensor, data: DataShape, structure: Structure) -> Tensor:
    """Numbers, the mean where one is missing; whether it is missing; embedded categories."""
    codes = [i for i, column in enumerate(data.columns) if column.kind == "category"]
    numbers = [i for i in range(data.input_shape[0]) if i not in codes]
    parts = []
    if numbers:
        chosen = ops.take(inputs, numbers, axis=1) if codes else inputs
        parts.append(ops.nan_to_num(_standardized(chosen, data, numbers)))
    missing = [i for i in data.missing if i in numbers]
    if missing:
        parts.append(ops.cast(ops.isnan(ops.take(inputs, missing, axis=1)), "float32"))
    for i in codes:
        levels = len(data.columns[i].levels)
        width = structure.get("embedding") or _embedding_width(levels)
        code = ops.cast(ops.take(inputs, i, axis=1), "int32")
        parts.append(layers.Embedding(levels + 1, width)(code))
    return parts[0] if len(parts) == 1 else layers.Concatenate()(parts)


def _standardized(x: Tensor, data: DataShape, chosen: Tensor) -> Tensor:
    """In float32 always: of a year, bfloat16 would keep the decade."""
    mean, variance = np.asarray(data.mean)[chosen], np.asarray(data.variance)[chosen]
    return layers.Normalization(mean=mean, variance=variance, dtype="float32")(x)


def _sequence(inputs: Tensor, data: DataShape, structure: Structure) -> Tensor:
    """Numbers, the mean where one is missing; and whether it is missing."""
    x = ops.nan_to_num(_standardized(inputs, data, slice(None)))
    if not data.missing:
        return x
    missing = ops.isnan(ops.take(inputs, list(data.missing), axis=2))
    return layers.Concatenate()([x, ops.cast(missing, "float32")])


def _embedding_width(levels: int) -> int:
    """A rule of thumb from fast.ai's tabular models, found by trying."""
    return int(min(50, round(1.6 * (levels + 1) ** 0.56)))


def _text(inputs: Tensor, data: DataShape, structure: Structure) -> Tensor:
    length = structure.get("sequence_length") or data.input_shape[0]
    x = inputs[:, :length] if length < data.input_shape[0] else inputs
    known = known_tokens(data, structure)
    return ops.where(x < known, x, 1) if known < len(data.vocabulary) + 2 else x


def known_tokens(data: DataShape, structure: Structure) -> int:
    """Token numbers that a structure tells apart, padding and the unknown token included."""
    return int(min(structure.get("vocabulary") or 2**31, len(data.vocabulary) + 2))


@dataclass(frozen=True)
class _Inputs:
    """The first layers for a modality: the type of their input, and what makes a tensor of it."""

    dtype: str
    prepare: Callable[[Any, DataShape, Mapping[str, Any]], Any]


_INPUTS = {
    "image": _Inputs("float32", _image),
    "tabular": _Inputs("float32", _table),
    "text": _Inputs("int32", _text),
    "sequence": _Inputs("float32", _sequence),
}
