"""Classes: metrics equal scikit-learn's, several models' mean is of probabilities."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from autotrain.tasks.classification import CLASSIFICATION

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("classes", [2, 7])
def test_classification_metrics_equal_scikit_learns(classes):
    logits = (RNG.normal(size=(501, classes)) * 3).astype("float32")
    labels = np.minimum(RNG.integers(0, classes, 501), RNG.integers(0, classes, 501))  # uneven
    ours = CLASSIFICATION.evaluate(logits, labels, ("auc", "pr_auc"))
    chance, chosen = CLASSIFICATION.probabilities(logits.astype("float64")), logits.argmax(1)
    if classes == 2:
        auc, area = (
            sk.roc_auc_score(labels, chance[:, 1]),
            sk.average_precision_score(labels, chance[:, 1]),
        )
    else:
        auc = sk.roc_auc_score(labels, chance, multi_class="ovr", average="macro")
        area = sk.average_precision_score(np.eye(classes)[labels], chance, average="macro")
    assert ours == pytest.approx({
        "loss": sk.log_loss(labels, chance),
        "accuracy": sk.accuracy_score(labels, chosen),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, chosen),
        "macro_f1": sk.f1_score(labels, chosen, average="macro"),
        "auc": auc,
        "pr_auc": area,
    })  # fmt: skip
    assert set(ours) == set(CLASSIFICATION.metrics)


def test_classes_one_by_one_equal_scikit_learns():
    rng = np.random.default_rng(5)
    logits, labels = rng.normal(size=(80, 5)), rng.integers(0, 4, 80).astype("int32")
    logits[:, 3] -= 9  # never said; class 4 never occurs
    found = CLASSIFICATION.by_class(logits, labels)
    expected = sk.precision_recall_fscore_support(
        labels, logits.argmax(1), labels=range(5), zero_division=0
    )
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert found[name] == pytest.approx(values), name
    json.dumps(found)


def test_areas_without_both_kinds_of_examples_are_numbers():
    ours = CLASSIFICATION.evaluate(RNG.normal(size=(9, 3)), np.zeros(9, int), ("auc", "pr_auc"))
    assert np.isfinite(list(ours.values())).all()


def softmax(logits):
    powers = np.exp(logits.astype("float64"))
    return powers / powers.sum(axis=1, keepdims=True)


def test_members_answer_with_the_mean_of_their_probabilities():
    one, two = np.random.default_rng(0).normal(0, 3, (2, 6, 4)).astype("float32")
    mean = (softmax(one) + softmax(two)) / 2
    np.testing.assert_allclose(softmax(CLASSIFICATION.mean([one, two])), mean, rtol=1e-5)
    weighted = 0.25 * softmax(one) + 0.75 * softmax(two)
    found = softmax(CLASSIFICATION.mean([one, two], [0.25, 0.75]))
    np.testing.assert_allclose(found, weighted, rtol=1e-5)
    assert (CLASSIFICATION.mean([one]) == one).all()
    certain = np.array([[1e4, -1e4], [-1e4, 1e4]], "float32")
    assert np.isfinite(CLASSIFICATION.mean([certain, certain])).all()


def test_logits_are_those_of_their_probabilities():
    chances = softmax(np.random.default_rng(1).normal(0, 3, (6, 4)))
    again = CLASSIFICATION.probabilities(CLASSIFICATION.logits(chances))
    np.testing.assert_allclose(again, chances, rtol=1e-9)


def test_what_each_example_adds_is_the_metric():
    logits, labels = RNG.normal(size=(50, 3)), RNG.integers(0, 3, 50)
    each = CLASSIFICATION.each("accuracy", logits, labels)
    assert each.mean() == CLASSIFICATION.evaluate(logits, labels)["accuracy"]
    assert CLASSIFICATION.each("macro_f1", logits, labels) is None
