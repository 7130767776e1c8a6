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
    module = importlib.import_module(f"{__name__}.{_LOOPS[keras.backend.backend()]}")
    return module.Loop(program)
