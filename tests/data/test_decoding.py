"""Prepared examples read as people wrote them."""

from __future__ import annotations

import numpy as np

from autotrain.data import data_folder, open_arrays, prepare, readable
from autotrain.space import DataSpec


def test_rows_of_a_table_have_their_levels_and_say_what_is_missing(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i},{'red' if i % 2 else 'blue'},{'yes' if i % 3 else 'no'}" for i in range(60)]
    rows[7] = ",red,yes"
    path.write_text("size,colour,bought\n" + "\n".join(rows) + "\n")
    info = prepare(DataSpec(source=str(path), target="bought"), tmp_path / "cache", seed=0)
    folder = data_folder(tmp_path / "cache", info.fingerprint)
    x = np.concatenate([open_arrays(folder).x_train, open_arrays(folder).x_validation])
    shown = readable(info, folder, x)
    assert {row["colour"] for row in shown} == {"red", "blue"}
    for row in shown:
        if row["size"] != "missing":
            assert row["colour"] == ("red" if int(row["size"]) % 2 else "blue")


def test_texts_are_their_tokens(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f'"{"Good, fine" if i % 2 else "bad work"} number",{i % 2}' for i in range(60)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    spec = DataSpec(source=str(path), target="label")
    info = prepare(spec, tmp_path / "cache", seed=0, kind="text")
    folder = data_folder(tmp_path / "cache", info.fingerprint)
    shown = readable(info, folder, open_arrays(folder).x_validation)
    assert {row["text"] for row in shown} <= {"good fine number", "bad work number"}
