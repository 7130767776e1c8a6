"""Hyperparameter values as variables, so that a compiled program serves every value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras


class Values:
    """The value hyperparameters of one program: a float32 scalar variable each.

    Those that the optimizer reads (`momentum`, `weight_decay`) belong to the optimizer, which
    hands them in through `adopt`.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._variables = {name: _scalar(name) for name in names}

    def __getitem__(self, name: str) -> Any:
        return self._variables[name]

    @property
    def variables(self) -> list[keras.Variable]:
        """All of them, in a fixed order."""
        return list(self._variables.values())

    def __contains__(self, name: str) -> bool:
        return name in self._variables

    def adopt(self, name: str, variable: keras.Variable) -> None:
        """Make a variable that another object owns settable from here."""
        self._variables[name] = variable

    def assign(self, values: Mapping[str, float]) -> None:
        """Set every variable that has a value in `values`."""
        for name, variable in self._variables.items():
            variable.assign(float(values[name]))


def _scalar(name: str) -> Any:
    return keras.Variable(0.0, dtype="float32", trainable=False, name=name)
