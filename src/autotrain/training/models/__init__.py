"""Model families, one file each: `build(structure, inputs, outputs, values)` returns logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import layers

# Keras's 0.99 needs hundreds of steps before evaluation sees the right statistics; the first rung of
# a search on small data comes earlier, and would judge the lag instead of the configuration.
BATCH_NORM_MOMENTUM = 0.9


def activate(structure: Mapping[str, Any], x: Any) -> Any:
    """Batch norm where the structure has it, then ReLU."""
    if structure["batch_norm"]:
        x = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)
    return layers.ReLU()(x)
