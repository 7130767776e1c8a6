"""Answers of an exported model: the likelier class, or one of two from a probability on."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.serving.answers import answer_of

CARD = {"task": "classification", "answer": "class", "classes": ["stays", "gone: now"]}


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        (None, ["stays", "stays", "gone: now"]),
        ({"class": "gone: now", "value": 0.25}, ["stays", "gone: now", "gone: now"]),
        ({"class": "stays", "value": 0.05}, ["stays", "stays", "gone: now"]),
        ({"class": "stays", "value": 0.8}, ["stays", "gone: now", "gone: now"]),
    ],
)
def test_a_class_is_said_from_its_threshold_on(threshold, said):
    answer, rows = (
        answer_of({**CARD, "threshold": threshold}),
        [[0.9, 0.1], [0.75, 0.25], [0.02, 0.98]],
    )
    found = [answer.cells(CARD["classes"], np.array(row)) for row in rows]
    assert [cells[0] for cells in found] == said
    chances = [rows[i][CARD["classes"].index(name)] for i, name in enumerate(said)]
    assert [cells[1] for cells in found] == [f"{chance:.6f}" for chance in chances]


def test_a_card_of_before_has_no_threshold():
    assert answer_of({"goal": "classification"}).header([]) == ["class", "probability"]
