"""How a model's outputs are written down for people: one form of answer for each kind of task.

Copied beside `predict.py` into every exported model; it needs nothing of autotrain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np


class Answer(NamedTuple):
    """A form of answer: names of its columns, and the cells of one example.

    Attributes:
        header: from the names of the outputs.
        values: from the names of the outputs, and the outputs [outputs] of an example: texts and
            numbers.
        form: how a number is written; wide: one of 64 bits.
    """

    header: Callable[[Sequence[str]], list[str]]
    values: Callable[[Sequence[str], np.ndarray], list[str | float]]
    form: str
    wide: str

    def cells(self, names: Sequence[str], row: np.ndarray) -> list[str]:
        """The values as they are written."""
        form = self.wide if row.dtype == np.float64 else self.form
        return [v if isinstance(v, str) else format(v, form) for v in self.values(names, row)]


def _class(names: Sequence[str], row: np.ndarray) -> list[str | float]:
    """The likeliest class, and how likely it is."""
    best = int(row.argmax())
    return [names[best], float(row[best])]


def _from(position: int, threshold: float) -> Callable[..., list[str | float]]:
    """One of two classes from a probability on, else the other; and how likely it is."""

    def said(names: Sequence[str], row: np.ndarray) -> list[str | float]:
        found = position if row[position] >= threshold else 1 - position
        return [names[found], float(row[found])]

    return said


def _labels(names: Sequence[str], row: np.ndarray) -> list[str | float]:
    """The labels that are likelier than not, and how likely each is."""
    said = " ".join(name for name, chance in zip(names, row, strict=True) if chance > 0.5)
    return [said, *map(float, row)]


def _numbers(names: Sequence[str], row: np.ndarray) -> list[str | float]:
    return [float(value) for value in row]


ANSWERS = {
    "class": Answer(lambda names: ["class", "probability"], _class, ".6f", ".6f"),
    "labels": Answer(lambda names: ["labels", *names], _labels, ".6f", ".6f"),
    "numbers": Answer(list, _numbers, ".8g", ".15g"),
}
# Models of before name what they predict, and not how they answer.
BY_TASK = {
    "classification": "class",
    "multilabel": "labels",
    "regression": "numbers",
    "forecast": "numbers",
}


def answer_of(card: Mapping[str, Any]) -> Answer:
    """How a model answers, from its card."""
    found = ANSWERS[card.get("answer") or BY_TASK[card.get("goal") or card["task"]]]
    threshold = card.get("threshold")
    if not threshold:
        return found
    position = list(card["classes"]).index(threshold["class"])
    said = _from(position, float(threshold["value"]))
    return Answer(found.header, said, found.form, found.wide)
