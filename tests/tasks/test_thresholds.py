"""Thresholds: those that a plain search over all of them finds, and none where none follows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from autotrain.errors import ConfigurationError
from autotrain.tasks.classification import CLASSIFICATION
from autotrain.tasks.metrics import Threshold
from autotrain.tasks.multilabel import MULTILABEL
from autotrain.tasks.regression import REGRESSION
from autotrain.tasks.thresholds import chosen

TASK = CLASSIFICATION.of(("stays", "gone: now"))
RNG = np.random.default_rng(3)
TARGETS = (RNG.random(400) < 0.15).astype(int)
# Scores with ties, of which one half is far too much for the rare class.
CHANCE = np.clip(0.1 + 0.25 * TARGETS + RNG.normal(0, 0.12, 400), 0.01, 0.99).round(2)
OUTPUTS = np.log(np.stack([1 - CHANCE, CHANCE], axis=1))


def best_of(score, chance):
    """The largest score over cuts between all scores, and beyond them."""
    cuts = np.append(np.unique(chance) - 0.005, 1.0)
    return max(score(chance >= cut) for cut in cuts)


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        ("f1", lambda said: sk.f1_score(TARGETS, said)),
        ("val_f2:gone: now", lambda said: sk.fbeta_score(TARGETS, said, beta=2)),
        ("mcc", lambda said: sk.matthews_corrcoef(TARGETS, said)),
        ("balanced_accuracy", lambda said: sk.balanced_accuracy_score(TARGETS, said)),
        ("accuracy", lambda said: sk.accuracy_score(TARGETS, said)),
        ("macro_f1", lambda said: sk.f1_score(TARGETS, said, average="macro")),
        ("weighted_f1", lambda said: sk.f1_score(TARGETS, said, average="weighted")),
    ],
)
def test_the_metric_is_largest_at_the_threshold(metric, score):
    found = chosen(TASK, metric, OUTPUTS, TARGETS)
    assert found.threshold.position == 1
    assert found.value == pytest.approx(best_of(score, CHANCE))
    assert score(found.threshold.value <= CHANCE) == pytest.approx(found.value)
    assert found.before == pytest.approx(score(CHANCE > 0.5))
    task, name = TASK.at(found.threshold), found.metric
    assert task.evaluate(OUTPUTS, TARGETS, [name])[name] == pytest.approx(found.value)


def test_a_threshold_may_be_of_the_first_class():
    found = chosen(TASK, "f2:stays", OUTPUTS, TARGETS)
    assert found.threshold.position == 0
    said = found.threshold.value <= 1 - CHANCE
    assert sk.fbeta_score(TARGETS == 0, said, beta=2) == pytest.approx(found.value)
    best = best_of(lambda said: sk.fbeta_score(TARGETS == 0, said, beta=2), 1 - CHANCE)
    assert found.value == pytest.approx(best)


def test_recall_at_a_precision_holds_the_precision():
    found = chosen(TASK, "recall_at_precision_0.8", OUTPUTS, TARGETS)
    said = found.threshold.value <= CHANCE
    precision, recall, _ = sk.precision_recall_curve(TARGETS, CHANCE)
    assert sk.precision_score(TARGETS, said) >= 0.8
    assert sk.recall_score(TARGETS, said) == pytest.approx(recall[precision >= 0.8].max())


def test_a_threshold_lies_between_two_scores():
    found = chosen(TASK, "f1", OUTPUTS, TARGETS)
    assert np.abs(CHANCE - found.threshold.value).min() > 0.004


def test_a_threshold_may_be_given():
    assert chosen(TASK, "0.3", OUTPUTS, TARGETS).threshold == Threshold(1, 0.3)
    assert chosen(TASK, "0.3:stays", OUTPUTS, TARGETS).threshold == Threshold(0, 0.3)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("auc", "recall_at_precision_0.9; auc does not"),
        ("recall", "had at will by saying one class always: name recall_at_precision_0.9"),
        ("specificity:stays", "name balanced_accuracy"),
        ("f-1", "did you mean 'f1'"),
        ("f1:goes", "must be one of stays, gone: now, got 'goes'"),
        ("1.5", "between 0 and 1, both excluded, got 1.5"),
    ],
)
def test_what_gives_no_threshold_is_refused(wanted, says):
    with pytest.raises(ConfigurationError, match=says):
        chosen(TASK, wanted, OUTPUTS, TARGETS)


def test_what_no_threshold_reaches_is_said():
    with pytest.raises(ConfigurationError, match="no threshold reaches recall_at_precision"):
        chosen(TASK, "recall_at_precision_0.9", np.zeros((400, 2)), TARGETS)


@pytest.mark.parametrize(
    ("task", "says"),
    [
        (CLASSIFICATION.of("abc"), "between two classes, and this model predicts 3 classes"),
        (MULTILABEL.of("ab"), "this model predicts 2 labels"),
        (REGRESSION.of("a"), "this model predicts numbers"),
    ],
)
def test_only_two_classes_have_a_threshold(task, says):
    with pytest.raises(ConfigurationError, match=says):
        chosen(task, "f1", OUTPUTS, TARGETS)


def test_where_nothing_is_won_one_half_stays():
    outputs = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    found = chosen(TASK, "mcc", outputs, np.array([0, 0, 1, 1]))
    assert (found.threshold.value, found.value, found.before) == (0.5, 1.0, 1.0)
