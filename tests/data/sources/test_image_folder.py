from __future__ import annotations

import struct
import unicodedata
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autotrain.data import SPLITS, load_source
from autotrain.errors import DataError


def image(path: Path, size=(10, 10), mode="RGB", colour=None, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour or 0).save(path, **options)
    return path


def classes(root: Path, names=("cat", "dog"), count=3, **options) -> Path:
    for name in names:
        for i in range(count):
            image(root / name / f"{i}.png", **options)
    return root


def test_folder_classes_are_sorted_folder_names(spec, tmp_path):
    image(tmp_path / "dog" / "a.png", colour=(1, 2, 3))
    image(tmp_path / "cat" / "b.JPG")
    image(tmp_path / "cat" / "deep" / "er" / "c.jpeg")
    source = load_source(spec(tmp_path))
    assert source.class_names == ("cat", "dog")
    assert source.y["train"].tolist() == [0, 0, 1]
    assert source.x["train"].shape == (3, 10, 10, 3)
    assert source.x["train"].dtype == np.uint8
    assert source.x["train"][2, 0, 0].tolist() == [1, 2, 3]


def test_folder_hidden_and_other_files_are_left_out(spec, tmp_path):
    classes(tmp_path)
    (tmp_path / "cat" / "Thumbs.db").write_text("x")
    (tmp_path / "cat" / "._0.png").write_text("x")
    (tmp_path / "readme.txt").write_text("x")
    image(tmp_path / ".cache" / "a.png")
    (tmp_path / "__MACOSX" / "cat").mkdir(parents=True)
    assert len(load_source(spec(tmp_path)).x["train"]) == 6


def test_folder_unicode_names_are_composed(spec, tmp_path):
    classes(tmp_path, (unicodedata.normalize("NFD", "über"), "猫"))
    assert load_source(spec(tmp_path)).class_names == ("über", "猫")


def test_folder_keeps_common_size_that_is_not_square(spec, tmp_path):
    classes(tmp_path, size=(20, 10))
    assert load_source(spec(tmp_path)).x["train"].shape == (6, 10, 20, 3)


def test_folder_of_different_sizes_takes_median_of_short_sides(spec, tmp_path):
    for i, size in enumerate([(20, 30), (50, 24), (90, 40), (24, 24)]):
        image(tmp_path / "ab"[i % 2] / f"{i}.png", size)
    assert load_source(spec(tmp_path)).x["train"].shape == (4, 24, 24, 3)


def test_folder_of_large_different_sizes_is_capped(spec, tmp_path):
    for i in range(4):
        image(tmp_path / "ab"[i % 2] / f"{i}.jpg", (700 + i, 600))
    assert load_source(spec(tmp_path)).x["train"].shape == (4, 128, 128, 3)


def test_folder_image_size_wins(spec, tmp_path):
    classes(tmp_path, size=(20, 10))
    assert load_source(spec(tmp_path, image_size=16)).x["train"].shape == (6, 16, 16, 3)


def test_folder_aspect_is_kept_by_centre_crop(spec, tmp_path):
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "0.png")
    source = load_source(spec(tmp_path, image_size=10))
    assert source.x["train"].min() == 255


def test_folder_all_gray_has_one_channel(spec, tmp_path):
    classes(tmp_path, mode="L", colour=7)
    image(tmp_path / "cat" / "bit.png", mode="1", colour=1)
    image(tmp_path / "cat" / "deep.png", mode="I;16", colour=200 * 256)
    source = load_source(spec(tmp_path))
    assert source.x["train"].shape == (8, 10, 10, 1)
    assert sorted(set(source.x["train"].ravel().tolist())) == [7, 200, 255]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK"])
def test_folder_one_coloured_image_makes_all_rgb(spec, tmp_path, mode):
    classes(tmp_path, mode="L")
    image(tmp_path / "cat" / f"x.{'jpg' if mode == 'CMYK' else 'png'}", mode=mode)
    assert load_source(spec(tmp_path)).x["train"].shape == (7, 10, 10, 3)


def test_folder_exif_orientation_is_applied(spec, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.zeros((10, 20, 3), np.uint8)
    pixels[:, :10] = 255
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "0.jpg", exif=exif, quality=95)
    source = load_source(spec(tmp_path))
    assert source.x["train"].shape == (2, 20, 10, 3)
    assert source.x["train"][0, :9].min() > 200
    assert source.x["train"][0, 11:].max() < 50


def test_folder_link_loops_end(spec, tmp_path):
    classes(tmp_path)
    (tmp_path / "cat" / "loop").symlink_to(tmp_path / "cat")
    (tmp_path / "cat" / "self").symlink_to(tmp_path / "cat" / "self")
    assert len(load_source(spec(tmp_path)).x["train"]) == 6


