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
    source = load_source(spec(tmp_path))
    assert source.x["train"].shape == (7, 10, 10, 1)
    assert sorted(set(source.x["train"].ravel().tolist())) == [7, 255]


def deep(root: Path, kind: str, bits: int) -> tuple[Path, np.ndarray]:
    """Two classes whose mean pixels differ by a few in `bits` bits; [n, h, w] what was written."""
    rng, written = np.random.default_rng(0), []
    for label, name in enumerate(("ill", "well")):
        (root / name).mkdir()
        for i in range(4):
            pixels = 2 ** (bits - 2) + 3 * label + rng.integers(0, 3, (6, 5))
            written.append(pixels)
            path = root / name / f"{i}.{kind}"
            if kind == "pgm":
                path.write_bytes(b"P5\n5 6\n%d\n" % (2**bits - 1) + pixels.astype(">u2").tobytes())
                written[-1] = np.round(pixels / (2**bits - 1) * 65535)  # as Netpbm defines them
            else:
                kept = pixels.astype("float32" if bits == 32 else "uint16")
                Image.fromarray(kept).save(path)
    return root, np.array(written)


@pytest.mark.parametrize("kind", ["png", "tiff", "tif", "pgm"])
@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16])
def test_folder_deep_images_keep_all_bits(spec, tmp_path, kind, bits):
    root, written = deep(tmp_path, kind, bits)
    source = load_source(spec(root))
    assert (source.x["train"].dtype, source.pixels) == (np.float32, "deep")
    np.testing.assert_array_equal(source.x["train"][..., 0], written)
    means = source.x["train"].mean(axis=(1, 2, 3))
    assert means[:4].max() < means[4:].min()


def test_folder_float_tiff_is_read_as_it_is(spec, tmp_path):
    for name, value in (("a", -0.25), ("b", 1e-3)):
        (tmp_path / name).mkdir()
        Image.fromarray(np.full((4, 4), value, "float32")).save(tmp_path / name / "0.tiff")
    source = load_source(spec(tmp_path))
    assert np.unique(source.x["train"]).tolist() == pytest.approx([-0.25, 1e-3])


def test_folder_signed_and_large_shades_are_read_as_they_are(spec, tmp_path):
    for name, kind, value in (("a", "i2", -1024), ("b", "u4", 2**32 - 256)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.tif").write_bytes(tiff(np.full((2, 2), value, f"<{kind}")))
    source = load_source(spec(tmp_path))
    assert np.unique(source.x["train"]).tolist() == [-1024.0, 2**32 - 256.0]


def tiff(pixels: np.ndarray) -> bytes:
    """An uncompressed TIFF of whole numbers."""
    data, bits = pixels.tobytes(), pixels.itemsize * 8
    sample = 2 if pixels.dtype.kind == "i" else 1
    height, width = pixels.shape
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 273: 8, 277: 1, 278: height,
            279: len(data), 339: sample}  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    end = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + end


def test_folder_of_different_depth_is_refused(spec, tmp_path):
    classes(tmp_path, mode="L", colour=7)
    image(tmp_path / "cat" / "deep.png", mode="I;16", colour=200 * 256)
    match = r"6 with 8 bits a pixel .*0\.png.* 1 with more .*deep\.png"
    with pytest.raises(DataError, match=match):
        load_source(spec(tmp_path))


def test_folder_deep_pixels_that_are_no_numbers_are_named(spec, tmp_path):
    for name, value in (("a", np.nan), ("b", 1.0)):
        (tmp_path / name).mkdir()
        Image.fromarray(np.full((4, 4), value, "float32")).save(tmp_path / name / "0.tiff")
    with pytest.raises(DataError, match=r"1 of 2.*\n.*a/0\.tiff .*no finite numbers"):
        load_source(spec(tmp_path))


