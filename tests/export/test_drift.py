"""Drift: known by textbook values, silent on the same data, loud on other data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from autotrain.data import Column, DataInfo
from autotrain.export import drift
from autotrain.serving.encoder import Encoder
from autotrain.serving.input_file import InputError
from autotrain.serving.predict import read

COLUMNS = (Column("size"), Column("colour", "category", ("red", "blue")))
INFO = DataInfo(
    source="x", modality="tabular", fingerprint="f", seed=0, validation=0.2, test=0.2, input_shape=(2,),
    dtype="float32", classes=2, class_names=("no", "yes"), sizes={}, class_counts={}, columns=COLUMNS,
)  # fmt: skip


class Stub:
    """A model that says `yes` to what is large."""

    classes = ["no", "yes"]
    task, modality = "classification", "tabular"
    inputs = {
        "modality": "tabular", "shape": [2], "dtype": "float32", "strings": True,
        "tokens": "", "vocabulary": [],
        "columns": [{"name": c.name, "kind": c.kind, "levels": list(c.levels)} for c in COLUMNS],
    }  # fmt: skip

    encoder = Encoder(inputs)

    def predict(self, batch):
        yes = np.array([c > 50 for c in np.nan_to_num(batch["size"])], float)
        return np.stack([1 - yes, yes], axis=1)


def sample(count, mean=50.0, red=0.5, missing=0.0, seed=0):
    rng = np.random.default_rng(seed)
    x = np.stack(
        [rng.normal(mean, 10, count), np.where(rng.uniform(size=count) < red, 1.0, 2.0)], axis=1
    )
    x[rng.uniform(size=count) < missing, 0] = np.nan
    return x.astype("float32")


def outputs(x):
    yes = (np.nan_to_num(x[:, 0]) > 50).astype(float)
    return np.stack([1 - yes, yes], axis=1)


def moved(tmp_path, old, new):
    path = tmp_path / "new.csv"
    rows = [
        f"{'' if np.isnan(a) else repr(float(a))},{'red' if b == 1 else 'blue' if b == 2 else 'green'}"
        for a, b in new
    ]
    path.write_text("size,colour\n" + "\n".join(rows) + "\n")
    found = drift.compare(
        Stub(), drift.profile(INFO, old, outputs(old)), read(Stub.inputs, path), lambda count: None
    )
    return {item.name: item for item in found}


def test_the_same_kind_of_data_has_not_moved(tmp_path):
    found = moved(tmp_path, sample(4000), sample(1500, seed=1))
    assert set(found) == {"size", "colour", "predicted class"}
    assert not any(item.beyond(0.1) for item in found.values())


def test_a_shift_is_seen_with_the_distance_of_scipy(tmp_path):
    old, new = sample(4000), sample(1500, mean=60, seed=1)
    found = moved(tmp_path, old, new)
    assert found["size"].beyond(0.2)
    assert found["size"].ks == pytest.approx(
        stats.ks_2samp(old[:, 0], new[:, 0]).statistic, abs=0.02
    )
    assert found["predicted class"].beyond(0.2)
    assert not found["colour"].beyond(0.2)


def test_the_index_is_the_textbook_s(tmp_path):
    old, new = sample(5000, red=0.5), sample(5000, red=0.8, seed=1)
    shares = [np.array([(x[:, 1] == level).mean() for level in (1, 2)]) for x in (old, new)]
    expected = ((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()
    assert moved(tmp_path, old, new)["colour"].psi == pytest.approx(expected, rel=1e-3)


def test_missing_values_are_a_bin_of_their_own(tmp_path):
    found = moved(tmp_path, sample(3000), sample(1000, missing=0.5, seed=1))
    assert found["size"].beyond(0.2)


def test_a_level_that_training_had_not_is_noted(tmp_path):
    new = sample(500, seed=1)
    new[:250, 1] = 3
    found = moved(tmp_path, sample(3000), new)["colour"]
    assert found.beyond(0.2)
    assert "missing or unknown" in found.note


def test_few_examples_are_no_proof(tmp_path):
    assert not moved(tmp_path, sample(3000), sample(3, seed=1))["size"].beyond(0.2)


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(InputError, match="no example"):
        moved(tmp_path, sample(100), sample(0))
