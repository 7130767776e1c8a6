from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from autotrain.data import DataInfo, data_folder, describe, open_arrays, open_test, prepare
from autotrain.data import cache as cache_module
from autotrain.errors import DataError


def parts(cache, info):
    folder = data_folder(cache, info.fingerprint)
    arrays, (x_test, y_test) = open_arrays(folder), open_test(folder)
    return {
        "train": (arrays.x_train, arrays.y_train),
        "validation": (arrays.x_validation, arrays.y_validation),
        "test": (x_test, y_test),
    }


def numbered(count=60, classes=3):
    """A table whose only feature is the row's number, so that rows can be told apart."""
    return {"x": np.arange(float(count)).reshape(-1, 1), "y": np.arange(count) % classes}


def rows(part):
    return set(part[0][:, 0].tolist())


def test_prepare_digits_has_the_known_sizes(spec, tmp_path):
    info = prepare(spec("digits"), tmp_path, 0)
    assert describe(info) == (
        "digits: 1,797 images 8x8x1, 10 classes; 1,149 train / 288 validation / 360 test\n"
        "classes: 0 178, 1 182, 2 177, 3 183, 4 181, 5 182, 6 181, 7 179, 8 174, 9 180"
    )
    assert (info.modality, info.input_shape, info.dtype) == ("image", (8, 8, 1), "uint8")
    for part, (x, y) in parts(tmp_path, info).items():
        assert x.shape == (info.sizes[part], 8, 8, 1)
        assert y.dtype == np.int32


def test_describe_table_and_uneven_classes(spec, npz, tmp_path):
    assert "150 rows of 4 features" in describe(prepare(spec("iris"), tmp_path, 0))
    path = npz(x=np.zeros((110, 2)), y=np.repeat([0, 1], [105, 5]))
    assert "uneven classes: '0' has" in describe(prepare(spec(path), tmp_path, 0))


def test_prepare_is_stratified(spec, npz, tmp_path):
    path = npz(x=np.arange(1000.0)[:, None], y=np.repeat([0, 1, 2], [700, 250, 50]))
    info = prepare(spec(path), tmp_path, 3)
    for part, (_, y) in parts(tmp_path, info).items():
        share = np.bincount(y) / len(y)
        assert share == pytest.approx([0.7, 0.25, 0.05], abs=0.01)
        assert info.class_counts[part] == tuple(np.bincount(y))


def test_prepare_parts_are_disjoint_and_complete(spec, npz, tmp_path):
    info = prepare(spec(npz(**numbered())), tmp_path, 0)
    train, validation, test = map(rows, parts(tmp_path, info).values())
    assert train | validation | test == set(range(60))
    assert len(train) + len(validation) + len(test) == 60


def test_prepare_keeps_inputs_with_their_labels(spec, npz, tmp_path):
    info = prepare(spec(npz(**numbered())), tmp_path, 0)
    for x, y in parts(tmp_path, info).values():
        assert np.array_equal(x[:, 0].astype(int) % 3, y)


def test_prepare_seed_decides_split(spec, npz, tmp_path):
    path = npz(**numbered())
    first = prepare(spec(path), tmp_path / "a", 0)
    again = prepare(spec(path), tmp_path / "b", 0)
    other = prepare(spec(path), tmp_path / "a", 1)
    assert first == again
    assert first.fingerprint != other.fingerprint
    one, two, three = (
        parts(tmp_path / c, i)["test"][0] for c, i in zip("aba", (first, again, other), strict=True)
    )
    assert np.array_equal(one, two)
    assert set(one.ravel()) != set(three.ravel())


@pytest.mark.parametrize("seed", [-1, 2**40])
def test_prepare_any_seed_works(spec, tmp_path, seed):
    assert prepare(spec("iris"), tmp_path, seed).seed == seed


def test_prepare_own_test_part_is_kept(spec, npz, tmp_path):
    own = {"x_test": np.arange(100.0, 109)[:, None], "y_test": np.arange(9) % 3}
    info = prepare(spec(npz(**numbered(), **own)), tmp_path, 0)
    got = parts(tmp_path, info)
    assert np.array_equal(got["test"][0], own["x_test"])
    assert np.array_equal(got["test"][1], own["y_test"])
    assert len(got["validation"][0]) == 12
    assert rows(got["train"]) | rows(got["validation"]) == set(range(60))


def test_prepare_own_validation_part_is_kept(spec, npz, tmp_path):
    own = {"x_val": np.arange(100.0, 109)[:, None], "y_val": np.arange(9) % 3}
    got = parts(tmp_path, prepare(spec(npz(**numbered(), **own)), tmp_path, 0))
    assert np.array_equal(got["validation"][0], own["x_val"])
    assert len(got["test"][0]) == 12


def test_prepare_all_own_parts_are_kept(spec, npz, tmp_path):
    own = {f"x_{p}": np.arange(2.0)[:, None] for p in ("train", "val", "test")}
    own |= {f"y_{p}": np.arange(2) for p in ("train", "val", "test")}
    info = prepare(spec(npz(**own)), tmp_path, 0)
    assert dict(info.sizes) == {"train": 2, "validation": 2, "test": 2}


