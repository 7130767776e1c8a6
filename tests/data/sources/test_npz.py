from __future__ import annotations

import numpy as np
import pytest

from autotrain.data import SPLITS, load_source, prepare
from autotrain.errors import DataError

X = np.arange(60.0).reshape(20, 3)
Y = np.arange(20) % 2
IMAGES = (np.arange(20 * 16).reshape(20, 4, 4) % 256).astype(np.uint8)


def test_npz_x_and_y_is_table(spec, npz):
    source = load_source(spec(npz(x=X, y=Y)))
    assert source.modality == "tabular"
    assert source.x["train"].dtype == np.float32
    assert source.y["train"].dtype == np.int32
    assert source.class_names == ("0", "1")


@pytest.mark.parametrize("val", ["val", "validation"])
def test_npz_own_parts_are_kept(spec, npz, val):
    parts = {f"x_{val}": X[:6], f"y_{val}": Y[:6], "x_test": X[:4], "y_test": Y[:4]}
    source = load_source(spec(npz(x_train=X, y_train=Y, **parts, class_names=["cat", "dog"])))
    assert [len(source.x[split]) for split in SPLITS] == [20, 6, 4]
    assert source.class_names == ("cat", "dog")


def test_npz_feature_names_are_read(spec, npz):
    source = load_source(spec(npz(x=X, y=Y, feature_names=["a", "b", "c"])))
    assert source.feature_names == ("a", "b", "c")


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        ("uint8", "uint8"),
        ("uint16", "uint16"),
        ("int64", "uint8"),
        ("int32", "uint8"),
        ("float64", "float32"),
        ("float32", "float32"),
        ("float16", "float32"),
        (">f8", "float32"),
        (">u2", "uint16"),
    ],
)
def test_npz_image_dtype_becomes_compact(spec, npz, dtype, kept):
    source = load_source(spec(npz(x=IMAGES.astype(dtype), y=Y)), modality="image")
    assert source.modality == "image"
    assert source.x["train"].shape == (20, 4, 4, 1)
    assert source.x["train"].dtype == np.dtype(kept)
    assert source.x["train"].dtype.isnative
    assert np.array_equal(source.x["train"][..., 0], IMAGES)


def test_npz_wide_integers_beyond_a_byte_keep_their_values(spec, npz):
    source = load_source(spec(npz(x=IMAGES.astype(np.int64) * 100, y=Y)))
    assert source.x["train"].dtype == np.float32
    assert source.x["train"].max() == IMAGES.max() * 100.0


def test_npz_integer_range_is_judged_over_all_parts(spec, npz):
    big = IMAGES.astype(np.int64) + 1000
    path = npz(x_train=IMAGES.astype(np.int64), y_train=Y, x_test=big, y_test=Y)
    source = load_source(spec(path))
    assert source.x["train"].dtype == source.x["test"].dtype == np.float32


def test_npz_bool_images_get_the_range_of_bytes(spec, npz):
    source = load_source(spec(npz(x=IMAGES > 100, y=Y)))
    assert set(np.unique(source.x["train"])) == {0, 255}


def test_npz_fortran_order_is_read_right(spec, npz):
    source = load_source(spec(npz(x=np.asfortranarray(X), y=Y)))
    assert np.array_equal(source.x["train"], X)


@pytest.mark.parametrize(
    "labels",
    [
        Y.reshape(20, 1),
        np.eye(2)[Y],
        np.eye(2, dtype=bool)[Y],
        Y.astype(np.float64),
        Y.astype(bool),
        Y.astype(np.uint64),
    ],
    ids=["column", "one_hot", "one_hot_bool", "float", "bool", "uint64"],
)
def test_npz_label_form_gives_same_positions(spec, npz, labels):
    source = load_source(spec(npz(x=X, y=labels)))
    assert np.array_equal(source.y["train"], Y)
    assert source.class_names == ("0", "1")


@pytest.mark.parametrize("dtype", ["U", "S"])
def test_npz_text_labels_map_to_sorted_names(spec, npz, dtype):
    labels = np.array(["zebra", "ant"])[Y].astype(dtype)
    source = load_source(spec(npz(x=X, y=labels)))
    assert source.class_names == ("ant", "zebra")
    assert np.array_equal(source.y["train"], 1 - Y)


def test_npz_text_labels_follow_class_names(spec, npz):
    path = npz(x=X, y=np.array(["zebra", "ant"])[Y], class_names=["zebra", "ant"])
    source = load_source(spec(path))
    assert source.class_names == ("zebra", "ant")
    assert np.array_equal(source.y["train"], Y)


def test_npz_labels_with_gaps_name_themselves(spec, npz):
    source = load_source(spec(npz(x=X, y=np.array([3, 70])[Y])))
    assert source.class_names == ("3", "70")
    assert np.array_equal(source.y["train"], Y)


