"""Weights drawn anew for every trial: Keras itself forgets how a weight was initialized."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from autotrain.trial import derive_seed


class Initializers:
    """The initial value of every weight of a model, drawn from one seed.

    Attributes:
        seed: generator that all draws use.
    """

    def __init__(self) -> None:
        self.seed: Any = None
        self._entries: list[tuple[Any, Any]] = []
        self._given: dict[int, np.ndarray] = {}

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Take note of every weight made within."""
        original = keras.layers.Layer.add_weight
        record = self._entries

        def add_weight(layer: Any, *args: Any, **kwargs: Any) -> Any:
            variable = original(layer, *args, **kwargs)
            initializer = kwargs.get("initializer") or (args[1] if len(args) > 1 else None)
            if initializer is None:
                initializer = "glorot_uniform" if "float" in variable.dtype else "zeros"
            record.append((variable, keras.initializers.get(initializer)))
            return variable

        keras.layers.Layer.add_weight = add_weight
        try:
            yield
        finally:
            keras.layers.Layer.add_weight = original
        self.seed = keras.random.SeedGenerator(0)
        self._entries = [(variable, self._seeded(variable, i)) for variable, i in record]

    def keep(self, variables: list[Any]) -> None:
        """Have these weights start from what they are now, such as pretrained ones."""
        for variable in variables:
            self._given[id(variable)] = np.array(keras.ops.convert_to_numpy(variable))

    def start(self, loop: Any, seed: int) -> None:
        """Give every weight its initial value of a seed."""
        self.seed.state.assign(seed_state(seed, "weights"))
        entries = [entry for entry in self._entries if id(entry[0]) not in self._given]
        drawn = loop.draw([draw for _, draw in entries])
        for (variable, _), value in zip(entries, drawn, strict=True):
            variable.assign(value)
        for variable, _ in self._entries:
            if id(variable) in self._given:
                variable.assign(self._given[id(variable)])

    def _seeded(self, variable: Any, initializer: Any) -> Any:
        if hasattr(initializer, "seed"):
            initializer = copy.copy(initializer)
            initializer.seed = self.seed
        return lambda: initializer(variable.shape, dtype=variable.dtype)


def seed_state(seed: int, purpose: int | str) -> np.ndarray:
    """The state of a seed generator for one purpose of a trial."""
    return np.array([derive_seed(seed, purpose), 0])
