"""Runs a LiteRT (TensorFlow Lite) file with ai-edge-litert, or with TensorFlow.

Copied as `runtime.py` beside `predict.py` into models of this format; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = "model.tflite"
READS_STRINGS = False
READS_WIDE = False  # no operation for numbers of 64 bits


def load(path: Path) -> Callable[[Any], Any]:
    """A function from a batch to outputs [n, ...]."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        from tensorflow.lite import Interpreter
    model = Interpreter(str(path))

    def run(x: Any) -> Any:
        place = model.get_input_details()[0]["index"]
        model.resize_tensor_input(place, x.shape)
        model.allocate_tensors()
        model.set_tensor(place, x)
        model.invoke()
        return model.get_tensor(model.get_output_details()[0]["index"])

    return run
