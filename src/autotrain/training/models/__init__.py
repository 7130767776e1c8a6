"""Model families, one file each: `build(structure, inputs, data, values)` returns logits.

A family with weights that were trained before returns a `Network`, which names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keras import layers

from autotrain.catalog.families import Structure
from autotrain.training.inputs import DataShape
from autotrain.training.layers import Dropout, stochastic_depth
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

# Keras's 0.99 needs hundreds of steps before evaluation sees the right statistics; the first rung of
# a search on small data comes earlier, and would judge the lag instead of the configuration.
BATCH_NORM_MOMENTUM = 0.9
_WIDEST = 512


@dataclass(frozen=True)
class Network:
    """What a family built.

    Attributes:
        outputs: [n, outputs].
        pretrained: weights that rest in the first phase of a trial and are slow in the second.
    """

    outputs: Any
    pretrained: Sequence[Any] = ()


def activate(structure: Structure, x: Tensor) -> Tensor:
    """Batch norm where the structure has it, then ReLU."""
    if structure["batch_norm"]:
        x = normalize(x)
    return layers.ReLU()(x)


def normalize(x: Tensor) -> Tensor:
    """Batch norm."""
    return layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)


def filters_of(structure: Structure, stage: int) -> int:
    """Filters of a stage: the width doubles from stage to stage, up to 512."""
    width = int(structure["width"])
    return min(width * 2**stage, max(width, _WIDEST))


def can_halve(x: Tensor) -> bool:
    """Whether images [n, h, w, c] are large enough to be halved."""
    return min(x.shape[1:3]) >= 2


def add_branch(x: Tensor, branch: Any, values: Values, share: float) -> Tensor:
    """The sum of `x` and a residual branch, dropped with its share of the stochastic depth."""
    if "stochastic_depth" in values:
        drop = stochastic_depth(values["stochastic_depth"], len(branch.shape), share)
        branch = drop(branch)
    return layers.Add()([x, branch])


def head(structure: Structure, x: Tensor, data: DataShape, values: Values) -> Tensor:
    """Outputs [n, outputs] from features [n, f]: a dense layer where asked for, and dropout before."""
    if structure.get("dense_units"):
        x = layers.Dense(
            structure["dense_units"], activation="relu", kernel_initializer="he_normal"
        )(x)
    x = Dropout(values["dropout"])(x)
    return layers.Dense(data.outputs, dtype="float32")(x)