@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5])
def test_prepare_rare_class_is_in_every_part(spec, npz, tmp_path, fraction):
    path = npz(x=np.arange(303.0)[:, None], y=np.repeat([0, 1, 2], [200, 100, 3]))
    info = prepare(spec(path, validation=fraction, test=fraction), tmp_path, 0)
    assert min(min(counts) for counts in info.class_counts.values()) >= 1
    assert sum(info.sizes.values()) == 303


@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5])
def test_prepare_three_of_each_class_is_enough(spec, npz, tmp_path, fraction):
    path = npz(**numbered(30, 10))
    info = prepare(spec(path, validation=fraction, test=fraction), tmp_path, 0)
    assert all(counts == (1,) * 10 for counts in info.class_counts.values())


def test_prepare_too_few_of_a_class_is_refused(spec, npz, tmp_path):
    path = npz(x=np.zeros((22, 1)), y=np.repeat([0, 1], [20, 2]))
    with pytest.raises(DataError, match=r"at least 3 examples.*'1' has 2;"):
        prepare(spec(path), tmp_path, 0)


def test_prepare_measurements_as_labels_hint_at_regression(spec, npz, tmp_path):
    path = npz(x=np.zeros((20, 1)), y=np.arange(20) * 7)
    with pytest.raises(DataError, match=r"15 classes more.*regression"):
        prepare(spec(path), tmp_path, 0)


@pytest.mark.parametrize("fraction", [0.0, -0.1, 0.51, 1, float("nan")])
@pytest.mark.parametrize("name", ["validation", "test"])
def test_prepare_fraction_out_of_range_is_refused(spec, tmp_path, name, fraction):
    with pytest.raises(DataError, match=rf"data\.{name} must be .* got {fraction}"):
        prepare(spec("iris", **{name: fraction}), tmp_path, 0)


def test_prepare_twice_writes_once(spec, tmp_path):
    info = prepare(spec("iris"), tmp_path, 0)
    folder = data_folder(tmp_path, info.fingerprint)
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert prepare(spec("iris"), tmp_path, 0) == info
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before
    assert len(before) == 7
    assert [p.name for p in tmp_path.iterdir()] == [folder.name]


TABLE = "n,colour,size,new,label\n" + "".join(
    f"{i},{('red', 'blue', '', 'green')[i % 4]},{i / 8 if i % 5 else '?'},"
    f"{('true', 'false')[i % 3 == 0]},{('no', 'yes')[i % 2]}\n"
    for i in range(60)
)
TEXTS = "text\tlabel\n" + "".join(
    f"{'good film' if i % 2 else 'bad, long film'} {i % 7}\t{i % 2}\n" for i in range(60)
)


@pytest.mark.parametrize(
    ("name", "content", "settings", "read", "fingerprint"),
    [
        ("digits", "", {}, (), "4ba0436be0ee78e5394989accd7343ae32f8e119e65b7de553c784259b880e60"),
        ("t.csv", TABLE, {}, (), "919f53f055bd1c9acc877769944eec82dc245eb72575e05c6aed27aa7e2b8771"),
        ("t.csv", TABLE, {"target": "n"}, ("regression",),
         "7274a20ea0ff3f4748330b32edafc26fda0e0da93964f67b077d67c58f2b4dea"),
        ("x.tsv", TEXTS, {}, ("classification", "text"),
         "da59b322a1bd720041ac4a6f28ef18f07c0d69ce27a693aefc9c70b9c8da16cf"),
    ],
)  # fmt: skip
def test_fingerprint_stays_that_of_old_studies(
    spec, tmp_path, name, content, settings, read, fingerprint
):
    if content:
        (tmp_path / name).write_text(content)
        name = str(tmp_path / name)
    assert prepare(spec(name, **settings), tmp_path / "c", 0, *read).fingerprint == fingerprint


def test_fingerprint_follows_content_not_path(spec, npz, tmp_path):
    table = numbered()
    first = prepare(spec(npz("a.npz", **table)), tmp_path, 0)
    moved = prepare(spec(npz("b.npz", **table)), tmp_path, 0)
    assert first.fingerprint == moved.fingerprint
    assert moved.source.endswith("b.npz")
    changed = table["x"].copy()
    changed[59, 0] += 1
    others = [
        npz("c.npz", x=changed, y=table["y"]),
        npz("d.npz", x=table["x"], y=table["y"][::-1]),
        npz("e.npz", **table, class_names=["a", "b", "c"]),
        npz("f.npz", x=table["x"].reshape(60, 1, 1, 1), y=table["y"]),
    ]
    prints = {prepare(spec(path), tmp_path, 0).fingerprint for path in others}
    prints.add(prepare(spec(others[0], validation=0.3), tmp_path, 0).fingerprint)
    prints.add(prepare(spec(others[0], test=0.3), tmp_path, 0).fingerprint)
    assert len(prints | {first.fingerprint}) == 7
    assert len(first.fingerprint) == 64


