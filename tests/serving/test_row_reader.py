"""Rows of tables: found by name or by position, a batch at a time, problems by row."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.serving.input_file import BATCH, InputError
from autotrain.serving.row_reader import read

ROWS = {
    "modality": "tabular", "shape": [2], "dtype": "float32", "tokens": "", "vocabulary": [], "strings": True,
    "columns": [{"name": "size", "kind": "number", "levels": []},
                {"name": "colour", "kind": "category", "levels": ["red", "blue"]}],
}  # fmt: skip


def all_of(inputs, path):
    names, problems, batches = [], [], []
    for some, batch, wrong in read(inputs, path):
        names += some
        problems += wrong
        batches.append(batch)
    return names, batches, problems


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_is_read_by_its_column_names(tmp_path, separator):
    path = tmp_path / "t.csv"
    lines = [["other", "colour", "size"], ["x", "red", "1.5"], ["y", " blue ", ""]]
    path.write_text("\n".join(separator.join(line) for line in lines) + "\n\n", "utf-8-sig")
    names, batches, problems = all_of(ROWS, path)
    assert batches[0]["colour"] == ["red", "blue"]
    np.testing.assert_array_equal(batches[0]["size"], [1.5, np.nan])
    assert (names, problems) == (["0", "1"], ["", ""])


def test_a_parquet_file_is_read(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"colour": ["red", None], "size": [1.0, None], "more": [1, 2]})
    frame.to_parquet(tmp_path / "t.parquet")
    _, batches, _ = all_of(ROWS, tmp_path / "t.parquet")
    assert batches[0]["colour"] == ["red", ""]
    np.testing.assert_array_equal(batches[0]["size"], [1.0, np.nan])


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("size,color\n1,red\n")
    with pytest.raises(InputError, match=r"lacks the column 'colour'.*it has: size, color"):
        all_of(ROWS, tmp_path / "t.csv")


def test_a_short_row_is_named_by_its_line(tmp_path):
    (tmp_path / "t.csv").write_text("size,colour\n1,red\n2\n")
    with pytest.raises(InputError, match="line 3: 1 cells, and the header has 2"):
        all_of(ROWS, tmp_path / "t.csv")


def test_what_is_no_number_spoils_its_row_only(tmp_path):
    (tmp_path / "t.csv").write_text("size,colour\n1,red\ntall,red\n1_000,blue\n-1e-3,blue\n")
    _, _, problems = all_of(ROWS, tmp_path / "t.csv")
    assert [bool(problem) for problem in problems] == [False, True, True, False]
    assert "size is no number: 'tall'" in problems[1]


def test_a_table_without_names_is_read_by_position(tmp_path):
    inputs = {
        **ROWS,
        "columns": [{**c, "name": f"column {i}"} for i, c in enumerate(ROWS["columns"], 1)],
    }
    (tmp_path / "t.csv").write_text("1,red\n2,blue\n")
    _, batches, _ = all_of(inputs, tmp_path / "t.csv")
    assert batches[0]["column 1"].tolist() == [1.0, 2.0]
    assert batches[0]["column 2"] == ["red", "blue"]


def test_a_table_is_read_a_batch_at_a_time(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    with path.open("w") as file:
        file.write("size,colour\n")
        file.writelines(f"{i},red\n" for i in range(3 * BATCH))
    batches = read(ROWS, path)
    names, _, _ = next(batches)
    assert len(names) == BATCH
    path.write_text("")  # what was not read yet is gone, mostly
    assert sum(len(some) for some, _, _ in batches) < 3 * BATCH
