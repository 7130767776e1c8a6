"""Texts: read as tokens, and told apart by their length."""

from __future__ import annotations

import numpy as np

from autotrain.data import data_folder, open_arrays, prepare
from autotrain.data.modalities.text import TEXTS
from autotrain.space import DataSpec


def test_texts_are_their_tokens(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f'"{"Good, fine" if i % 2 else "bad work"} number",{i % 2}' for i in range(60)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    spec = DataSpec(source=str(path), target="label")
    info = prepare(spec, tmp_path / "cache", seed=0, modality="text")
    folder = data_folder(tmp_path / "cache", info.fingerprint)
    shown = TEXTS.readable(info, folder, open_arrays(folder).x_validation)
    assert {row["text"] for row in shown} <= {"good fine number", "bad work number"}


def test_texts_are_told_apart_by_length_and_unknown_tokens():
    found = TEXTS.profile((), np.array([[2, 1, 0, 0], [0, 0, 0, 0]]))
    assert found["length in tokens"].tolist() == [2, 0]
    assert found["share of unknown tokens"].tolist() == [0.5, 0.0]
