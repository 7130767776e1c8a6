"""What `show` says of a study's best model."""

import json
from types import SimpleNamespace

import pytest

from autotrain.reports.summary import weakest_outputs


@pytest.fixture
def with_card(tmp_path):
    def study(card):
        path = tmp_path / "model.json"
        path.write_text(card if isinstance(card, str) else json.dumps(card), "utf-8")
        return SimpleNamespace(paths=SimpleNamespace(best_card=path))

    return study


TABLE = {
    "precision": [0.9, 0.5, 0.0, 0.7, 0.8],
    "recall": [0.9, 0.6, 0.0, 0.7, 0.8],
    "f1": [0.9, 0.55, 0.0, 0.7, 0.8],
    "support": [9, 5, 0, 7, 8],
}


def test_weakest_classes_that_occur_come_first(with_card):
    text = weakest_outputs(with_card({"classes": list("abcde"), "by_class": TABLE}))
    assert text == (
        "b: f1 0.55 (precision 0.5, recall 0.6, support 5); "
        "d: f1 0.7 (precision 0.7, recall 0.7, support 7); "
        "e: f1 0.8 (precision 0.8, recall 0.8, support 8)"
    )


def test_numbers_to_predict_are_named_by_their_position(with_card):
    table = {"rmse": [1.0, 2.0], "mae": [0.5, 1.5], "r2": [0.9, 0.1]}
    text = weakest_outputs(with_card({"classes": [], "by_class": table}))
    assert text.startswith("1: r2 0.1 (rmse 2, mae 1.5); 0: r2 0.9")


@pytest.mark.parametrize(
    "card",
    [
        "{",
        {"classes": []},
        {"classes": ["price"], "by_class": {"rmse": [1.0], "mae": [1.0], "r2": [0.5]}},
    ],
)
def test_nothing_is_said_where_there_is_nothing_to_compare(with_card, card):
    assert weakest_outputs(with_card(card)) == ""
