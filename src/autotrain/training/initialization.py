"""Weights drawn anew for every trial: Keras itself forgets how a weight was initialized."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from autotrain.compat.keras_internals import recorded_weights
from autotrain.trial import derive_seed

_CONSTANTS = {keras.initializers.Zeros: 0, keras.initializers.Ones: 1}


class Initializers:
    """The initial value of every weight of a model: drawn from one seed, or as its builder set it.

    Attributes:
        seed: generator that all draws use.
    """

    def __init__(self) -> None:
        self.seed: Any = None
        self._drawn: list[tuple[Any, Any]] = []  # variables and functions that draw
        self._given: list[tuple[Any, np.ndarray]] = []  # pretrained ones, zeros and ones

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Take note of every weight made within, and of those that are set within.

        Values are drawn by `start` only. Until then a weight is not a number, which costs nothing
        to make and shows whether the builder set it.
        """
        with recorded_weights(_unset) as record:
            yield
        self.seed = keras.random.SeedGenerator(0)
        for variable, initializer in record:
            value = np.array(keras.ops.convert_to_numpy(variable))
            constant = _CONSTANTS.get(type(initializer))
            if not _is_unset(value):
                self._given.append((variable, value))
            elif constant is not None:  # drawn with the others it would cost a trace
                self._given.append((variable, np.full_like(value, constant)))
            else:
                self._drawn.append((variable, self._seeded(variable, initializer)))

    def start(self, loop: Any, seed: int) -> None:
        """Give every weight its initial value of a seed."""
        self.seed.state.assign(seed_state(seed, "weights"))
        values = loop.draw([draw for _, draw in self._drawn])
        for (variable, _), value in zip(self._drawn, values, strict=True):
            variable.assign(value)
        for variable, value in self._given:
            variable.assign(value)

    def _seeded(self, variable: keras.Variable, initializer: Any) -> Any:
        if hasattr(initializer, "seed"):
            initializer = copy.copy(initializer)
            initializer.seed = self.seed
        return lambda: initializer(variable.shape, dtype=variable.dtype)


def seed_state(seed: int, purpose: int | str) -> np.ndarray:
    """The state of a seed generator for one purpose of a trial."""
    return np.array([derive_seed(seed, purpose), 0])


def _unset(shape: Any, dtype: Any = None) -> np.ndarray:
    kind = np.dtype(dtype or "float32")
    return np.full(shape, _mark(kind), kind)


def _is_unset(value: np.ndarray) -> bool:
    mark = _mark(value.dtype)
    first = value.reshape(-1)[:1]
    return bool((np.isnan(first) if mark != mark else first == mark).all())


def _mark(kind: np.dtype) -> Any:
    return np.iinfo(kind).min if kind.kind in "iu" else False if kind.kind == "b" else np.nan
