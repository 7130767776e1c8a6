"""The compiled loops, one file per backend, with one interface.

`Loop(program)` offers `train(phase, x, y, order, rates, steps)`, `outputs(x)` and `draw(seed)`; the
program says what a step computes, the loop how it is compiled. `traces` counts how often Python
ran to trace.
"""

from __future__ import annotations

import importlib
from typing import Any

import keras
import numpy as np

_LOOPS = {"tensorflow": "tensorflow", "jax": "jax"}


def build_loop(program: Any) -> Any:
    """The loop of the backend that Keras runs on."""
    return _module().Loop(program)


def place(array: np.ndarray) -> Any:
    """The array on the device that trains."""
    return _module().place(array)


def release() -> None:
    """Give back memory of dropped programs, as far as the backend can."""
    _module().release()


def _module() -> Any:
    return importlib.import_module(f"{__name__}.{_LOOPS[keras.backend.backend()]}")
