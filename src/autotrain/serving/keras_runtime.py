"""Runs a `.keras` file with Keras on TensorFlow.

Copied as `runtime.py` beside `predict.py` into models of this format; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = "model.keras"
READS_STRINGS = True


def load(path: Path) -> Callable[[Any], Any]:
    """A function from a batch to outputs [n, ...]."""
    import keras

    model = keras.saving.load_model(path, safe_mode=True)
    return lambda x: model.predict_on_batch(tensors(x))


def tensors(x: Any) -> Any:
    """Arrays for a model, strings as TensorFlow's, for Keras takes no arrays of objects."""
    import tensorflow as tf

    if isinstance(x, dict):
        return {name: tf.constant(values.tolist()) for name, values in x.items()}
    return tf.constant(x.tolist()) if x.dtype == object else x
