"""Metrics equal scikit-learn's on the whole part."""

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from autotrain.tasks.metrics import METRICS, by_class, evaluate, probabilities

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("classes", [2, 7])
def test_classification_metrics_equal_scikit_learns(classes):
    logits = (RNG.normal(size=(501, classes)) * 3).astype("float32")
    labels = np.minimum(RNG.integers(0, classes, 501), RNG.integers(0, classes, 501))  # uneven
    ours = evaluate("classification", logits, labels, ("auc", "pr_auc"))
    chance, chosen = probabilities("classification", logits.astype("float64")), logits.argmax(1)
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
    assert set(ours) == set(METRICS["classification"])


def test_multilabel_metrics_equal_scikit_learns():
    logits = (RNG.normal(size=(301, 4)) * 2).astype("float32")
    truth = (RNG.random((301, 4)) < [0.1, 0.3, 0.5, 0.9]).astype("float32")
    ours = evaluate("multilabel", logits, truth, ("auc", "pr_auc"))
    chance, chosen = probabilities("multilabel", logits.astype("float64")), logits > 0
    assert ours == pytest.approx({
        "loss": np.mean([sk.log_loss(truth[:, i], chance[:, i]) for i in range(4)]),
        "accuracy": 1 - sk.hamming_loss(truth, chosen),
        "exact_accuracy": sk.accuracy_score(truth, chosen),
        "macro_f1": sk.f1_score(truth, chosen, average="macro"),
        "auc": sk.roc_auc_score(truth, chance, average="macro"),
        "pr_auc": sk.average_precision_score(truth, chance, average="macro"),
    })  # fmt: skip


@pytest.mark.parametrize("outputs", [1, 3])
def test_regression_metrics_equal_scikit_learns(outputs):
    truth = RNG.normal(size=(200, outputs)) * 5 + 20
    guess = truth + RNG.normal(size=truth.shape)
    ours = evaluate("regression", guess, truth[:, 0] if outputs == 1 else truth)
    assert ours == pytest.approx({
        "loss": sk.mean_squared_error(truth, guess),
        "mse": sk.mean_squared_error(truth, guess),
        "rmse": sk.root_mean_squared_error(truth, guess),
        "mae": sk.mean_absolute_error(truth, guess),
        "r2": sk.r2_score(truth, guess),
    })  # fmt: skip


def test_classes_one_by_one_equal_scikit_learns():
    rng = np.random.default_rng(5)
    logits, labels = rng.normal(size=(80, 5)), rng.integers(0, 4, 80).astype("int32")
    logits[:, 3] -= 9  # never said; class 4 never occurs
    found = by_class("classification", logits, labels)
    _equals_scikit_learn(found, labels, logits.argmax(1), range(5))
    truth = (rng.random((60, 3)) < [0.5, 0.1, 0.0]).astype("uint8")
    scores = rng.normal(size=(60, 3))
    _equals_scikit_learn(by_class("multilabel", scores, truth), truth, (scores > 0) * 1, None)
    json.dumps(found)


def _equals_scikit_learn(found, truth, chosen, labels):
    expected = sk.precision_recall_fscore_support(truth, chosen, labels=labels, zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert found[name] == pytest.approx(values), name


def test_numbers_one_by_one_equal_scikit_learns():
    rng = np.random.default_rng(6)
    targets = rng.normal(size=(50, 3)).astype("float32")
    predictions = targets + rng.normal(size=(50, 3)) * [0.1, 1.0, 2.0]
    found = by_class("regression", predictions, targets)
    for name, function in [
        ("rmse", sk.root_mean_squared_error),
        ("mae", sk.mean_absolute_error),
        ("r2", sk.r2_score),
    ]:
        right = function(targets, predictions, multioutput="raw_values")
        assert found[name] == pytest.approx(right), name


def test_areas_without_both_kinds_of_examples_are_numbers():
    ours = evaluate("classification", RNG.normal(size=(9, 3)), np.zeros(9, int), ("auc", "pr_auc"))
    assert np.isfinite(list(ours.values())).all()
