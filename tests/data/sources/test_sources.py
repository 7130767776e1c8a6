from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autotrain.data import load_source
from autotrain.errors import DataError


def test_digits_pixels_span_a_byte(spec):
    source = load_source(spec("digits"))
    assert source.modality == "image"
    assert source.x["train"].shape == (1797, 8, 8, 1)
    assert source.x["train"].dtype == np.uint8
    assert (source.x["train"].min(), source.x["train"].max()) == (0, 255)
    assert source.class_names == tuple("0123456789")
    assert set(source.x) == set(source.y) == {"train"}


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [("iris", (150, 4), 3), ("wine", (178, 13), 3), ("breast_cancer", (569, 30), 2)],
)
def test_table_is_float32_with_names(spec, name, shape, classes):
    source = load_source(spec(name))
    assert source.modality == "tabular"
    assert source.x["train"].shape == shape
    assert source.x["train"].dtype == np.float32
    assert source.y["train"].dtype == np.int32
    assert len(source.class_names) == classes
    assert len(source.feature_names) == shape[1]


@pytest.mark.parametrize("name", ["digit", "CIFAR10", "irsi"])
def test_name_misspelt_gets_nearest(spec, name):
    right = {"digit": "digits", "CIFAR10": "cifar10", "irsi": "iris"}[name]
    with pytest.raises(DataError, match=f"did you mean '{right}'") as caught:
        load_source(spec(name))
    assert ".npz" in str(caught.value)
    assert "folder" in str(caught.value)


def test_path_misspelt_gets_nearest_file(spec, npz):
    path = npz()
    with pytest.raises(DataError, match=r"did you mean 'data\.npz'"):
        load_source(spec(path.with_name("dta.npz")))


@pytest.mark.parametrize("source", [None, ""])
def test_source_absent_lists_forms(spec, source):
    with pytest.raises(DataError, match=r"no data given.*digits.*npz.*folder"):
        load_source(spec(source))


@pytest.mark.parametrize("source", ["a\0b", "~no_such_user_here/x", "x" * 5000])
def test_source_impossible_path_is_data_error(spec, source):
    with pytest.raises(DataError):
        load_source(spec(source))


def test_source_other_kind_of_file_lists_forms(spec, tmp_path):
    path = tmp_path / "table.docx"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"table\.docx: this kind of file cannot be read.*npz.*csv"):
        load_source(spec(path))


def test_built_in_name_wins_over_folder(spec, tmp_path, monkeypatch):
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert len(load_source(spec("digits")).x["train"]) == 1797
    with pytest.raises(DataError, match="no images"):
        load_source(spec("./digits"))


def test_home_is_expanded_and_extension_case_ignored(spec, npz, monkeypatch):
    path = npz().rename(npz().with_suffix(".NPZ"))
    monkeypatch.setenv("HOME", str(path.parent))
    assert load_source(spec("~/data.NPZ")).x["train"].shape == (20, 3)


def test_image_size_resizes_arrays(spec):
    source = load_source(spec("digits", image_size=16))
    assert source.x["train"].shape == (1797, 16, 16, 1)
    assert source.x["train"].dtype == np.uint8


@pytest.mark.parametrize("size", [0, -3, 100_000])
def test_image_size_out_of_range_is_refused(spec, size):
    with pytest.raises(DataError, match=f"image_size must be from 1 .* got {size}"):
        load_source(spec("digits", image_size=size))


def test_image_size_for_table_is_refused(spec):
    with pytest.raises(DataError, match="this is a table"):
        load_source(spec("iris", image_size=16))


def test_image_size_for_float_images_is_refused(spec, npz):
    path = npz(x=np.zeros((8, 4, 4, 3)), y=np.arange(8) % 2)
    with pytest.raises(DataError, match="needs 8-bit images"):
        load_source(spec(path, image_size=16))


def test_real_cifar_subset_keeps_its_test_part(spec, shared_data: Path):
    source = load_source(spec(shared_data / "cifar10_6k.npz"))
    assert source.x["train"].shape == (5000, 32, 32, 3)
    assert len(source.x["test"]) == 1000
    assert source.class_names[0] == "airplane"


def test_import_and_built_in_load_no_heavy_module():
    code = (
        "import sys, autotrain.data\n"
        "heavy = {'tensorflow', 'keras', 'jax', 'pandas', 'optuna', 'ray', 'sklearn', 'PIL'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