BAD = {
    "x_missing": ({"X_train": X, "y_train": Y}, r"'x_train' is missing.*did you mean 'X_train'"),
    "y_missing": ({"x_train": X}, "'y_train' is missing.*the file has x_train"),
    "positional": ({"arr_0": X, "arr_1": Y}, "the file has arr_0, arr_1"),
    "y_test_missing": ({"x": X, "y": Y, "x_test": X}, "'y_test' is missing"),
    "test_misspelt": ({"x": X, "y": Y, "x_tset": X, "y_tset": Y}, "did you mean 'x_test'"),
    "twice": ({"x": X, "y": Y, "x_train": X, "y_train": Y}, "name the same part"),
    "object_x": ({"x": np.array([[1], None], object), "y": Y[:2]}, r"x is an array of Python obj"),
    "object_y": ({"x": X, "y": Y.astype(object)}, r"y is an array of Python obj.*never loaded"),
    "length": ({"x": X, "y": Y[:-1]}, "equally long, got 20 inputs and 19 labels"),
    "scalar_y": ({"x": X, "y": np.array(3)}, "equally long"),
    "nan": ({"x": np.where(IMAGES == 22, np.nan, IMAGES)[..., None], "y": Y}, "in 2 of 20 .*first in example 1;"),
    "inf": ({"x": np.where(X == 22, np.inf, X), "y": Y}, "in 1 of 20 examples, first in example 7"),
    "overflow": ({"x": np.where(X == 22, 1e300, X), "y": Y}, "must be finite"),
    "empty": ({"x": X[:0], "y": Y[:0]}, "is empty"),
    "no_features": ({"x": X[:, :0], "y": Y}, "is empty"),
    "rank_1": ({"x": X[:, 0], "y": Y}, r"got the shape \[20\]"),
    "rank_5": ({"x": np.zeros((20, 2, 2, 2, 2)), "y": Y}, "inputs must be images"),
    "text_x": ({"x": X.astype(str), "y": Y}, "inputs must be numbers"),
    "complex_x": ({"x": X.astype(complex), "y": Y}, "inputs must be numbers"),
    "channels_first": ({"x": np.zeros((20, 3, 8, 8)), "y": Y}, r"x\.transpose\(0, 2, 3, 1\)"),
    "gray_first": ({"x": np.zeros((20, 1, 8, 8)), "y": Y}, r"x\.transpose\(0, 2, 3, 1\)"),
    "shapes": ({"x": X, "y": Y, "x_test": X[:, :2], "y_test": Y}, r"\[3\] in x_train and \[2\]"),
    "dtypes": (
        {"x": IMAGES, "y": Y, "x_test": IMAGES / 255, "y_test": Y},
        "got uint8 in x_train and float64 in x_test",
    ),
    "negative": ({"x": X, "y": Y - 1}, "must not be negative, got -1"),
    "regression": ({"x": X, "y": Y + 0.5}, "whole numbers.*got 0.5; .*task such as tabular_regression"),
    "nan_label": ({"x": X, "y": np.where(Y == 1, np.nan, 0)}, "10 labels are missing"),
    "soft": ({"x": X, "y": np.full((20, 2), 0.5)}, "must be one-hot.*tabular_multilabel"),
    "multi": ({"x": X, "y": np.ones((20, 2), int)}, "must be one-hot"),
    "rank_3_y": ({"x": X, "y": np.ones((20, 2, 2), int)}, "labels must have the shape"),
    "dates": ({"x": X, "y": Y.astype("datetime64[D]")}, "whole numbers or text"),
    "only_in_test": ({"x": X, "y": Y, "x_test": X, "y_test": Y + 1}, "y_test: .*no training.*: 2;"),
    "only_in_val": ({"x": X, "y": Y, "x_val": X, "y_val": Y + 1}, "y_val: .*no training.*: 2;"),
    "mixed": ({"x": X, "y": Y, "x_test": X, "y_test": Y.astype(str)}, "text in some"),
    "few_names": ({"x": X, "y": Y, "class_names": ["a"]}, "go from 0 to 0, got 1"),
    "many_names": ({"x": X, "y": Y, "class_names": ["a", "b", "c"]}, "there are none of 'c'"),
    "same_names": ({"x": X, "y": Y, "class_names": ["a", "a"]}, "'a' more than once"),
    "odd_names": ({"x": X, "y": Y, "class_names": [[1.5]]}, "must be a list of text"),
    "unnamed": (
        {"x": X[:3], "y": ["cat", "dog", "dgo"], "class_names": ["cat", "dog"]},
        "not in class_names: 'dgo' did you mean 'dog'",
    ),
    "bytes": ({"x": X, "y": np.array([b"\xff", b"a"])[Y]}, "must be UTF-8"),
    "features": ({"x": X, "y": Y, "feature_names": ["a"]}, "each of the 3 features, got 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_npz_bad_arrays_are_refused(spec, npz, case):
    arrays, message = BAD[case]
    path = npz(**arrays)
    with pytest.raises(DataError, match=message) as caught:
        load_source(spec(path))
    assert str(path) in str(caught.value)


def test_npz_of_one_class_teaches_nothing(spec, npz, tmp_path):
    with pytest.raises(DataError, match="at least two classes, got only '0'; add examples"):
        prepare(spec(npz(x=X, y=Y * 0)), tmp_path, seed=0)


def test_npz_truncated_is_refused_with_path(spec, npz):
    path = npz(x=np.random.default_rng(0).normal(size=(500, 3)), y=np.arange(500) % 2)
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(DataError, match=r"data\.npz: cannot be read.*damaged"):
        load_source(spec(path))


def test_npz_flipped_byte_is_refused_with_path(spec, tmp_path):
    path = tmp_path / "data.npz"
    np.savez_compressed(
        path, x=np.random.default_rng(0).normal(size=(500, 3)), y=np.arange(500) % 2
    )
    raw = bytearray(path.read_bytes())
    raw[2000] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"data\.npz: cannot be read"):
        load_source(spec(path))


@pytest.mark.parametrize("content", [b"", b"not a zip file at all", b"PK\x03\x04 cut"])
def test_npz_other_content_is_refused_with_path(spec, tmp_path, content):
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"data\.npz: cannot be read") as caught:
        load_source(spec(path))
    assert "pickle" not in str(caught.value)  # NumPy's own advice would be to allow it


def test_npz_single_array_is_refused(spec, tmp_path):
    path = tmp_path / "data.npz"
    with path.open("wb") as file:
        np.save(file, X)
    with pytest.raises(DataError, match="single array"):
        load_source(spec(path))
