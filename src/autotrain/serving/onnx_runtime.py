"""Runs an ONNX file with onnxruntime.

Copied as `runtime.py` beside `predict.py` into models of this format; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = "model.onnx"
READS_STRINGS = False
READS_WIDE = True


def load(path: Path) -> Callable[[Any], Any]:
    """A function from a batch to outputs [n, ...]."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]
