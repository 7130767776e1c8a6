"""Predicting and evaluating from Python: frames of any kind, and what is said of labelled data."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import autotrain
from autotrain.errors import DataError


@pytest.fixture(scope="module")
def model(exported):
    return exported("rows", "saved_model")[0]


@pytest.fixture(scope="module")
def frame(studies):
    return pd.read_csv(studies / "rows.csv")


def same(found, wanted):
    pd.testing.assert_frame_equal(found.reset_index(drop=True), wanted)


FORMS = {
    "object": lambda f: f.astype(object),
    "string": lambda f: f.astype({"colour": "string"}),
    "category": lambda f: f.astype({"colour": "category"}),
    "nullable": lambda f: f.convert_dtypes(),
    "arrow": lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
    "float32": lambda f: f.astype({"size": "float32", "weight/kg": "float32"}),
    "index": lambda f: f.set_index(np.arange(len(f)) * 7),
    "text": lambda f: f.astype(str).replace("nan", ""),
    "polars": lambda f: pl.from_pandas(f),
    "table": lambda f: pa.Table.from_pandas(f),
    "columns": lambda f: {name: f[name].to_numpy() for name in f.columns},
    "lists": lambda f: {name: f[name].tolist() for name in f.columns},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_frame_is_answered_whatever_types_it_has(model, studies, frame, form):
    wanted = autotrain.predict(model, studies / "rows.csv")
    found = autotrain.predict(model, FORMS[form](frame))
    if form == "index":
        assert found.index.tolist() == (np.arange(len(frame)) * 7).tolist()
    same(found, wanted)


def test_all_probabilities_an_id_and_columns_are_given(model, frame, tmp_path):
    frame = frame.assign(number=[f"n{i}" for i in range(len(frame))])
    found = autotrain.predict(
        model, frame, tmp_path / "a.csv", probabilities=True, id="number", keep=["size", "bought"]
    )
    names = ["number", "size", "bought", "class", "probability", "no", "yes", "problem"]
    assert list(found.columns) == names
    assert found["number"].tolist() == frame["number"].tolist()
    assert found["bought"].tolist() == frame["bought"].tolist()
    np.testing.assert_allclose(found["no"] + found["yes"], 1, atol=1e-6)
    assert (found[["no", "yes"]].max(axis=1) == found["probability"]).all()
    assert list(pd.read_csv(tmp_path / "a.csv").columns) == names
    everything = autotrain.predict(model, frame, keep="all")
    assert list(everything.columns)[1:-3] == list(frame.columns)
    with pytest.raises(DataError, match="lacks the column 'nr', which is asked for"):
        autotrain.predict(model, frame, id="nr")


def test_infinity_is_a_problem_of_its_row(model, frame):
    frame = frame.head(4).astype({"size": object})
    for i, cell in enumerate([math.inf, "-Infinity", 1e39]):
        frame.loc[i, "size"] = cell
    found = autotrain.predict(model, frame)
    assert found["class"].isna().tolist() == [True, True, True, False]
    assert all("must be finite" in problem for problem in found["problem"][:3])


def test_the_target_of_training_is_kept(model, studies, frame):
    wanted = autotrain.evaluate(model, studies / "rows.csv", "bought")
    for data in (studies / "rows.csv", frame):
        assert autotrain.evaluate(model, data).metrics == wanted.metrics
    with pytest.raises(DataError, match=r"lacks the column 'bought'"):
        autotrain.evaluate(model, frame.drop(columns="bought"))


def test_the_accuracy_is_that_of_what_is_predicted(model, studies, frame):
    said = autotrain.predict(model, frame)["class"]
    found = autotrain.evaluate(model, frame)
    assert found.metrics["accuracy"] == pytest.approx((said == frame["bought"]).mean())


def test_rows_of_training_are_said(model, frame):
    notes = autotrain.evaluate(model, frame).all_notes
    assert any("of these rows are rows that the model was trained on" in note for note in notes)
    new = frame.dropna(subset=["size"]).assign(size=lambda rows: rows["size"] + 0.123)
    assert not any("trained on" in note for note in autotrain.evaluate(model, new).all_notes)


def test_one_class_and_one_row_are_evaluated(model, frame):
    one = frame[frame["bought"] == "yes"]
    said = autotrain.predict(model, one)["class"]
    found = autotrain.evaluate(model, one)
    assert found.metrics["accuracy"] == pytest.approx((said == "yes").mean())
    assert any("only 1 of 2 classes occur (yes)" in note for note in found.all_notes)
    assert "undefined" in found.to_text()
    single = autotrain.evaluate(model, frame.tail(1))
    assert single.metrics["accuracy"] in (0.0, 1.0)
    assert any("one example" in note for note in single.all_notes)


def test_rows_without_a_target_or_with_a_problem_are_left_out_and_said(model, frame):
    frame = frame.head(20).astype({"size": object})
    frame.loc[3, "size"] = "tall"
    frame.loc[5, "bought"] = None
    found = autotrain.evaluate(model, frame)
    assert len(found.predictions.targets) == 18
    assert "1 examples without a target are left out" in found.all_notes
    assert any("example 3: size is no number: 'tall'" in note for note in found.all_notes)


def test_a_class_that_the_model_does_not_know_is_named_with_its_row(model, frame):
    frame = frame.head(9).copy()
    frame.loc[4, "bought"] = "yess"
    with pytest.raises(DataError, match=r"example 4: .* class 'yess'; .*did you mean 'yes'"):
        autotrain.evaluate(model, frame)


def test_keras_takes_the_inputs_of_a_study(studies, searched, frame):
    searched("rows")
    study = autotrain.load_study("rows", studies / "runs")
    wanted = study.predict(frame, probabilities=True)
    found = study.load_model().predict(study.inputs(frame.convert_dtypes()), verbose=0)
    np.testing.assert_allclose(found, wanted[["no", "yes"]].to_numpy("float64"), atol=1e-5)
