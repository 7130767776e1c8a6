"""A teacher's outputs on the training part, as a file that every worker maps; free of Keras.

They are what the core's losses read: logits of classes and labels, numbers in the targets' units.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autotrain.errors import DataError
from autotrain.files import replaced


def mean_outputs(
    goal: str, members: Sequence[np.ndarray], weights: Sequence[float] | None = None
) -> np.ndarray:
    """The outputs of several models together: the mean of their probabilities, or of their numbers.

    Args:
        goal: `classification`, `multilabel` or `regression`.
        members: [n, outputs] each.
        weights: of the members, which sum to 1; equal ones by default.

    Returns:
        [n, outputs] float32; logits whose probabilities are the mean. One member's are as they are.
    """
    if len(members) == 1:
        return members[0].astype("float32")
    stacked = np.stack(members).astype("float64")
    shares = np.full(len(members), 1 / len(members)) if weights is None else np.array(weights)
    if goal == "regression":
        return np.tensordot(shares, stacked, axes=1).astype("float32")
    share = np.log(shares).reshape(-1, *([1] * (stacked.ndim - 1)))
    if goal == "multilabel":  # log (p / (1 - p))
        yes, no = -np.logaddexp(0.0, -stacked), -np.logaddexp(0.0, stacked)
        mean = np.logaddexp.reduce(yes + share, axis=0) - np.logaddexp.reduce(no + share, axis=0)
    else:
        logs = stacked - np.logaddexp.reduce(stacked, axis=-1, keepdims=True)
        mean = np.logaddexp.reduce(logs + share, axis=0)
    return mean.astype("float32")


def write_outputs(path: Path, outputs: np.ndarray) -> None:
    """Write outputs as `.npy`, aside and then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as aside, aside.open("wb") as file:
        np.save(file, outputs.astype("float32"))


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
