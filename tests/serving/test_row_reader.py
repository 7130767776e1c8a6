"""Rows of tables: found by name or by position, a batch at a time, problems by row."""

from __future__ import annotations

import gzip

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
    with pytest.raises(InputError, match=r"line 3: every row .* as the first, 2, and this has 1"):
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


def test_a_long_row_is_named_by_its_line(tmp_path):
    (tmp_path / "t.csv").write_text("size,colour\n1,red\n\n2,blue,3\n")
    with pytest.raises(InputError, match=r"line 4: every row .* as the first, 2, and this has 3"):
        all_of(ROWS, tmp_path / "t.csv")


def columns(*names):
    return {**ROWS, "columns": [{"name": n, "kind": "number", "levels": []} for n in names]}


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('"size; cm","weight; kg; net",label', "size; cm"),
        ('"size (h, w, d, in cm)";weight;label', "size (h, w, d, in cm)"),
        ('"age\n(years)","temp, °C",label', "age\n(years)"),
        ('"a ""b""",c,d', 'a "b"'),
        ("a,,c", "column 2"),
    ],
)
def test_a_name_with_anything_in_it_is_found(tmp_path, head, name):
    separator = ";" if head.endswith(";label") else ","
    lines = [separator.join(map(str, (i, i, i))) for i in range(3)]
    (tmp_path / "t.csv").write_text("\n".join([head, *lines]), "utf-8")
    inputs = {**columns(name), "table": {"header": True, "width": 3, "targets": []}}
    _, batches, problems = all_of(inputs, tmp_path / "t.csv")
    assert batches[0][name].tolist() == [0.0, 1.0, 2.0]
    assert not any(problems)


def test_a_compressed_table_is_read(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"size,colour\n1.5,red\n"))
    assert all_of(ROWS, tmp_path / "t.csv.gz")[1][0]["size"].tolist() == [1.5]
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(b"size,colour\n1.5,red\n")[:-9])
    with pytest.raises(InputError, match=r"d\.csv\.gz: cannot be read"):
        all_of(ROWS, tmp_path / "d.csv.gz")


def test_infinity_is_a_problem_of_its_row(tmp_path):
    (tmp_path / "t.csv").write_text("size,colour\ninf,red\n1e39,red\n1e38,red\n-Infinity,blue\n")
    _, batches, problems = all_of(ROWS, tmp_path / "t.csv")
    assert [bool(problem) for problem in problems] == [True, True, False, True]
    assert "size must be finite and below 3e38: 'inf'" in problems[0]
    assert np.isfinite(batches[0]["size"]).tolist() == [False, False, True, False]


HEADLESS = {
    **columns("column 2", "column 3"),
    "table": {"header": False, "width": 4, "targets": ["column 1"]},
}


@pytest.mark.parametrize("lines", ["9,1,2,0\n8,3,4,0\n", "1,2,0\n3,4,0\n"])
def test_a_headless_table_may_lack_its_target(tmp_path, lines):
    (tmp_path / "t.csv").write_text(lines)
    _, batches, _ = all_of(HEADLESS, tmp_path / "t.csv")
    assert batches[0]["column 2"].tolist() == [1.0, 3.0]
    assert batches[0]["column 3"].tolist() == [2.0, 4.0]


def test_missing_cells_in_the_first_row_of_a_headless_table_are_no_names(tmp_path):
    (tmp_path / "t.csv").write_text("9,,,0\n8,3,4,0\n")
    names, batches, _ = all_of(HEADLESS, tmp_path / "t.csv")
    assert names == ["0", "1"]
    np.testing.assert_array_equal(batches[0]["column 2"], [np.nan, 3])


def test_a_headless_table_of_another_width_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("1,2\n3,4\n")
    match = "has 2 columns, .* a table of 4 without a header: give all of them, or the 3 besides"
    with pytest.raises(InputError, match=match):
        all_of(HEADLESS, tmp_path / "t.csv")


def test_names_that_training_did_not_have_are_no_row(tmp_path):
    (tmp_path / "t.csv").write_text("class,size,weight,zero\n9,1,2,0\n")
    names, batches, problems = all_of(HEADLESS, tmp_path / "t.csv")
    assert (names, problems, batches[0]["column 2"].tolist()) == (["0"], [""], [1.0])


def test_a_table_without_the_header_of_training_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("1.5,red\n")
    inputs = {**ROWS, "table": {"header": True, "width": 3, "targets": ["y"]}}
    with pytest.raises(InputError, match=r"lacks the column 'size'.*it has: 1\.5, red"):
        all_of(inputs, tmp_path / "t.csv")


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(InputError, match="the file is empty"):
        all_of(ROWS, tmp_path / "t.csv")


def test_a_wanted_name_twice_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("size,size,colour\n1,2,red\n")
    with pytest.raises(InputError, match="the column 'size' more than once"):
        all_of(ROWS, tmp_path / "t.csv")
