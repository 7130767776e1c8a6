"""Tables: rows read as people wrote them."""

from __future__ import annotations

import numpy as np

from autotrain.data import data_folder, open_arrays, prepare
from autotrain.data.modalities.tabular import TABLES
from autotrain.space import DataSpec


def test_rows_of_a_table_have_their_levels_and_say_what_is_missing(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i},{'red' if i % 2 else 'blue'},{'yes' if i % 3 else 'no'}" for i in range(60)]
    rows[7] = ",red,yes"
    path.write_text("size,colour,bought\n" + "\n".join(rows) + "\n")
    info = prepare(DataSpec(source=str(path), target="bought"), tmp_path / "cache", seed=0)
    folder = data_folder(tmp_path / "cache", info.fingerprint)
    x = np.concatenate([open_arrays(folder).x_train, open_arrays(folder).x_validation])
    shown = TABLES.readable(info, folder, x)
    assert {row["colour"] for row in shown} == {"red", "blue"}
    for row in shown:
        if row["size"] != "missing":
            assert row["colour"] == ("red" if int(row["size"]) % 2 else "blue")
