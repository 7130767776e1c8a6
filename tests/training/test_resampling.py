"""Which examples an epoch trains on."""

import numpy as np
import pytest

from autotrain.errors import InfeasibleError
from autotrain.training.resampling import epoch_order, extended

LABELS = np.repeat([0, 1, 2], [100, 30, 7]).astype("int32")


def draw(sampling, batch=10, seed=0):
    return epoch_order(LABELS, sampling, batch, np.random.default_rng(seed))


def test_every_example_once_without_sampling():
    order = draw("none").ravel()
    assert len(order) == 130
    assert len(set(order)) == 130


def test_over_repeats_rare_classes_evenly():
    order = draw("over").ravel()
    assert np.bincount(LABELS[order]) == pytest.approx([100, 100, 100], abs=1)
    rare = np.bincount(order)[LABELS == 2]
    assert set(rare) <= {14, 15, 13}


def test_under_leaves_out_others_each_epoch():
    order, other = draw("under", 7).ravel(), draw("under", 7, seed=1).ravel()
    assert (np.bincount(LABELS[order]) == 7).all()
    assert set(order) != set(other)


def test_smote_makes_rows_between_others():
    pytest.importorskip("imblearn", reason="imbalanced-learn is not installed")
    x = np.random.default_rng(0).normal(size=(137, 4)).astype("float32")
    more_x, more_y = extended(x, LABELS, {"sampling": "smote"}, seed=1)
    assert (np.bincount(more_y) == 100).all()
    assert (more_x[:137] == x).all()
    again, _ = extended(x, LABELS, {"sampling": "smote"}, seed=1)
    assert (again == more_x).all()


def test_what_cannot_be_balanced_is_refused():
    table = np.zeros((137, 4))
    table[5, 1] = np.nan
    with pytest.raises(InfeasibleError, match="without missing values"):
        extended(table, LABELS, {"sampling": "smote"}, seed=1)
