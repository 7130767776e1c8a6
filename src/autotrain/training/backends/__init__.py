"""Backends: what Keras computes with, one module for each.

A package adds one by an entry point of the group `autotrain.backends`, which leads to a module with
what `Backend` says. Keras must know a backend of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import keras
import numpy as np

from autotrain.training.tensors import Tensor


class Loop(Protocol):
    """The compiled steps of a program: the program says what a step computes, the loop how.

    Attributes:
        traces: how often Python ran to trace.
    """

    traces: int

    def train(
        self, phase: int, x: Tensor, y: Tensor, order: Tensor, rates: Tensor, steps: int
    ) -> np.ndarray:
        """Train the first `steps` batches of a chunk; the sums of loss and of correct answers.

        Args:
            x: [rows, ...]; arrays are where `place` put them.
            y: some of [rows, ...].
            order: [chunk, batch] int32 rows of all.
            rates: [chunk].
        """

    def outputs(self, x: Tensor) -> np.ndarray:
        """Outputs [eval_rows, outputs] of as many examples, nothing updated."""

    def draw(self, initializers: list[Any]) -> list[Tensor]:
        """Initial weights in order: each initializer is a function without arguments."""


class Backend(Protocol):
    """A module that knows a backend.

    Attributes:
        KEEPS_PROGRAMS: whether memory of dropped programs is free only once the process has ended.
        Loop: makes the loop of a program.
    """

    KEEPS_PROGRAMS: bool
    Loop: Callable[[Any], Loop]

    def configure(self, memory_mb: int | None) -> str:
        """Set what only the backend's API can set; its version.

        Args:
            memory_mb: limit of GPU memory, where several processes share a GPU.
        """

    def has_gpu(self) -> bool:
        """Whether it computes on one."""

    def place(self, array: np.ndarray) -> Tensor:
        """The array on the device that trains."""

    def release(self) -> None:
        """Give back memory of dropped programs, as far as the backend can."""

    def max_pool(self, x: Tensor) -> Tensor:
        """The largest of each 2 x 2 pixels: [n, h, w, c] to [n, h // 2, w // 2, c]."""

    def flops(self, model: keras.Model, row: np.ndarray) -> int:
        """Floating-point operations of a model for one example [1, ...]."""
