"""A teacher's outputs on the training part, as a file that every worker maps; free of Keras.

They are what the core's losses read: logits of classes and labels, numbers in the targets' units.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autotrain.errors import DataError
from autotrain.files import replaced


def write_outputs(path: Path, outputs: np.ndarray) -> None:
    """Write outputs as `.npy`, aside and then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as aside, aside.open("wb") as file:
        np.save(file, outputs)


def open_outputs(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Memory-map outputs, read-only.

    Args:
        shape: training examples and outputs for each, of the data at hand.

    Raises:
        DataError: the file is missing, damaged, or of other data.
    """
    try:
        outputs = np.load(path, mmap_mode="r", allow_pickle=False)
        if outputs.shape != shape:
            raise ValueError(f"its shape is {list(outputs.shape)}, the data's is {list(shape)}")
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path}: the teacher's outputs are missing or damaged ({error}); the study's own "
            "autotrain distill command makes them again"
        ) from None
    return outputs
