"""Learning from a teacher: a share of the loss asks for its outputs instead of the labels.

Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network". The loss is that of
`keras.distillation`, but its `Distiller` is not used: it runs the teacher on every batch of every
trial, where its outputs on the training part are computed once; it trains through `Model.fit`,
which compiles anew for each trial; and its weights and temperature are Python numbers, which the
first trace would bake in.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from autotrain.training.losses import Loss
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

_LEAST = 1e-7  # of a probability; Keras's loss makes none smaller either


class Taught:
    """A task and a teacher: (1 - w) of the task's own loss, and w, `soft_weight`, of the soft loss.

    Targets are the loss's own, and beside them what the teacher asks for, in the same form: what
    blends the ones (mixup, cutmix) blends the others by the same share.

    Args:
        name: of the task's own loss, in `losses.LOSSES`.
    """

    def __init__(self, name: str, loss: Loss, values: Values) -> None:
        self._own, self._values = loss, values
        self._soft = _SOFT[name](loss, values)

    def targets(self, y: Tensor, teacher: Any) -> Tensor:
        """Both [n, 2 * outputs], of labels [n, ...] and the teacher's outputs [n, outputs]."""
        return ops.concatenate([self._own.targets(y), self._soft.targets(teacher)], axis=-1)

    def loss(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """Mean over the batch. With a weight of 0 it is the task's own, to the last bit."""
        own, soft = ops.split(targets, 2, axis=-1)
        weight = self._values["soft_weight"]
        hard = self._own.loss(own, outputs)
        return (1.0 - weight) * hard + weight * self._soft.loss(soft, outputs)

    def score(self, targets: Tensor, outputs: Tensor) -> Tensor:
        """How good the answers are by the labels, whatever the teacher says."""
        return self._own.score(ops.split(targets, 2, axis=-1)[0], outputs)


class _Classes:
    """One of several classes: the divergence of probabilities that a temperature softens."""

    def __init__(self, loss: Loss, values: Values) -> None:
        self._temperature = values["temperature"]
        # The loss as an object: by its name, which is the default, Keras 3.15 compares logits as if
        # they were probabilities. Set afterwards: the constructor takes Python numbers only.
        self._loss = keras.distillation.LogitsDistillation(loss=keras.losses.KLDivergence())
        self._loss.temperature = self._temperature

    def targets(self, teacher: Any) -> Tensor:
        """Softened probabilities [n, classes], which may be blended as logits may not."""
        return ops.softmax(teacher / self._temperature)

    def loss(self, soft: Tensor, outputs: Tensor) -> Tensor:
        """T ** 2 KL(soft, softmax(outputs / T)), mean over the batch (section 2 of the paper)."""
        return self._loss.compute_loss(self._hardened(ops.log(ops.maximum(soft, _LEAST))), outputs)

    def _hardened(self, logits: Tensor) -> Tensor:
        """Logits that the loss, which softens them itself, brings to what they are now."""
        return logits * self._temperature


class _Labels(_Classes):
    """Any of several labels: each is a choice between two classes, yes and no."""

    def targets(self, teacher: Any) -> Tensor:
        """Softened probabilities [n, labels]."""
        return ops.sigmoid(teacher / self._temperature)

    def loss(self, soft: Tensor, outputs: Tensor) -> Tensor:
        """The same, mean over batch and labels."""
        soft = ops.clip(soft, _LEAST, 1.0 - _LEAST)
        logits = self._hardened(ops.log(soft) - ops.log(1.0 - soft))
        return self._loss.compute_loss(_pairs(logits), _pairs(outputs))


def _pairs(logits: Tensor) -> Tensor:
    """Logits [n, labels, 2] of yes and no."""
    return ops.stack([logits, ops.zeros_like(logits)], axis=-1)


class _Numbers:
    """Numbers: the task's own loss, measured from the teacher's answers; nothing is softened."""

    def __init__(self, loss: Loss, values: Values) -> None:
        self._own = loss

    def targets(self, teacher: Any) -> Tensor:
        """The teacher's numbers, standardized as the labels are."""
        return self._own.targets(teacher)

    def loss(self, soft: Tensor, outputs: Tensor) -> Tensor:
        """Mean over batch and outputs."""
        return self._own.loss(soft, outputs)


# By the name of the task's own loss.
_SOFT: dict[str, Any] = {"categorical": _Classes, "binary": _Labels, "numeric": _Numbers}