def test_folder_colours_of_16_bits_are_said_to_be_cut(spec, tmp_path):
    classes(tmp_path)
    rows = b"".join(b"\0" + b"\x12\x34" * 30 for _ in range(10))
    header = struct.pack(">IIBBBBB", 10, 10, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    (tmp_path / "cat" / "16.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )
    )
    (note,) = load_source(spec(tmp_path)).notes
    assert note == "1 images have colours of 16 bits, of which only the upper 8 are read"


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


@pytest.mark.parametrize(
    ("train", "test"),
    [("Training", "Testing"), ("TRAIN", "TEST"), ("train_images", "Test-Set"), ("trn", "tst")],
)
def test_folder_parts_have_their_usual_words(spec, tmp_path, train, test):
    classes(tmp_path / train, count=4)
    classes(tmp_path / test, count=1)
    source = load_source(spec(tmp_path))
    assert source.class_names == ("cat", "dog")
    assert [len(x) for x in (source.x["train"], source.x["test"])] == [8, 2]


def test_folder_of_unclear_meaning_is_decided_by_an_option(spec, tmp_path):
    classes(tmp_path, ("OK", "NG", "test"))
    with pytest.raises(DataError, match=r"'test'.*data.ignore=test .*data\.folders=classes"):
        load_source(spec(tmp_path))
    assert load_source(spec(tmp_path, folders="classes")).class_names == ("NG", "OK", "test")
    assert load_source(spec(tmp_path, ignore="test")).class_names == ("NG", "OK")
    with pytest.raises(DataError, match="no other folder, got 'NG'"):
        load_source(spec(tmp_path, folders="parts"))
    with pytest.raises(DataError, match=r"must name a folder in it, got 'tset' .*'test'"):
        load_source(spec(tmp_path, ignore=("NG", "tset")))


def test_folder_of_like_folders_without_usual_words_is_unclear(spec, tmp_path):
    for name in ("first", "second"):
        classes(tmp_path / name)
    with pytest.raises(DataError, match=r"unclear whether first, second .*data.folders=classes"):
        load_source(spec(tmp_path))
    assert load_source(spec(tmp_path, folders="classes")).class_names == ("first", "second")


def test_folder_classes_may_have_folders_of_their_own(spec, tmp_path):
    for name in ("first", "second"):
        classes(tmp_path / name, ("images",))
    assert load_source(spec(tmp_path)).class_names == ("first", "second")
    classes(tmp_path / "first", ("more",))
    assert load_source(spec(tmp_path)).class_names == ("first", "second")


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
    assert str(got.value).count("\n  /") == 7
    assert "data.skip_damaged=true" in str(got.value)


def test_folder_damage_of_headers_and_of_pixels_is_named_at_once(spec, tmp_path):
    damage(classes(tmp_path))
    with pytest.raises(DataError, match="3 of 9 images") as got:
        load_source(spec(tmp_path))
    assert all(name in str(got.value) for name in ("text.png", "cut.png", "empty.png"))


def damage(root: Path) -> None:
    (root / "cat" / "text.png").write_text("this is no image")
    (root / "dog" / "empty.png").touch()
    path = root / "cat" / "cut.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (10, 10, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:200])


def test_folder_damaged_images_are_left_out_on_request(spec, tmp_path):
    classes(tmp_path / "train", count=2)
    classes(tmp_path / "test", count=1, colour=(9, 9, 9))
    damage(tmp_path / "train")
    source = load_source(spec(tmp_path, skip_damaged=True))
    assert source.x["train"].shape == (4, 10, 10, 3)
    assert source.y["train"].tolist() == [0, 0, 1, 1]
    assert source.x["test"].min() == 9
    (note,) = source.notes
    assert note.startswith("left out: 3 damaged images: ")


def test_folder_class_of_damaged_images_alone_is_refused(spec, tmp_path):
    classes(tmp_path)
    (tmp_path / "bird").mkdir()
    (tmp_path / "bird" / "0.png").touch()
    with pytest.raises(DataError, match="no image of the class 'bird' in train can be read"):
        load_source(spec(tmp_path, skip_damaged=True))
    for path in tmp_path.rglob("*.png"):
        path.write_text("x")
    with pytest.raises(DataError, match="7 of 7 images cannot be read"):
        load_source(spec(tmp_path, skip_damaged=True))


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
