"""Reading what a user gives: every kind, a batch at a time, and what is wrong with it by name."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from autotrain.serving import reading
from autotrain.serving.reading import InputError, read

ROWS = {
    "modality": "tabular", "shape": [2], "dtype": "float32", "tokens": "", "vocabulary": [], "strings": True,
    "columns": [{"name": "size", "kind": "number", "levels": []},
                {"name": "colour", "kind": "category", "levels": ["red", "blue"]}],
}  # fmt: skip
IMAGES = {
    "modality": "image",
    "shape": [6, 8, 3],
    "dtype": "uint8",
    "columns": [],
    "strings": False,
}
TEXTS = {"modality": "text", "shape": [4], "dtype": "int32", "columns": [], "tokens": "whitespace",
         "vocabulary": ["a"], "strings": True}  # fmt: skip


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
    assert batches == [{"size": ["1.5", ""], "colour": ["red", "blue"]}]
    assert (names, problems) == (["0", "1"], ["", ""])


def test_a_parquet_file_is_read(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"colour": ["red", None], "size": [1.0, None], "more": [1, 2]})
    frame.to_parquet(tmp_path / "t.parquet")
    _, batches, _ = all_of(ROWS, tmp_path / "t.parquet")
    assert batches[0]["colour"] == ["red", ""]
    assert [float(c) if c not in reading.MISSING else None for c in batches[0]["size"]] == [
        1.0,
        None,
    ]


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
    assert batches == [{"column 1": ["1", "2"], "column 2": ["red", "blue"]}]


def test_a_table_is_read_a_batch_at_a_time(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    with path.open("w") as file:
        file.write("size,colour\n")
        file.writelines(f"{i},red\n" for i in range(3 * reading.BATCH))
    batches = read(ROWS, path)
    names, _, _ = next(batches)
    assert len(names) == reading.BATCH
    path.write_text("")  # what was not read yet is gone, mostly
    assert sum(len(some) for some, _, _ in batches) < 3 * reading.BATCH


def test_texts_are_lines_or_a_column(tmp_path):
    (tmp_path / "t.txt").write_text("one two\n\nthree\n", "utf-8")
    assert all_of(TEXTS, tmp_path / "t.txt")[1] == [["one two", "three"]]
    named = {**TEXTS, "columns": [{"name": "review", "kind": "text", "levels": []}]}
    (tmp_path / "t.csv").write_text('id,review\n1,"a, b"\n2,""\n')
    assert all_of(named, tmp_path / "t.csv")[1] == [["a, b", ""]]


def test_an_unreadable_image_among_many_is_named(tmp_path):
    for i in range(5):
        Image.new("RGB", (8 + i, 6), (10 * i, 0, 0)).save(tmp_path / f"{i}.png")
    (tmp_path / "2.png").write_bytes(b"no image")
    (tmp_path / "notes.md").write_text("no image either")
    names, batches, problems = all_of(IMAGES, tmp_path)
    assert [name.rpartition("/")[2] for name in names] == [f"{i}.png" for i in range(5)]
    assert [bool(problem) for problem in problems] == [False, False, True, False, False]
    assert "cannot be read" in problems[2]
    assert batches[0][4, 0, 0, 0] == 40


def test_images_are_prepared_as_in_training(tmp_path):
    from autotrain.data.decode import decode_images

    noise = np.random.default_rng(0).integers(0, 255, (40, 90, 3)).astype("uint8")
    for name, mode in (
        ("a.png", "RGB"),
        ("b.jpg", "RGB"),
        ("c.png", "L"),
        ("d.png", "P"),
        ("e.png", "RGBA"),
    ):
        Image.fromarray(noise).convert(mode).save(tmp_path / name)
    files = sorted(tmp_path.iterdir())
    inputs = {**IMAGES, "shape": [16, 16, 3]}
    _, batches, problems = all_of(inputs, tmp_path)
    assert not any(problems)
    np.testing.assert_array_equal(batches[0], decode_images(tmp_path, files, 16))


@pytest.mark.parametrize(
    ("array", "match"),
    [(np.zeros((3, 5)), r"has the shape \(2,\), got \(5,\)"), (np.array([{}]), "no array")],
)
def test_arrays_of_another_kind_are_refused(tmp_path, array, match):
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=match):
        all_of(ROWS, tmp_path / "x.npy")


def test_what_cannot_be_is_said(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        all_of(ROWS, tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder"):
        all_of(ROWS, tmp_path)
    with pytest.raises(InputError, match="holds no images"):
        all_of(IMAGES, tmp_path)
    with pytest.raises(InputError, match="not image files"):
        all_of({**IMAGES, "dtype": "float32"}, tmp_path)
