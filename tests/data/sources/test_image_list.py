"""A table that lists images, with a class or numbers for each."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from autotrain.data import load_source
from autotrain.errors import DataError
from autotrain.serving.image_reader import read
from autotrain.serving.input_file import InputError


@pytest.fixture
def listed(tmp_path):
    """`list.csv` beside `scans/`: six images, whose shade is ten times their number."""
    (tmp_path / "scans").mkdir()
    lines = ["file,kind,age,note"]
    for i in range(6):
        Image.new("L", (8, 6), 10 * i).save(tmp_path / "scans" / f"{i}.png")
        lines.append(f"scans/{i}.png,{'old' if i > 2 else 'new'},{i + 0.5},n{i}")
    (tmp_path / "list.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "list.csv"


def test_classes_of_listed_images(spec, listed):
    source = load_source(spec(listed, target="kind"), modality="image")
    assert (source.modality, source.class_names) == ("image", ("new", "old"))
    assert source.x["train"][:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40, 50]
    assert source.y["train"].tolist() == [0, 0, 0, 1, 1, 1]
    assert source.notes == ("left out: columns beside the images: age, note",)


def test_numbers_of_listed_images(spec, listed):
    source = load_source(spec(listed, target="age"), "regression", "image")
    assert source.y["train"].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert source.x["train"].shape == (6, 6, 8, 1)


def test_a_model_of_rows_reads_the_same_table_as_rows(spec, listed):
    assert load_source(spec(listed, target="kind"), modality="tabular").modality == "tabular"


def test_images_that_cannot_be_read_are_named_or_left_out(spec, listed):
    (listed.parent / "scans" / "1.png").unlink()
    (listed.parent / "scans" / "4.png").write_text("no image")
    with pytest.raises(DataError, match=r"2 of 6 images cannot be read") as error:
        load_source(spec(listed, target="kind"), modality="image")
    assert all(name in str(error.value) for name in ("scans/1.png", "scans/4.png"))
    source = load_source(spec(listed, target="age", skip_damaged=True), "regression", "image")
    assert source.y["train"].tolist() == [0.5, 2.5, 3.5, 5.5]
    assert source.x["train"][:, 0, 0, 0].tolist() == [0, 20, 30, 50]


def test_the_column_of_images_is_named_where_several_are(spec, listed):
    text = "file,mask,kind\n" + "".join(f"scans/{i}.png,m{i}.png,{'ab'[i % 2]}\n" for i in range(6))
    listed.write_text(text)
    with pytest.raises(DataError, match=r"and 2 do; name it with --set data\.image=COLUMN"):
        load_source(spec(listed, target="kind"), modality="image")
    source = load_source(spec(listed, target="kind", image="file"), modality="image")
    assert len(source.x["train"]) == 6


def test_a_model_reads_a_list_as_training_does(spec, listed):
    source = load_source(spec(listed, target="kind"), modality="image")
    inputs = {"modality": "image", "shape": [6, 8, 1], "dtype": "uint8", "pixels": "bytes",
              "columns": [{"name": "file", "kind": "image", "levels": []}]}  # fmt: skip
    ((names, batch, problems),) = read(inputs, listed)
    assert names[1] == "scans/1.png"
    assert not any(problems)
    np.testing.assert_array_equal(batch, source.x["train"])
    bare = listed.with_name("new.txt")
    bare.write_text("scans/3.png\nscans/none.png\n")
    ((names, batch, problems),) = read({**inputs, "columns": []}, bare)
    assert (names[0], batch[0, 0, 0, 0], problems[0]) == ("scans/3.png", 30, "")
    assert "cannot be read" in problems[1]
    bare.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="one column must name the images, and 0 do"):
        list(read(inputs, bare))
