"""What a model's outputs mean: targets, losses, and the last layers of a plain model.

A task names its loss (`Task.loss_name`). Losses take every number that a space may search over from
the program's variables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape
from autotrain.training.raw_inputs import wide_layers
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values


class Loss(Protocol):
    """What a program minimizes, and what it counts while it does.

    Attributes:
        variables: of its own, which checkpoints keep.
    """

    variables: list[Any]

    def targets(self, y: Tensor) -> Tensor:
        """What outputs are compared with, [n, outputs] float32, of a batch's targets [n, ...]."""

    def loss(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """A scalar, the mean over the batch; linear in targets, as blended ones ask for."""

    def score(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """The sum over the batch of the task's training metric."""

    def in_units(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs [n, outputs] as the task's metrics read them."""

    def weigh(self, counts: np.ndarray | None, balanced: bool) -> None:
        """Set the weights of classes for a trial."""

    def last_layers(self) -> list[keras.layers.Layer]:
        """What a model that others load has behind its outputs."""


class CategoricalLoss:
    """One of several classes: logits [n, classes], cross-entropy or focal loss.

    Args:
        optional: the optional values of the program.
    """

    def __init__(self, outputs: int, values: Values, optional: tuple[str, ...]) -> None:
        self.outputs = outputs
        self._values, self._focal = values, "focal_gamma" in optional
        self.class_weights = keras.Variable(
            np.ones(outputs, "float32"), trainable=False, name="class_weights"
        )
        self.variables = [self.class_weights]

    def targets(self, y: Tensor) -> Tensor:
        """One-hot [n, classes] of class numbers [n]."""
        return ops.one_hot(y, self.outputs, dtype="float32")

    def loss(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """Mean over the batch, each class weighted; linear in targets, as blended ones ask for."""
        smoothing = self._values["label_smoothing"]
        weighted = targets * self.class_weights
        smooth = weighted * (1.0 - smoothing)
        smooth = smooth + ops.mean(weighted, axis=-1, keepdims=True) * smoothing
        log_probabilities = ops.log_softmax(outputs)
        if self._focal:  # Lin et al. 2017, eq. 4; gamma 0 is the cross-entropy
            doubt = 1.0 - ops.exp(log_probabilities)
            doubt = ops.maximum(doubt, 1e-7)  # the gradient of 0 ** 0 is not a number
            log_probabilities = doubt ** (self._values["focal_gamma"] + 0.0) * log_probabilities
        return -ops.mean(ops.sum(smooth * log_probabilities, axis=-1))

    def score(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """How many are right; with blended targets, the class with the largest share is right."""
        right = ops.equal(ops.argmax(outputs, axis=-1), ops.argmax(targets, axis=-1))
        return ops.sum(ops.cast(right, "float32"))

    def in_units(self, outputs: np.ndarray) -> np.ndarray:
        """Logits as they are."""
        return outputs

    def weigh(self, counts: np.ndarray | None, balanced: bool) -> None:
        """Set the weights of classes: n / (classes * count) as scikit-learn's `balanced`, or 1."""
        weights = np.ones(self.outputs)
        if balanced and counts is not None:
            weights = counts.sum() / (len(counts) * np.maximum(counts, 1.0))
        self.class_weights.assign(weights.astype("float32"))

    def last_layers(self) -> list[keras.layers.Layer]:
        """Probabilities."""
        return [keras.layers.Softmax(name="probabilities", dtype="float32")]


class BinaryLoss(CategoricalLoss):
    """Any of several labels at once: logits [n, labels], binary cross-entropy or focal loss."""

    def targets(self, y: Tensor) -> Tensor:
        """0 and 1 [n, labels]."""
        return ops.cast(y, "float32")

    def loss(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """Mean over batch and labels; a weight counts for the positives of its label."""
        smoothing = self._values["label_smoothing"]
        smooth = targets * (1.0 - smoothing) + smoothing / 2.0
        yes, no = ops.log_sigmoid(outputs), ops.log_sigmoid(-outputs)
        if self._focal:
            gamma = self._values["focal_gamma"] + 0.0
            yes = ops.maximum(ops.exp(no), 1e-7) ** gamma * yes
            no = ops.maximum(1.0 - ops.exp(no), 1e-7) ** gamma * no
        return ops.mean(-(smooth * yes * self.class_weights + (1.0 - smooth) * no))

    def score(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """The sum over the batch of the share of labels that are right."""
        right = ops.equal(outputs > 0, targets > 0.5)
        return ops.sum(ops.mean(ops.cast(right, "float32"), axis=-1))

    def last_layers(self) -> list[keras.layers.Layer]:
        """Probabilities, one by one."""
        return [keras.layers.Activation("sigmoid", name="probabilities", dtype="float32")]


class NumericLoss:
    """Numbers [n, outputs], learnt in standard deviations of the training part.

    Args:
        mean, scale: of the targets, [outputs].
        offset: what was subtracted from the targets before, in 64 bits; empty where nothing was.
        quantile: of the program's values, whose pinball loss is taken; None for that of `kind`.
    """

    def __init__(
        self,
        outputs: int,
        kind: str,
        mean: np.ndarray,
        scale: np.ndarray,
        offset: Sequence[float] = (),
        quantile: Tensor | None = None,
    ) -> None:
        self.outputs, self._mean, self._scale = outputs, mean, scale
        self._offset = tuple(offset)
        self.variables: list[Any] = []
        self._loss = {"mae": _absolute, "huber": _huber}.get(kind, _squared)
        self._quantile = quantile

    def targets(self, y: Tensor) -> Tensor:
        """Standardized targets [n, outputs]."""
        y = ops.reshape(ops.cast(y, "float32"), (-1, self.outputs))
        return (y - self._mean) / self._scale

    def loss(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """Mean over batch and outputs."""
        errors = outputs - targets
        if self._quantile is not None:  # Koenker and Bassett 1978
            share = self._quantile + 0.0
            return ops.mean(ops.maximum(-share * errors, (1.0 - share) * errors))
        return ops.mean(self._loss(errors))

    def score(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """The sum over the batch of the mean absolute error, in the targets' own units."""
        return ops.sum(ops.mean(ops.abs(outputs - targets) * self._scale, axis=-1))

    def in_units(self, outputs: np.ndarray) -> np.ndarray:
        """Predictions in the targets' own units."""
        numbers = outputs * self._scale + self._mean
        return numbers + np.array(self._offset) if self._offset else numbers

    def weigh(self, counts: np.ndarray | None, balanced: bool) -> None:
        """Numbers have no classes."""

    def last_layers(self) -> list[keras.layers.Layer]:
        """Back to the targets' own units."""
        return [
            keras.layers.Rescaling(
                self._scale.tolist(), self._mean.tolist(), name="units", dtype="float32"
            ),
            *wide_layers(self._offset),
        ]


def _squared(errors: Tensor) -> Tensor:
    return ops.square(errors)


def _absolute(errors: Tensor) -> Tensor:
    return ops.abs(errors)


def _huber(errors: Tensor) -> Tensor:
    """Huber 1964 with its bend at one standard deviation of the targets."""
    size = ops.abs(errors)
    return ops.where(size < 1.0, 0.5 * ops.square(errors), size - 0.5)


def _categorical(data: DataShape, values: Values, structure: Structure) -> Loss:
    return CategoricalLoss(data.outputs, values, structure["optional"])


def _binary(data: DataShape, values: Values, structure: Structure) -> Loss:
    return BinaryLoss(data.outputs, values, structure["optional"])


def _numeric(data: DataShape, values: Values, structure: Structure) -> Loss:
    mean, scale = np.asarray(data.target_mean), np.asarray(data.target_scale)
    quantile = values["quantile"] if "quantile" in structure["optional"] else None
    kind, offset = structure["loss"], data.target_offset
    return NumericLoss(data.outputs, kind, mean, scale, offset, quantile)


# By name, as `Task.loss_name` has them, from data, values and structure of a program.
LOSSES: dict[str, Callable[[DataShape, Values, Mapping[str, Any]], Loss]] = {
    "categorical": _categorical,
    "binary": _binary,
    "numeric": _numeric,
}
