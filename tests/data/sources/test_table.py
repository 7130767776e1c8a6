"""Targets of tables and arrays: which columns they are, and what each task makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from autotrain.data import DataInfo, data_folder, describe, open_arrays, open_test, prepare
from autotrain.errors import DataError


@pytest.fixture
def save(tmp_path):
    def write(text: str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def parts(cache, info):
    folder = data_folder(cache, info.fingerprint)
    arrays, (x_test, y_test) = open_arrays(folder), open_test(folder)
    return {
        "train": (arrays.x_train, arrays.y_train),
        "validation": (arrays.x_validation, arrays.y_validation),
        "test": (x_test, y_test),
    }


def rows(count=60, header="n,size,kind,rain,wind\n") -> str:
    lines = [f"{i},{i / 8},{'ab'[i % 2]},{i % 2},{int(i % 3 == 0)}" for i in range(count)]
    return header + "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["target", "label", "Class", "Y"])
def test_target_of_a_usual_name_is_found(spec, save, tmp_path, name):
    info = prepare(spec(save(rows().replace("kind", name))), tmp_path / "c", 0)
    assert info.class_names == ("a", "b")
    assert name not in [c.name for c in info.columns]


def test_target_without_header_is_the_last_column(spec, save, tmp_path):
    info = prepare(spec(save(rows(header=""))), tmp_path / "c", 0)
    assert [c.name for c in info.columns] == ["column 2", "column 3", "column 4"]
    assert info.left_out == {"column 1": "row numbers"}
    assert info.class_names == ("0", "1")


@pytest.mark.parametrize("target", ["kind", "3", "-3", ("kind",), " kind"])
def test_target_by_name_or_position(spec, save, tmp_path, target):
    info = prepare(spec(save(rows()), target=target), tmp_path / "c", 0)
    assert [c.name for c in info.columns] == ["n", "size", "rain", "wind"]


def test_target_name_wins_over_position_and_may_hold_a_comma(spec, save, tmp_path):
    path = save(rows(header='3,n,"a,b",rain,wind\n'))
    info = prepare(spec(path, target="a,b", header=True), tmp_path / "c", 0)
    assert info.class_names == ("a", "b")
    info = prepare(spec(path, target="3", header=True), tmp_path / "c", 0, "regression")
    assert info.class_names == ("3",)


BAD = {
    "unknown": ("classification", "kidn", r"got 'kidn' did you mean 'kind'\?; the columns are n, s"),
    "position": ("classification", "6", "position from 1 to 5 .* got '6'"),
    "zero": ("classification", "0", "got '0'"),
    "unnamed": ("classification", None, r"named with --target \(none has its usual name\).* n, size,"),
    "several": ("classification", "rain,wind", "one target, got rain, wind; .*tabular_multilabel"),
    "twice": ("multilabel", "rain,rain", "each column once"),
    "floats": ("classification", "size", r"'size' holds 0\.125; measurements are regression.*tabular_r"),
    "counted": ("classification", "n", "set a task such as tabular_regression"),
    "text": ("regression", "kind", "'kind' holds text such as 'a'; for classes"),
    "no_label": ("multilabel", "kind,rain", "0 or 1 .*'kind' holds a; one column of classes"),
    "numbers": ("multilabel", "n,rain", r"'n' holds 2\.0"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_target_that_does_not_suit_is_refused(spec, save, tmp_path, case):
    task, target, message = BAD[case]
    path = save(rows())
    with pytest.raises(DataError, match=message) as caught:
        prepare(spec(path, target=target), tmp_path / "c", 0, task)
    assert case == "counted" or str(path) in str(caught.value)


def test_target_of_nameless_columns_lists_examples(spec, save, tmp_path):
    path = save(rows(header=""))
    with pytest.raises(DataError, match=r"column 1 \(0\.0\), .*column 3 \(a\)"):
        prepare(spec(path), tmp_path, 0, "multilabel")


def test_classes_of_numbers_are_in_numeric_order(spec, save, tmp_path):
    text = "x,y\n" + "".join(f"{i},{(-1, 2, 10)[i % 3]}\n" for i in range(30))
    info = prepare(spec(save(text)), tmp_path / "c", 0)
    assert info.class_names == ("-1", "2", "10")
    x, y = parts(tmp_path / "c", info)["train"]
    assert np.array_equal(x[:, 0] % 3, y)
    assert y.dtype == np.int32


@pytest.mark.parametrize("task", ["classification", "regression", "multilabel"])
def test_rows_without_target_are_dropped_and_counted(spec, save, tmp_path, task):
    lines = rows().splitlines()
    for i in (3, 4, 50):
        cells = lines[i].split(",")
        cells[3] = ("?", "", " NA")[i % 3]
        lines[i] = ",".join(cells)
    info = prepare(spec(save("\n".join(lines)), target="rain"), tmp_path / "c", 0, task)
    assert info.dropped == 3
    assert sum(info.sizes.values()) == 57
    assert "dropped: 3 rows without a target" in describe(info)
    kept = {int(n) for x, _ in parts(tmp_path / "c", info).values() for n in x[:, 0]}
    assert kept == set(range(60)) - {2, 3, 49}


@pytest.mark.parametrize("task", ["classification", "regression", "multilabel"])
def test_target_missing_everywhere_is_refused(spec, save, tmp_path, task):
    path = save("a,y\n" + "".join(f"{i},\n" for i in range(9)))
    with pytest.raises(DataError, match="the target y is missing in every row"):
        prepare(spec(path, target="y"), tmp_path, 0, task)


def test_regression_keeps_numbers_and_spreads_them(spec, save, tmp_path):
    info = prepare(spec(save(rows(100)), target="size"), tmp_path / "c", 0, "regression")
    assert (info.task, info.classes, info.class_names) == ("regression", 1, ("size",))
    assert info.class_counts == {}
    assert dict(info.sizes) == {"train": 64, "validation": 16, "test": 20}
    for x, y in parts(tmp_path / "c", info).values():
        assert (y.dtype, y.shape) == (np.float32, (len(x),))
        assert np.array_equal(x[:, 0] / 8, y)
        # Every tenth of the range is in every part.
        assert set((y * 8 // 10).astype(int)) == set(range(10))
    assert "number to predict: size; 64 train" in describe(info)


def test_regression_of_several_outputs(spec, save, tmp_path):
    info = prepare(spec(save(rows()), target="size,n"), tmp_path / "c", 0, "regression")
    assert (info.classes, info.class_names) == (2, ("size", "n"))
    for _, y in parts(tmp_path / "c", info).values():
        assert np.array_equal(y[:, 0] * 8, y[:, 1])


def test_regression_of_a_constant_is_refused(spec, save, tmp_path):
    path = save("a,y\n" + "".join(f"{i},7\n" for i in range(9)))
    with pytest.raises(DataError, match=r"a target that varies, and 'y' is always 7\.0"):
        prepare(spec(path), tmp_path, 0, "regression")


@pytest.mark.parametrize("count", [3, 5, 7, 13])
def test_regression_of_few_rows_has_every_part(spec, npz, tmp_path, count):
    path = npz(x=np.arange(float(count))[:, None], y=np.arange(count))
    info = prepare(spec(path), tmp_path / "c", 0, "regression")
    assert min(info.sizes.values()) >= 1
    assert sum(info.sizes.values()) == count


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_too_few_rows_are_refused(spec, save, tmp_path, task):
    path = save("a,y\n0,0\n5,1\n")
    with pytest.raises(DataError, match=r"at least 3 examples are needed.* got 2"):
        prepare(spec(path), tmp_path, 0, task)


@pytest.mark.parametrize("words", [("0", "1"), ("False", "True"), ("no", "yes")])
def test_multilabel_columns_are_zeros_and_ones(spec, save, tmp_path, words):
    lines = [f"{i},{words[i % 2]},{words[int(i % 3 == 0)]}" for i in range(60)]
    path = save("n,rain,wind\n" + "\n".join(lines))
    info = prepare(spec(path, target="rain,wind"), tmp_path / "c", 0, "multilabel")
    assert (info.task, info.class_names) == ("multilabel", ("rain", "wind"))
    for part, (x, y) in parts(tmp_path / "c", info).items():
        assert y.dtype == np.float32
        assert np.array_equal(y, np.stack([x[:, 0] % 2, x[:, 0] % 3 == 0], 1))
        assert info.class_counts[part] == tuple(y.sum(axis=0))
    assert "2 labels" in describe(info)


def test_multilabel_rare_label_is_in_every_part(spec, npz, tmp_path):
    y = np.zeros((200, 3), int)
    y[::2, 0], y[::5, 1], y[[3, 77, 150, 199], 2] = 1, 1, 1
    info = prepare(spec(npz(x=np.arange(200.0)[:, None], y=y)), tmp_path / "c", 1, "multilabel")
    assert min(min(counts) for counts in info.class_counts.values()) >= 1
    assert info.class_names == ("1", "2", "3")


def test_multilabel_without_a_positive_in_training_is_refused(spec, npz, tmp_path):
    y = np.zeros((40, 2), int)
    y[::2, 0] = 1
    path = npz(x=np.arange(40.0)[:, None], y=y, class_names=["a", "b"])
    with pytest.raises(DataError, match="for none holds 'b'"):
        prepare(spec(path), tmp_path, 0, "multilabel")


X = np.arange(60.0).reshape(20, 3)
BAD_ARRAYS = {
    "flat_labels": ("multilabel", {"y": np.arange(20) % 2}, r"shape \[n, labels\].*classification"),
    "odd_labels": ("multilabel", {"y": np.full((20, 2), 0.5)}, "a label must be 0 or 1, got 0.5"),
    "text_labels": ("multilabel", {"y": np.full((20, 2), "a")}, "got dtype <U1"),
    "names": ("multilabel", {"y": np.ones((20, 2)), "class_names": ["a"]}, "there are 2, got a"),
    "text": ("regression", {"y": np.full(20, "a")}, "predicts numbers, got dtype <U1"),
    "nan": ("regression", {"y": np.where(X[:, 0] > 30, np.nan, X[:, 0])}, "9 targets are missing"),
    "rank": ("regression", {"y": X.reshape(20, 3, 1)}, r"got \[20, 3, 1\]"),
    "parts": ("regression", {"y": X, "x_test": X, "y_test": X[:, :2]}, "got 3 in y_train and 2 in y_t"),
    "multi": ("classification", {"y": np.ones((20, 2), int)}, "one-hot.*tabular_multilabel"),
    "floats": ("classification", {"y": X[:, 0] / 7}, "tabular_regression"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_arrays_that_do_not_suit_the_goal_are_refused(spec, npz, tmp_path, case):
    task, arrays, message = BAD_ARRAYS[case]
    with pytest.raises(DataError, match=message):
        prepare(spec(npz(x=X, **arrays)), tmp_path, 0, task)


@pytest.mark.parametrize("shape", [(20,), (20, 1)])
def test_arrays_of_one_number_have_one_axis(spec, npz, tmp_path, shape):
    info = prepare(spec(npz(x=X, y=X[:, 0].reshape(shape))), tmp_path / "c", 0, "regression")
    assert info.class_names == ("target",)
    assert parts(tmp_path / "c", info)["train"][1].ndim == 1


def test_images_may_have_labels_and_numbers(spec, npz, tmp_path):
    path = npz(x=np.zeros((20, 4, 4), np.uint8), y=np.arange(20) / 3)
    info = prepare(spec(path), tmp_path / "c", 0, "regression")
    assert (info.modality, info.task) == ("image", "regression")


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_sources_of_classes_are_refused_for_other_tasks(spec, tmp_path, task):
    with pytest.raises(DataError, match=f"one class here, which is no data for {task}"):
        prepare(spec("iris"), tmp_path, 0, task)


@pytest.mark.parametrize("task", ["classification", "regression", "multilabel"])
def test_info_of_any_goal_survives_json_and_is_found_again(spec, save, tmp_path, task):
    import yaml

    path = save(rows())
    info = prepare(spec(path, target="rain"), tmp_path / "c", 0, task)
    assert DataInfo.from_dict(json.loads(json.dumps(info.to_dict()))) == info
    assert DataInfo.from_dict(yaml.safe_load(yaml.safe_dump(info.to_dict()))) == info
    folder = data_folder(tmp_path / "c", info.fingerprint)
    before = (folder / "x_train.npy").stat().st_mtime_ns
    assert prepare(spec(path, target="rain"), tmp_path / "c", 0, task) == info
    assert (folder / "x_train.npy").stat().st_mtime_ns == before
    fingerprints = {
        prepare(spec(path, target="rain"), tmp_path / "c", 0, g).fingerprint
        for g in ("classification", "regression", "multilabel")
    }
    assert len(fingerprints) == 3
