"""From raw examples to what a family reads: the first layers of every model.

Everything fitted on the training part (means, variances) is kept inside the
model, which takes examples as they came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from autotrain.data import Arrays

_EVAL_BATCH = 256


@dataclass(frozen=True)
class DataShape:
    """What a program must know of the data.

    Attributes:
        kind: `image` or `tabular`.
        goal: `classification`, `multilabel` or `regression`.
        input_shape: of one example, without the batch; dtype: of the inputs.
        outputs: classes, labels or numbers to predict.
        target_shape, target_dtype: of one example's target: [] int32 or [outputs] float32.
        class_counts: training examples per class, or positives per label; None for numbers.
        mean, variance: over the training part, per feature or channel; None for uint8 images,
            which are divided by 255.
        target_mean, target_scale: of regression's targets, [outputs].
    """

    kind: str
    goal: str
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


def describe_shape(
    arrays: Arrays,
    outputs: int,
    kind: str = "image",
    goal: str = "classification",
) -> DataShape:
    """What a program must know of prepared arrays; statistics are of the training part."""
    x, y = arrays.x_train, np.asarray(arrays.y_train)
    given: dict[str, Any] = {}
    if x.dtype != np.uint8:
        axes = tuple(range(x.ndim - 1))
        given["mean"] = np.mean(x, axis=axes, dtype="float64").astype("float32")
        given["variance"] = np.var(x, axis=axes, dtype="float64").astype("float32")
    if goal == "classification":
        given["class_counts"] = np.bincount(y, minlength=outputs).astype("float64")
    elif goal == "multilabel":
        given["class_counts"] = y.sum(axis=0).astype("float64")
    else:
        numbers = y.reshape(len(y), outputs).astype("float64")
        scale = numbers.std(axis=0)
        given["target_mean"] = numbers.mean(axis=0).astype("float32")
        given["target_scale"] = np.where(scale > 0, scale, 1.0).astype("float32")
    return DataShape(
        kind=kind,
        goal=goal,
        input_shape=tuple(x.shape[1:]),
        dtype=str(x.dtype),
        outputs=outputs,
        train_size=len(x),
        validation_size=len(arrays.x_validation),
        target_shape=tuple(y.shape[1:]),
        target_dtype=str(y.dtype),
        **given,
    )


def build_inputs(data: DataShape) -> tuple[Any, Any]:
    """The model's input and what the family builds on, a Keras tensor each.

    Images of unsigned bytes are rescaled to [0, 1], everything else is standardized.
    """
    inputs = keras.Input(data.input_shape, dtype="float32")
    if data.mean is None:
        return inputs, keras.layers.Rescaling(1 / 255)(inputs)
    return inputs, keras.layers.Normalization(mean=data.mean, variance=data.variance)(inputs)
