"""Images: those that a person put there, decoded as in training."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from autotrain.serving.image_reader import read
from autotrain.serving.input_file import InputError
from autotrain.space import DataSpec

IMAGES = {
    "modality": "image",
    "shape": [6, 8, 3],
    "dtype": "uint8",
    "columns": [],
    "strings": False,
}


def all_of(inputs, path):
    names, problems, batches = [], [], []
    for some, batch, wrong in read(inputs, path):
        names += some
        problems += wrong
        batches.append(batch)
    return names, batches, problems


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
    np.testing.assert_array_equal(
        batches[0], decode_images(tmp_path, files, DataSpec(image_size=16)).images
    )


def test_what_cannot_be_is_said(tmp_path):
    with pytest.raises(InputError, match="holds no images"):
        all_of(IMAGES, tmp_path)
    with pytest.raises(InputError, match="not image files"):
        all_of({**IMAGES, "dtype": "float32"}, tmp_path)


def test_images_are_those_that_training_sees(tmp_path):
    from autotrain.data.sources.image_folder import load_folder

    for label in ("a", "b"):
        for name in ("1.png", "2.pgm", "3.ppm", "._1.png", ".2.png", "__MACOSX/4.png", "x/5.JPG"):
            path = tmp_path / label / name
            path.parent.mkdir(parents=True, exist_ok=True)
            image = Image.new("L" if name.endswith("pgm") else "RGB", (8, 6), len(name))
            image.save(path, "JPEG" if name.endswith("JPG") else None)
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    names, batches, problems = all_of(IMAGES, tmp_path)
    assert [name.removeprefix(f"{tmp_path}/") for name in names] == [
        f"{label}/{name}" for label in "ab" for name in ("1.png", "2.pgm", "3.ppm", "x/5.JPG")
    ]
    assert not any(problems)
    np.testing.assert_array_equal(batches[0], load_folder(tmp_path).x["train"])


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_images_are_turned_and_scaled_as_in_training(tmp_path, orientation):
    from autotrain.data.decode import decode_images

    rng = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(rng.integers(0, 255, (30, 20, 3), "uint8")).save(tmp_path / "a.jpg", exif=exif)
    _, batches, _ = all_of({**IMAGES, "shape": [12, 12, 3]}, tmp_path)
    np.testing.assert_array_equal(
        batches[0],
        decode_images(tmp_path, sorted(tmp_path.iterdir()), DataSpec(image_size=12)).images,
    )


@pytest.mark.parametrize("bits", [10, 12, 14, 16, 32])
def test_deep_images_are_read_as_in_training(tmp_path, bits):
    from autotrain.data.decode import decode_images

    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.random.default_rng(0).integers(0, 2 ** min(bits, 16), (30, 20)).astype("uint16")
    image = Image.fromarray(pixels if bits < 32 else pixels.astype("float32") / 7)
    image.save(tmp_path / "a.tiff", exif=exif)
    image.crop((0, 0, 9, 15)).save(tmp_path / "b.tiff")
    inputs = {**IMAGES, "shape": [12, 12, 1], "dtype": "float32", "pixels": "deep"}
    _, batches, problems = all_of(inputs, tmp_path)
    assert not any(problems)
    trained = decode_images(tmp_path, sorted(tmp_path.iterdir()), DataSpec(image_size=12))
    assert trained.deep
    np.testing.assert_array_equal(batches[0], trained.images)
    assert batches[0].max() > 255


@pytest.mark.parametrize(
    ("aspect", "corner", "left"), [("crop", 240, 240), ("pad", 0, 80), ("stretch", 80, 80)]
)
@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_aspect_is_cropped_padded_or_stretched_as_in_training(tmp_path, aspect, corner, left, kind):
    from autotrain.data.sources.image_folder import load_folder

    pixels = np.full((10, 30), 80, kind)
    pixels[:, 10:20] = 255
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "0.png")
    source = load_folder(tmp_path, DataSpec(image_size=12, aspect=aspect))
    found = source.x["train"][0, ..., 0]
    assert (int(found[0, 0]), int(found[6, 0])) == (corner, left)
    deep = kind == "uint16"
    inputs = {**IMAGES, "shape": [12, 12, 1], "dtype": "float32" if deep else "uint8",
              "pixels": "deep" if deep else "bytes", "aspect": aspect}  # fmt: skip
    _, batches, problems = all_of(inputs, tmp_path)
    assert not any(problems)
    np.testing.assert_array_equal(batches[0], source.x["train"])


def test_pixels_of_another_depth_are_a_problem_and_no_guess(tmp_path):
    Image.fromarray(np.full((6, 8), 3000, "uint16")).save(tmp_path / "deep.png")
    Image.fromarray(np.full((6, 8), 30, "uint8")).save(tmp_path / "plain.png")
    bytes_only = {**IMAGES, "shape": [6, 8, 1], "pixels": "bytes"}
    _, _, problems = all_of(bytes_only, tmp_path)
    assert problems == [
        "its pixels have more than 8 bits, and the model was trained on images of 8", ""
    ]  # fmt: skip
    _, batches, problems = all_of({**bytes_only, "dtype": "float32", "pixels": "deep"}, tmp_path)
    assert problems == [
        "", "its pixels have 8 bits, and the model was trained on images of more"
    ]  # fmt: skip
    assert batches[0][0].min() == batches[0][0].max() == 3000


def test_a_model_of_before_goes_on_taking_the_upper_bits(tmp_path):
    Image.fromarray(np.full((6, 8), 0x1234, "uint16")).save(tmp_path / "deep.png")
    _, batches, problems = all_of({**IMAGES, "shape": [6, 8, 1]}, tmp_path)
    assert (problems, batches[0].max()) == ([""], 0x12)


def test_what_training_refuses_is_a_problem(tmp_path, monkeypatch):
    Image.new("F", (8, 6)).save(tmp_path / "f.tiff")
    Image.new("RGB", (80, 60)).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3000)
    _, _, problems = all_of(IMAGES, tmp_path)
    assert "floating-point pixels" in problems[0]
    assert "80x60 pixels, above the safe limit" in problems[1]
