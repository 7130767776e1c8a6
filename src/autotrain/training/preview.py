"""What augmentation does to images, at several strengths, through the core's own layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from keras import ops

from autotrain.training.augmentation import Augmentation
from autotrain.training.inputs import DataShape
from autotrain.training.values import Values


def augmented(
    images: np.ndarray,
    data: DataShape,
    parts: tuple[str, ...],
    strengths: Sequence[float],
    seed: int = 0,
) -> dict[str, list[np.ndarray]]:
    """A batch of images under each part by itself, and under all of them together.

    The draws are the same for every strength, so that only the strength tells results apart.

    Args:
        images: [n, h, w, c] as they came.

    Returns:
        By part, and as `all together` where there are several, one [n, h, w, c] float32 array a
        strength.
    """
    values = Values(parts)
    layer = Augmentation(parts, values, data)
    x, targets = images.astype("float32"), np.zeros((len(images), data.outputs), "float32")

    def at(chosen: tuple[str, ...], strength: float) -> np.ndarray:
        values.assign({name: strength if name in chosen else 0.0 for name in parts})
        layer.seed_generator.state.assign(np.array([seed, 0]))
        return np.asarray(ops.convert_to_numpy(layer(x, targets)[0]))

    rows: dict[str, tuple[str, ...]] = {part: (part,) for part in parts}
    if len(parts) > 1:
        rows["all together"] = parts
    return {name: [at(chosen, s) for s in strengths] for name, chosen in rows.items()}