def test_fingerprint_does_not_depend_on_pieces(spec, npz, tmp_path, monkeypatch):
    path = npz(**numbered())
    whole = prepare(spec(path), tmp_path / "a", 0)
    monkeypatch.setattr("autotrain.data.arrays._CHUNK_BYTES", 40)
    pieces = prepare(spec(path), tmp_path / "b", 0)
    assert whole == pieces
    for part, (x, y) in parts(tmp_path / "a", whole).items():
        assert np.array_equal(x, parts(tmp_path / "b", pieces)[part][0])
        assert np.array_equal(y, parts(tmp_path / "b", pieces)[part][1])


def test_open_arrays_are_read_only_maps_without_test(spec, tmp_path):
    info = prepare(spec("iris"), tmp_path, 0)
    arrays = open_arrays(data_folder(tmp_path, info.fingerprint))
    assert set(vars(arrays)) == {"x_train", "y_train", "x_validation", "y_validation"}
    for array in vars(arrays).values():
        assert isinstance(array, np.memmap)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_open_missing_folder_is_data_error(tmp_path):
    for opener in (open_arrays, open_test):
        with pytest.raises(DataError, match="missing or damaged"):
            opener(tmp_path / "nothing")


@pytest.mark.parametrize("damage", ["no_info", "half_info", "no_array", "short_array", "alien"])
def test_prepare_damaged_folder_is_made_anew(spec, tmp_path, damage):
    info = prepare(spec("iris"), tmp_path, 0)
    folder = data_folder(tmp_path, info.fingerprint)
    x_train = folder / "x_train.npy"
    good = x_train.read_bytes()
    text = (folder / "info.json").read_text()
    if damage == "no_info":
        (folder / "info.json").unlink()
    elif damage == "half_info":
        (folder / "info.json").write_text(text[:50])
    elif damage == "no_array":
        x_train.unlink()
    elif damage == "short_array":
        x_train.write_bytes(good[:-100])
    else:
        (folder / "info.json").write_text(json.dumps(["alien"]))
    assert prepare(spec("iris"), tmp_path, 0) == info
    assert x_train.read_bytes() == good
    assert sorted(p.name for p in folder.iterdir())[0] == "info.json"
    assert len(list(folder.iterdir())) == 7
    assert len(list(tmp_path.iterdir())) == 1


def test_prepare_killed_while_writing_leaves_no_folder(spec, tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "_save", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare(spec("iris"), tmp_path, 0)
    assert list(tmp_path.iterdir()) == []
    prepare(spec("iris"), tmp_path, 0)


def test_prepare_sweeps_abandoned_folders_only(spec, tmp_path):
    old, young = tmp_path / ".writing-old", tmp_path / ".writing-young"
    old.mkdir()
    young.mkdir()
    os.utime(old, (time.time() - 1e6,) * 2)
    prepare(spec("iris"), tmp_path, 0)
    assert not old.exists()
    assert young.exists()


def test_prepare_at_the_same_time_gives_one_folder(spec, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        infos = list(pool.map(lambda _: prepare(spec("digits"), tmp_path, 0), range(4)))
    assert len({i.fingerprint for i in infos}) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_prepare_cache_that_is_a_file_is_data_error(spec, tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(DataError, match=r"cache.*cannot be written"):
        prepare(spec("iris"), tmp_path / "cache", 0)


def test_prepare_full_disk_is_data_error_and_leaves_nothing(spec, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"cannot be written \(No space left on device\)") as caught:
        prepare(spec("iris"), tmp_path, 0)
    assert str(tmp_path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_info_survives_json(spec, tmp_path):
    info = prepare(spec("iris"), tmp_path, 0)
    text = json.dumps(info.to_dict())
    assert DataInfo.from_dict(json.loads(text)) == info
    assert DataInfo.from_dict({**info.to_dict(), "later": 1}) == info
    assert replace(info, seed=1) != info


def test_info_of_before_is_read_by_its_old_keys(spec, tmp_path):
    info = prepare(spec("iris"), tmp_path, 0)
    file = data_folder(tmp_path, info.fingerprint) / "info.json"
    text = file.read_text().replace('"task":', '"goal":').replace('"modality":', '"kind":')
    assert '"goal": "classification"' in text
    assert DataInfo.from_dict(json.loads(text)) == info
    file.write_text(text)
    assert prepare(spec("iris"), tmp_path, 0) == info
    assert file.read_text() == text  # it was found, not made anew


def test_prepare_cache_copied_elsewhere_still_opens(spec, tmp_path):
    info = prepare(spec("iris"), tmp_path / "a", 0)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert len(parts(tmp_path / "b", info)["train"][0]) == info.sizes["train"]


def test_prepare_real_cifar_subset(spec, shared_data, tmp_path):
    info = prepare(spec(shared_data / "cifar10_6k.npz"), tmp_path, 0)
    assert dict(info.sizes) == {"train": 4000, "validation": 1000, "test": 1000}
    assert set(info.class_counts["validation"]) == {100}
    assert parts(tmp_path, info)["train"][0].dtype == np.uint8
