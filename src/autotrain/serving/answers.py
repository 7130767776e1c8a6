"""How a model's outputs are written down for people: one form of answer for each kind of task.

Copied beside `predict.py` into every exported model; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np


class Answer(NamedTuple):
    """A form of answer: names of its columns, and the cells of one example.

    Attributes:
        header: from the names of the outputs.
        cells: from the names of the outputs, and the outputs [outputs] of an example.
    """

    header: Callable[[Sequence[str]], list[str]]
    cells: Callable[[Sequence[str], np.ndarray], list[str]]


def _class(names: Sequence[str], row: np.ndarray) -> list[str]:
    """The likeliest class, and how likely it is."""
    best = int(row.argmax())
    return [names[best], f"{row[best]:.6f}"]


def _labels(names: Sequence[str], row: np.ndarray) -> list[str]:
    """The labels that are likelier than not, and how likely each is."""
    said = " ".join(name for name, chance in zip(names, row, strict=True) if chance > 0.5)
    return [said, *(f"{chance:.6f}" for chance in row)]


def _numbers(names: Sequence[str], row: np.ndarray) -> list[str]:
    return [f"{value:.8g}" for value in row]


ANSWERS = {
    "class": Answer(lambda names: ["class", "probability"], _class),
    "labels": Answer(lambda names: ["labels", *names], _labels),
    "numbers": Answer(list, _numbers),
}
# Models of before name what they predict, and not how they answer.
BY_TASK = {"classification": "class", "multilabel": "labels", "regression": "numbers"}
