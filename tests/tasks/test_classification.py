"""Classes: metrics equal scikit-learn's, several models' mean is of probabilities."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from autotrain.errors import ConfigurationError
from autotrain.tasks.class_metrics import meant
from autotrain.tasks.classification import CLASSIFICATION
from autotrain.tasks.metrics import Threshold

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("classes", [2, 7])
def test_classification_metrics_equal_scikit_learns(classes):
    logits = (RNG.normal(size=(501, classes)) * 3).astype("float32")
    labels = np.minimum(RNG.integers(0, classes, 501), RNG.integers(0, classes, 501))  # uneven
    ours = CLASSIFICATION.evaluate(logits, labels, CLASSIFICATION.metrics)
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
        "weighted_f1": sk.f1_score(labels, chosen, average="weighted"),
        "mcc": sk.matthews_corrcoef(labels, chosen),
        "log_loss": sk.log_loss(labels, chance),
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
        assert found[name][:4] == pytest.approx(values[:4]), name
    assert [values[4] for values in found.values()] == [None, None, None, 0]
    json.dumps(found)


NAMES = ("stays", "gone: for ever", "überläuft")


@pytest.fixture
def answers():
    """Uneven classes with equal scores among them, and the probabilities."""
    rng = np.random.default_rng(7)
    logits = rng.normal(size=(300, 3)).round(1)
    labels = np.minimum(rng.integers(0, 3, 300), rng.integers(0, 3, 300))
    return logits, labels, CLASSIFICATION.probabilities(logits)


def measured(logits, labels, *wanted, names=NAMES):
    found = CLASSIFICATION.of(names).evaluate(logits, labels, wanted)
    return [found[name] for name in wanted]


@pytest.mark.parametrize("i", range(3))
def test_metrics_of_one_class_equal_scikit_learns(answers, i):
    logits, labels, chance = answers
    truth, said = labels == i, logits.argmax(1) == i
    wanted = ["precision", "recall", "specificity", "f1", "f2", "f0.5", "auc", "pr_auc"]
    found = measured(logits, labels, *(f"{name}:{NAMES[i]}" for name in wanted))
    assert found == pytest.approx([
        sk.precision_score(truth, said),
        sk.recall_score(truth, said),
        sk.recall_score(~truth, ~said),
        sk.f1_score(truth, said),
        sk.fbeta_score(truth, said, beta=2),
        sk.fbeta_score(truth, said, beta=0.5),
        sk.roc_auc_score(truth, chance[:, i]),
        sk.average_precision_score(truth, chance[:, i]),
    ])  # fmt: skip


def test_a_class_name_without_a_metric_of_one_class_is_none():
    assert CLASSIFICATION.metric("accuracy:stays") is None
    assert CLASSIFICATION.metric("recall:") is None
    assert CLASSIFICATION.metric("fbeta") is None


def test_means_over_classes_equal_scikit_learns(answers):
    logits, labels, _ = answers
    logits[:, 2] -= 9  # never said
    said = logits.argmax(1)
    for how in ("macro", "weighted"):
        found = measured(logits, labels, f"{how}_precision", f"{how}_recall", f"{how}_f2")
        assert found == pytest.approx([
            sk.precision_score(labels, said, average=how, zero_division=0),
            sk.recall_score(labels, said, average=how),
            sk.fbeta_score(labels, said, beta=2, average=how, zero_division=0),
        ])  # fmt: skip


def test_top_k_accuracy_equals_scikit_learns(answers):
    logits, labels, _ = answers
    found = measured(logits, labels, "top_1_accuracy", "top_2_accuracy")
    assert found == [sk.top_k_accuracy_score(labels, logits, k=k) for k in (1, 2)]


def test_the_most_recall_at_a_precision_is_that_of_the_curve(answers):
    logits, labels, chance = answers
    precision, recall, _ = sk.precision_recall_curve(labels == 1, chance[:, 1])
    name = NAMES[1]
    found = measured(logits, labels, f"recall_at_precision_0.5:{name}",
                     f"precision_at_recall_0.7:{name}", f"recall_at_precision_1.0:{name}")  # fmt: skip
    assert found == pytest.approx([
        recall[precision >= 0.5].max(), precision[recall >= 0.7].max(),
        recall[precision >= 1.0].max(),
    ])  # fmt: skip


def test_of_two_classes_the_second_needs_no_name():
    logits, labels = RNG.normal(size=(90, 2)), RNG.integers(0, 2, 90)
    plain, named = measured(logits, labels, "f2", "f2:yes", names=("no", "yes"))
    assert plain == named == pytest.approx(sk.fbeta_score(labels, logits.argmax(1), beta=2))


def test_the_class_that_is_meant_is_told():
    assert [meant(name, ("no", "yes")) for name in ("f2", "auc", "recall:no", "accuracy")] == [
        "yes", "yes", "", "",
    ]  # fmt: skip
    assert meant("auc", NAMES) == ""


def test_of_three_classes_one_must_be_named():
    with pytest.raises(ConfigurationError, match="of one class, and there are 3: write f2:über"):
        CLASSIFICATION.of(NAMES).metric("f2")


def test_an_unknown_class_gets_the_nearest():
    with pytest.raises(ConfigurationError, match="did you mean 'gone: for ever'"):
        CLASSIFICATION.of(NAMES).metric("recall:gone for ever")


def test_data_may_leave_a_metric_undefined():
    logits, task = RNG.normal(size=(9, 3)), CLASSIFICATION.of(NAMES)
    wanted = ("auc", "pr_auc", "mcc", "balanced_accuracy", "recall:stays", "recall:überläuft",
              "specificity:stays", "f1:überläuft", "auc:stays", "top_3_accuracy", "accuracy")  # fmt: skip
    labels = np.zeros(9, int)
    found = task.undefined(labels, wanted)
    assert set(wanted) - set(found) == {"recall:stays", "accuracy"}
    assert found["recall:überläuft"] == "no example is of the class 'überläuft'"
    assert found["specificity:stays"] == "every example is of the class 'stays'"
    assert found["mcc"] == "only one class has examples"
    assert not set(found) & set(task.evaluate(logits, labels, wanted))


def test_a_class_never_said_has_precision_0_as_in_scikit_learn():
    logits, labels = np.tile([1.0, 0.0, -9.0], (9, 1)), np.arange(9) % 3
    assert measured(logits, labels, "precision:überläuft", "mcc") == [0.0, 0.0]


def test_from_a_threshold_on_a_class_is_said():
    task = CLASSIFICATION.of(("no", "yes")).at(Threshold(1, 0.25))
    chances = np.array([[0.9, 0.1], [0.75, 0.25], [0.6, 0.4], [0.1, 0.9]])
    logits, labels = np.log(chances), np.array([0, 1, 0, 1])
    assert task.said(logits + 3).tolist() == [0, 1, 1, 1]
    assert task.predicted(("no", "yes"), chances)["predicted class"].tolist() == [
        "no",
        "yes",
        "yes",
        "yes",
    ]
    assert task.evaluate(logits, labels)["accuracy"] == 0.75
    assert task.evaluate(logits, labels, ["precision:yes"])["precision:yes"] == pytest.approx(2 / 3)
    assert task.difference(chances, chances[:, ::-1]) == (0.8, 0.5)
    with pytest.raises(
        ConfigurationError, match="between two classes, and this model predicts 3 classes"
    ):
        CLASSIFICATION.of(NAMES).at(Threshold(1, 0.25))


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
