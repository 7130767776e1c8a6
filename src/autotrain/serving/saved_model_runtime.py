"""Runs a SavedModel with TensorFlow.

Copied as `runtime.py` beside `predict.py` into models of this format; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = "saved_model"
READS_STRINGS = True
READS_WIDE = True


def load(path: Path) -> Callable[[Any], Any]:
    """A function from a batch to outputs [n, ...]."""
    import tensorflow as tf

    model = tf.saved_model.load(str(path))

    def tensor(values: Any) -> Any:
        return tf.constant(values.tolist() if values.dtype == object else values)

    def run(x: Any) -> Any:
        if isinstance(x, dict):
            return model.serve({name: tensor(v) for name, v in x.items()})
        return model.serve(tensor(x))

    return run
