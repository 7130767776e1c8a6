"""Each format, run from raw input in a process without autotrain, is the model that was trained."""

from __future__ import annotations

import csv
import os
import subprocess
import sys

import numpy as np
import pytest

import autotrain
from autotrain.data import data_folder, modality_named, open_arrays, open_vocabulary
from autotrain.errors import ExportError
from autotrain.export.verify import compare
from autotrain.tasks import task_named

# Two by default; the others are slow ones.
QUICK = [("images", "onnx"), ("rows", "saved_model")]
SLOW = [
    pytest.param(study, format, marks=pytest.mark.slow)
    for study in ("images", "rows", "texts", "steps", "series")
    for format in ("keras", "saved_model", "onnx", "litert")
    if (study, format) not in QUICK
]
WITHOUT = "import runpy, sys; sys.modules['autotrain'] = None; sys.argv = sys.argv[1:]; sys.path.insert(0, sys.argv[0].rpartition('/')[0]); runpy.run_path(sys.argv[0], run_name='__main__')"  # fmt: skip  # noqa: E501


def run_script(folder, *arguments):
    words = [sys.executable, "-c", WITHOUT, str(folder / "predict.py"), *map(str, arguments)]
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(words, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.parametrize(("name", "format"), [*QUICK, *SLOW])
def test_it_gives_what_the_search_recorded(studies, exported, tmp_path, name, format):
    folder, card = exported(name, format)
    assert card["check"]["agreement"] == 1.0
    assert card["check"]["largest_difference"] < 1e-5
    study = autotrain.load_study(name, studies / "runs")
    info = study.settings.data
    data = data_folder(studies / "runs" / ".data", info.fingerprint)
    vocabulary = open_vocabulary(data) if info.tokens else ()
    raw = modality_named(info.modality).to_raw(
        tmp_path, info, vocabulary, np.asarray(open_arrays(data).x_validation)
    )
    answer = run_script(folder, raw, "--out", tmp_path / "got.npz")
    assert answer.returncode == 0, answer.stderr
    got = np.load(tmp_path / "got.npz")["outputs"]
    recorded = np.load(study.paths.trial(study.best_trial.number).outputs)["outputs"]
    np.testing.assert_allclose(got, task_named(info.task).probabilities(recorded), atol=1e-5)
    assert not list(folder.rglob("__pycache__"))


def test_classes_have_their_names(exported, studies, tmp_path):
    folder, _ = exported("rows", "saved_model")
    table = tmp_path / "new.csv"
    table.write_text(
        "weight/kg,colour,size,more\n900,red,80,x\n,blue,20,\n1000,violet,,\n1e3,red,tall,\n"
    )
    answer = run_script(folder, table)
    rows = list(csv.DictReader(answer.stdout.splitlines()))
    assert [row["class"] for row in rows[:2]] == ["yes", "no"]
    assert rows[2]["class"]
    assert rows[3]["class"] == ""
    assert "size is no number: 'tall'" in rows[3]["problem"]
    assert "colour = 'violet'" in answer.stderr
    assert "1 of 4 examples" in answer.stderr


def test_a_flipped_byte_is_refused(exported, tmp_path):
    folder, _ = exported("images", "onnx")
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    data = bytearray((copy / "model.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / "model.onnx").write_bytes(data)
    answer = run_script(copy, "x.npy")
    assert answer.returncode == 1
    assert "SHA-256 differs" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_card_says_what_it_is(exported, studies):
    folder, card = exported("images", "onnx")
    text = (folder / "README.md").read_text("utf-8")
    study = autotrain.load_study("images", studies / "runs")
    assert card["metrics"]["validation"]["accuracy"] == pytest.approx(study.best_value)
    assert f"trial {study.best_trial.number}" in text
    for words in ("How good it is", "Where it fails", "What was checked", "95 % interval"):
        assert words in text
    assert card["search"]["study_id"] == study.settings.id


@pytest.mark.slow
@pytest.mark.parametrize("format", ["keras", "litert", "onnx"])
def test_an_ensemble_is_one_model(exported, format):
    _, card = exported("rows", format, ensemble=3)
    assert sum(member["weight"] for member in card["members"]) == pytest.approx(1.0)
    assert card["check"]["agreement"] == 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format", "how"), [("onnx", "int8"), ("litert", "int8"), ("litert", "float16")]
)
def test_a_quantized_model_is_near(exported, format, how):
    whole = exported("texts", format)[1]["check"]["bytes"]
    check = exported("texts", format, quantize=how)[1]["check"]
    assert check["agreement"] >= 0.95
    assert check["bytes"] < whole or format == "onnx"


@pytest.mark.slow
def test_a_refit_uses_all_data_and_says_so(exported):
    folder, card = exported("rows", "onnx", refit=True, seeds=2)
    assert "over 2 seeds" in card["what"]
    assert "Trained again on training and validation data" in (folder / "README.md").read_text()
    assert card["metrics"]["test"] is None


def test_what_differs_is_not_kept():
    wanted = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert compare(task_named("classification"), wanted + 1e-6, wanted, None)["agreement"] == 1.0
    with pytest.raises(ExportError, match="nothing was kept"):
        compare(task_named("classification"), wanted[::-1], wanted, None)
    with pytest.raises(ExportError, match="no numbers"):
        compare(task_named("regression"), wanted * np.nan, wanted, None)
