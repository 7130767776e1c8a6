"""Choosing an ensemble: never worse than its best member, and better where members differ."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from autotrain.analysis.ensembles import greedy
from autotrain.tasks.classification import CLASSIFICATION
from autotrain.tasks.multilabel import MULTILABEL
from autotrain.tasks.regression import REGRESSION


def members(count=6, examples=400, seed=0):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 3, examples)
    return [
        np.eye(3)[targets] * 1.0 + rng.normal(size=(examples, 3)) for _ in range(count)
    ], targets


def scored(outputs, weights, targets):
    mean = CLASSIFICATION.mean([outputs[i] for i in weights], list(weights.values()))
    return CLASSIFICATION.evaluate(mean, targets)["accuracy"]


def test_it_is_better_than_any_member():
    outputs, targets = members()
    weights = greedy(CLASSIFICATION, "accuracy", outputs, targets, 6)
    alone = max(CLASSIFICATION.evaluate(o, targets)["accuracy"] for o in outputs)
    assert scored(outputs, weights, targets) > alone
    assert sum(weights.values()) == pytest.approx(1.0)


def test_the_mean_is_of_probabilities():
    outputs, targets = members(2)
    mean = CLASSIFICATION.mean(outputs, [0.25, 0.75])
    chances = [CLASSIFICATION.probabilities(o) for o in outputs]
    np.testing.assert_allclose(
        CLASSIFICATION.probabilities(mean), 0.25 * chances[0] + 0.75 * chances[1], rtol=1e-5
    )
    expected = accuracy_score(targets, (0.25 * chances[0] + 0.75 * chances[1]).argmax(axis=1))
    assert CLASSIFICATION.evaluate(mean, targets)["accuracy"] == pytest.approx(expected)


def test_it_has_no_more_members_than_asked():
    outputs, targets = members(8)
    assert len(greedy(CLASSIFICATION, "accuracy", outputs, targets, 3)) <= 3
    assert list(greedy(CLASSIFICATION, "accuracy", outputs, targets, 1).values()) == [1.0]


def test_copies_add_nothing():
    outputs, targets = members(1)
    assert greedy(CLASSIFICATION, "loss", outputs * 4, targets, 4) == {0: 1.0}


def test_numbers_and_labels_are_averaged_too():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(300, 1))
    outputs = [truth + rng.normal(size=(300, 1)) for _ in range(4)]
    weights = greedy(REGRESSION, "rmse", outputs, truth, 4)
    mean = REGRESSION.mean([outputs[i] for i in weights], list(weights.values()))
    assert REGRESSION.evaluate(mean, truth)["rmse"] < min(
        REGRESSION.evaluate(o, truth)["rmse"] for o in outputs
    )
    labels = rng.integers(0, 2, (300, 3)).astype("float32")
    logits = [(labels - 0.5) * 2 + rng.normal(size=(300, 3)) for _ in range(4)]
    weights = greedy(MULTILABEL, "macro_f1", logits, labels, 4)
    mean = MULTILABEL.mean([logits[i] for i in weights], list(weights.values()))
    assert MULTILABEL.evaluate(mean, labels)["macro_f1"] > max(
        MULTILABEL.evaluate(o, labels)["macro_f1"] for o in logits
    )
