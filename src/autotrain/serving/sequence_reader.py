"""Sequences [n, time, features] as a model wants them.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

if __package__:
    from autotrain.serving.input_file import Batch, InputError, Inputs
else:
    from input_file import Batch, InputError, Inputs  # type: ignore[no-redef]


def read(inputs: Inputs, path: Path) -> Iterator[Batch]:
    """Refuse what is no array; arrays are read by `input_file.read_arrays`.

    Raises:
        InputError: always.
    """
    steps, features = inputs["shape"]
    raise InputError(
        f"{path}: this model reads sequences of {steps} steps with {features} features, as arrays "
        "[n, time, features] in a .npy file or as `x` in a .npz file"
    )
