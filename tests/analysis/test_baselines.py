"""scikit-learn's models beside the network: equal to scikit-learn's own scores, and in the report."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, mean_absolute_error
from sklearn.preprocessing import StandardScaler

import autotrain
from autotrain import load_study
from autotrain.analysis.baselines import baselines
from autotrain.data import data_folder, open_arrays, prepare
from autotrain.errors import ConfigurationError
from autotrain.space import DataSpec


def prepared(source, cache, **more):
    info = prepare(DataSpec(source=source, **more.pop("spec", {})), cache, seed=0, **more)
    return info, open_arrays(data_folder(cache, info.fingerprint))


def test_they_score_what_scikit_learn_says(tmp_path):
    info, arrays = prepared("digits", tmp_path)
    found = baselines(info, arrays)["models"]
    flat = [
        np.asarray(x).reshape(len(x), -1).astype("float32")
        for x in (arrays.x_train, arrays.x_validation)
    ]
    forest = RandomForestClassifier(random_state=0).fit(flat[0], arrays.y_train)
    expected = accuracy_score(arrays.y_validation, forest.predict(flat[1]))
    assert found["random forest"]["accuracy"] == pytest.approx(expected)
    assert found["most frequent class"]["accuracy"] < 0.2


def test_numbers_are_predicted_in_their_own_units(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)).astype("float32")
    np.savez(tmp_path / "d.npz", x_train=x, y_train=(x @ [3.0, 1.0, 0.0] + 100).astype("float32"))
    info, arrays = prepared(str(tmp_path / "d.npz"), tmp_path / "c", task="regression")
    found = baselines(info, arrays)["models"]["ridge regression"]
    scale = StandardScaler().fit(arrays.x_train)
    model = Ridge().fit(scale.transform(arrays.x_train), arrays.y_train)
    expected = mean_absolute_error(
        arrays.y_validation, model.predict(scale.transform(arrays.x_validation))
    )
    assert found["mae"] == pytest.approx(expected, rel=0.02)


def test_texts_are_counted(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{'good fine' if i % 2 else 'bad poor'} text {i},{i % 2}" for i in range(80)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    info, arrays = prepared(str(path), tmp_path / "c", modality="text", spec={"target": "label"})
    assert baselines(info, arrays)["models"]["logistic regression"]["accuracy"] == 1.0


def test_the_report_has_them_once_they_were_asked_for(runs, tmp_path):
    out = tmp_path / "report.html"
    study = autotrain.load_study("two", runs)
    assert "logistic regression" not in load_study("two", runs).report(out).read_text()
    text = load_study("two", runs).report(out, baselines=True).read_text()
    score = json.loads(study.paths.baselines.read_text())["models"]["logistic regression"][
        "accuracy"
    ]
    assert f'<td class="number">{score:.4g}</td>' in text
    study.paths.baselines.unlink()


def test_several_labels_have_none(tmp_path):
    y = np.random.default_rng(0).integers(0, 2, (60, 3)).astype("float32")
    np.savez(
        tmp_path / "d.npz", x_train=np.ones((60, 4), "float32") * np.arange(60)[:, None], y_train=y
    )
    info, arrays = prepared(str(tmp_path / "d.npz"), tmp_path / "c", task="multilabel")
    with pytest.raises(ConfigurationError, match="several labels"):
        baselines(info, arrays)


def test_numbers_with_a_large_offset_are_predicted_from_such_numbers(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    y = 1.7e9 + x @ [20.0, 5.0]
    for name, offset in (("plain", 0.0), ("far", 1e10)):
        np.savez(tmp_path / f"{name}.npz", x_train=x + offset, y_train=y)
        source = str(tmp_path / f"{name}.npz")
        found = baselines(*prepared(source, tmp_path / "c", task="regression"))["models"]
        assert found["ridge regression"]["rmse"] < 1
        assert found["random forest"]["rmse"] < y.std() / 2
