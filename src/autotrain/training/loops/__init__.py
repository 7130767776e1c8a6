"""The compiled loops, one file per backend, with one interface.

`Loop(program)` offers `train(x, y, rates, steps)`, `logits(x)` and `draw(seed)`; the program says
what a step computes, the loop how it is compiled. `traces` counts how often Python ran to trace.
"""

from __future__ import annotations

import importlib
from typing import Any

import keras

_LOOPS = {"tensorflow": "tensorflow", "jax": "jax"}


def build_loop(program: Any) -> Any:
    """The loop of the backend that Keras runs on."""
    return _module().Loop(program)


def release() -> None:
    """Give back memory of dropped programs, as far as the backend can."""
    _module().release()


def _module() -> Any:
    return importlib.import_module(f"{__name__}.{_LOOPS[keras.backend.backend()]}")
