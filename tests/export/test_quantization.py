"""Models of 8 bits: an answer does not depend on the rows beside it, and the card says what is small."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import autotrain
from autotrain.errors import ExportError
from autotrain.export.verify import _check_alone

INT8 = ["keras", "onnx", "litert"]


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["heavy", "temp", "income"], *rows])
    return path


def plain_rows(count):
    rng = np.random.default_rng(0)
    return [
        [str(rng.uniform() < 0.5), f"{rng.normal():.3f}", f"{rng.normal(5e4, 2e4):.0f}"]
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Rows of a category and of numbers of very different size."""
    folder = tmp_path_factory.mktemp("small")
    rows = plain_rows(300)
    with (folder / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["heavy", "temp", "income", "target"])
        for heavy, temp, income in rows:
            said = float(temp) + (heavy == "True") + (float(income) - 5e4) / 3e4 > 0.5
            writer.writerow([heavy, temp, income, "yes" if said else "no"])
    found = autotrain.search(
        "tabular_mlp", str(folder / "rows.csv"), target="target", runs=folder / "runs",
        trials=2, epochs=15, workers=1, pruner="none", gpus="none", display="none", report=False,
        overrides={"width": 32, "learning_rate": 0.01, "dropout": 0.0},
    )  # fmt: skip
    return found, folder


@pytest.mark.parametrize("format", INT8)
def test_a_row_has_the_same_answer_beside_an_outlier(study, format):
    found, folder = study
    out = folder / format
    found.export(out, format=format, quantize="int8", gpus="none")
    rows = plain_rows(5)
    alone = autotrain.predict(out, write(folder / "qa.csv", rows))
    for outlier in (["True", "900", "5e4"], ["False", "-1e6", "3e9"], ["True", "NA", "NA"]):
        beside = autotrain.predict(out, write(folder / "qb.csv", [outlier, *rows]))
        assert beside["class"][1:].tolist() == alone["class"].tolist()
        np.testing.assert_allclose(beside["probability"][1:], alone["probability"], atol=1e-6)
    one = [
        autotrain.predict(out, write(folder / "qc.csv", [row]))["probability"][0] for row in rows
    ]
    np.testing.assert_allclose(one, alone["probability"], atol=1e-6)
    whole = found.predict(write(folder / "qa.csv", rows))
    np.testing.assert_allclose(alone["probability"], whole["probability"], atol=0.1)
    card = (out / "README.md").read_text("utf-8")
    assert "Quantized to int8: " in card
    assert "alone and beside outliers" in card


def test_the_card_has_the_share_of_weights(study):
    found, folder = study
    for format, quantize, least in (("litert", "float16", 0.9), ("onnx", "int8", 0.8)):
        out = folder / f"{format}-{quantize}"
        found.export(out, format=format, quantize=quantize, gpus="none")
        assert least < card_of(out)["quantized_share"] <= 1
    found.export(folder / "plain", format="onnx", gpus="none")
    assert card_of(folder / "plain")["quantized_share"] is None


def card_of(folder):
    from autotrain.export.bundle import opened

    with opened(folder) as model:
        return model.card


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("images", "onnx"),
        pytest.param("images", "litert", marks=pytest.mark.slow),
        pytest.param("texts", "onnx", marks=pytest.mark.slow),
        ("texts", "litert"),
    ],
)
def test_convolutions_and_embeddings_are_quantized(exported, name, format):
    _, card = exported(name, format, quantize="int8")
    assert card["quantized_share"] > 0.8
    assert card["check"]["agreement"] >= 0.95


def test_a_format_that_would_quantize_nothing_says_so(study, monkeypatch):
    from autotrain.export import conversion

    found, folder = study
    monkeypatch.setattr(conversion, "run_child", lambda *words: '{"share": 0.0}\n')
    with pytest.raises(ExportError, match=r"int8 finds no weights .* as onnx; .* keras, litert"):
        found.export(folder / "none", format="onnx", quantize="int8", gpus="none")
    assert not (folder / "none").exists()


def test_an_answer_that_depends_on_the_rows_beside_it_is_refused():
    together = np.array([[0.5, 0.5], [0.9, 0.1], [np.nan, np.nan]])
    _check_alone(together + 1e-6, together)
    with pytest.raises(ExportError, match="depends on the rows beside it"):
        _check_alone(together[::-1], together)