@pytest.mark.parametrize("val", ["val", "valid", "validation", "Validation"])
def test_folder_parts_are_kept(spec, tmp_path, val):
    classes(tmp_path / "train", count=4)
    classes(tmp_path / val, count=2)
    classes(tmp_path / "test", count=1)
    source = load_source(spec(tmp_path))
    assert [len(source.x[split]) for split in SPLITS] == [8, 4, 2]


def test_folder_class_called_train_is_a_class(spec, tmp_path):
    classes(tmp_path, ("train", "plane"))
    (tmp_path / "train" / "steam").mkdir()
    assert load_source(spec(tmp_path)).class_names == ("plane", "train")


def test_folder_real_images_load(spec, shared_data):
    source = load_source(spec(shared_data / "sign_digits"))
    assert source.x["train"].shape == (400, 100, 100, 3)
    assert np.bincount(source.y["train"]).tolist() == [40] * 10


def _no_images(root: Path) -> None:
    (root / "notes.txt").write_text("x")


def _no_class_folders(root: Path) -> None:
    image(root / "a.png")


def _empty_class(root: Path) -> None:
    (classes(root) / "bird").mkdir()


def _single_class(root: Path) -> None:
    classes(root, ("cat",))


def _other_classes(root: Path) -> None:
    classes(root / "train", ("cat", "dog"))
    classes(root / "test", ("cat", "bird"))


def _unlabelled_test(root: Path) -> None:
    classes(root / "train")
    image(root / "test" / "1.png")


def _misspelt_part(root: Path) -> None:
    classes(root / "train")
    classes(root / "tset")


def _no_train(root: Path) -> None:
    classes(root / "test")


def _two_validations(root: Path) -> None:
    for part in ("train", "val", "valid"):
        classes(root / part)


def _two_spellings(root: Path) -> None:
    classes(root, [unicodedata.normalize(form, "é") for form in ("NFC", "NFD")])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_no_images, "no images at all"),
        (_no_class_folders, "1 images without one"),
        (_empty_class, "bird: a class folder must hold images"),
        (_single_class, "at least two class folders, got only 'cat'"),
        (_other_classes, r"\['dog'\] only in train and \['bird'\] only in test"),
        (_unlabelled_test, "test: an image folder holds one sub-folder per class"),
        (_misspelt_part, "got 'tset'.*did you mean 'test'"),
        (_no_train, "no folder 'train'"),
        (_two_validations, "another folder for the same part"),
        (_two_spellings, "the same name in other bytes"),
    ],
)
def test_folder_bad_layout_is_refused(spec, tmp_path, make, message):
    make(tmp_path)
    with pytest.raises(DataError, match=message) as caught:
        load_source(spec(tmp_path))
    assert str(tmp_path) in str(caught.value)


def test_folder_damaged_images_are_counted_and_named(spec, tmp_path):
    classes(tmp_path, count=4)
    for i in range(5):
        (tmp_path / "cat" / f"text{i}.jpg").write_text("this is no image")
    (tmp_path / "dog" / "empty.png").touch()
    (tmp_path / "dog" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match="7 of 15 images cannot be read; replace or delete") as got:
        load_source(spec(tmp_path))
    assert str(got.value).count("\n  /") == 5
    assert str(got.value).endswith("and 2 more")


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_folder_truncated_image_is_named(spec, tmp_path, kind):
    classes(tmp_path)
    path = tmp_path / "cat" / f"cut.{kind}"
    noise = np.random.default_rng(0).integers(0, 255, (10, 10, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: -len(path.read_bytes()) // 3])
    with pytest.raises(DataError, match=rf"1 of 7 images.*\n.*cut\.{kind}"):
        load_source(spec(tmp_path))


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_folder_decompression_bomb_is_named(spec, tmp_path, side):
    classes(tmp_path)
    # Only the header says how large it is: the size in a PNG's first chunk is overwritten.
    path = image(tmp_path / "cat" / "bomb.png")
    raw = bytearray(path.read_bytes())
    raw[16:24] = struct.pack(">II", side, side)
    raw[29:33] = struct.pack(">I", zlib.crc32(raw[12:29]))
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"bomb\.png .*pixels"):
        load_source(spec(tmp_path))


def test_folder_too_large_for_memory_is_refused(spec, tmp_path, monkeypatch):
    import psutil

    classes(tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Free", (), {"available": 100}))
    with pytest.raises(DataError, match=r"6 images of 10x10 pixels need.*image_size"):
        load_source(spec(tmp_path))
