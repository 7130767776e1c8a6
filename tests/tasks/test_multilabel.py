"""Labels: metrics equal scikit-learn's, several models' mean is of probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from autotrain.errors import ConfigurationError
from autotrain.tasks.multilabel import MULTILABEL

RNG = np.random.default_rng(0)


def test_multilabel_metrics_equal_scikit_learns():
    logits = (RNG.normal(size=(301, 4)) * 2).astype("float32")
    truth = (RNG.random((301, 4)) < [0.1, 0.3, 0.5, 0.9]).astype("float32")
    ours = MULTILABEL.evaluate(logits, truth, (*MULTILABEL.metrics, "micro_f1", "weighted_f2"))
    chance, chosen = MULTILABEL.probabilities(logits.astype("float64")), logits > 0
    assert ours == pytest.approx({
        "loss": np.mean([sk.log_loss(truth[:, i], chance[:, i]) for i in range(4)]),
        "accuracy": 1 - sk.hamming_loss(truth, chosen),
        "exact_accuracy": sk.accuracy_score(truth, chosen),
        "macro_f1": sk.f1_score(truth, chosen, average="macro"),
        "weighted_f1": sk.f1_score(truth, chosen, average="weighted"),
        "micro_f1": sk.f1_score(truth, chosen, average="micro"),
        "weighted_f2": sk.fbeta_score(truth, chosen, beta=2, average="weighted"),
        "log_loss": np.mean([sk.log_loss(truth[:, i], chance[:, i]) for i in range(4)]),
        "auc": sk.roc_auc_score(truth, chance, average="macro"),
        "pr_auc": sk.average_precision_score(truth, chance, average="macro"),
    })  # fmt: skip


def test_labels_one_by_one_equal_scikit_learns():
    rng = np.random.default_rng(5)
    truth = (rng.random((60, 3)) < [0.5, 0.1, 0.0]).astype("uint8")
    scores = rng.normal(size=(60, 3))
    found = MULTILABEL.by_class(scores, truth)
    expected = sk.precision_recall_fscore_support(truth, (scores > 0) * 1, zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert found[name][:2] == pytest.approx(values[:2]), name
    assert [values[2] for values in found.values()] == [None, None, None, 0]


def test_members_answer_with_the_mean_of_their_probabilities():
    one, two = np.random.default_rng(0).normal(0, 3, (2, 6, 4)).astype("float32")
    labels = 1 / (1 + np.exp(-MULTILABEL.mean([one, two]).astype("float64")))
    expected = (1 / (1 + np.exp(-one)) + 1 / (1 + np.exp(-two))) / 2
    np.testing.assert_allclose(labels, expected, rtol=1e-5)
    certain = np.array([[1e4, -1e4], [-1e4, 1e4]], "float32")
    assert np.isfinite(MULTILABEL.mean([certain, -certain])).all()


def test_logits_are_those_of_their_probabilities():
    chances = np.random.default_rng(1).uniform(size=(6, 4))
    again = MULTILABEL.probabilities(MULTILABEL.logits(chances))
    np.testing.assert_allclose(again, chances, rtol=1e-9)


def test_targets_come_in_the_order_of_another_model():
    y = np.array([[1, 0], [0, 1]], "float32")
    assert MULTILABEL.ordered(y, np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_what_each_example_adds_is_the_metric():
    logits, labels = RNG.normal(size=(50, 3)), RNG.integers(0, 2, (50, 3))
    each = MULTILABEL.each("exact_accuracy", logits, labels)
    assert each.mean() == MULTILABEL.evaluate(logits, labels)["exact_accuracy"]
    each = MULTILABEL.each("accuracy", logits, labels)
    assert each.mean() == pytest.approx(MULTILABEL.evaluate(logits, labels)["accuracy"])
    assert MULTILABEL.each("macro_f1", logits, labels) is None


def test_metrics_of_one_label_equal_scikit_learns():
    logits, truth = RNG.normal(size=(80, 2)), RNG.integers(0, 2, (80, 2))
    task, said = MULTILABEL.of(("red", "a b")), logits[:, 1] > 0
    found = task.evaluate(logits, truth, ["f2:a b", "auc:a b", "specificity:a b"])
    assert [found[name] for name in ("f2:a b", "auc:a b", "specificity:a b")] == pytest.approx([
        sk.fbeta_score(truth[:, 1], said, beta=2),
        sk.roc_auc_score(truth[:, 1], logits[:, 1]),
        sk.recall_score(truth[:, 1], said, pos_label=0),
    ])  # fmt: skip
    with pytest.raises(ConfigurationError, match="of one label, and there are 2"):
        task.metric("f1")


def test_a_label_that_never_holds_leaves_its_metrics_undefined():
    truth = np.array([[1, 0], [0, 0]])
    found = MULTILABEL.of(("red", "blue")).undefined(truth, ["recall:blue", "recall:red", "auc"])
    assert set(found) == {"recall:blue"}
