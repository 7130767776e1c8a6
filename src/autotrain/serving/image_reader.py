"""Reading images: which files are images, and their pixels as a model wants them.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs NumPy and Pillow, and nothing of autotrain.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if __package__:
    from autotrain.serving import table_reader as tables
    from autotrain.serving.input_file import Batch, InputError, Inputs, batches, read_lines
else:
    import table_reader as tables  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Batch,
        InputError,
        Inputs,
        batches,
        read_lines,
    )

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"),
    *(".tif", ".tiff", ".pgm", ".ppm"),
)
_ORIENTATION = 0x0112  # EXIF tag
_BITS, _SAMPLE_FORMAT = 258, 339  # TIFF tags
_TURNED = (5, 6, 7, 8)  # its values that swap width and height


class Header(NamedTuple):
    """What is known of an image before its pixels are.

    Attributes:
        size: width and height, as a person sees the image.
        gray: whether it has no colours.
        deep: whether its shades of gray have more than 8 bits, or are numbers with a fraction.
        cut: whether it has colours of 16 bits, of which only the upper 8 can be read.
    """

    size: tuple[int, int]
    gray: bool
    deep: bool = False
    cut: bool = False


def read(inputs: Inputs, path: Path) -> Iterator[Batch]:
    """Batches of images [n, h, w, c]: of one file, or of all in a folder.

    They are uint8, or float32 for a model of deep images; see `pixels_of`.

    Raises:
        InputError: the model reads no image files, or there is none.
    """
    pixels = inputs.get("pixels", "any")  # models of before do not say it
    if inputs["dtype"] != "uint8" and pixels != "deep":
        raise InputError(
            f"this model reads {inputs['dtype']} arrays of its own scale, not image files: give "
            ".npy or .npz"
        )
    named = _listed(inputs, path) if tables.is_table(path) and path.is_file() else None
    files = named or [(str(f), f) for f in (images_in(path) if path.is_dir() else [path])]
    if not files:
        raise InputError(f"{path} holds no images ({', '.join(SUFFIXES)})")
    height, width, channels = inputs["shape"]
    for batch in batches(files):
        x = np.zeros((len(batch), height, width, channels), inputs["dtype"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is an error here
            problems = [
                _fill(row, file, (width, height), pixels, inputs.get("aspect", "crop"))
                for row, (_, file) in zip(x, batch, strict=True)
            ]
        yield [name for name, _ in batch], x, problems


def _fill(row: np.ndarray, file: Path, size: tuple[int, int], pixels: str, aspect: str) -> str:
    """Put an image into its row [h, w, c]; what is wrong with it."""
    try:
        if pixels != "any" and header_of(file).deep is not (pixels == "deep"):
            seen, known = ("8", "more") if pixels == "deep" else ("more than 8", "8")
            return f"its pixels have {seen} bits, and the model was trained on images of {known}"
        row[:] = pixels_of(file, size, row.shape[-1], pixels == "deep", aspect)
    except Exception as error:  # Pillow's readers raise nearly anything on damaged files
        return f"cannot be read: {error}".replace("\n", " ")
    return ""


# Files.


def holds_paths(cells: Sequence[str | None]) -> bool:
    """Whether a column's cells, as far as they are there, name images."""
    known = [cell for cell in cells if cell]
    return bool(known) and all(cell.lower().endswith(SUFFIXES) for cell in known)


def _listed(inputs: Inputs, path: Path) -> list[tuple[str, Path]]:
    """The images that a table lists, by what is written there; paths begin where the table lies.

    The column has the name that it had in training; else it is the only one that names images.

    Raises:
        InputError: there is no such column, or there are several.
    """
    text = tables.Text(str(path), lambda: read_lines(path))
    rows = [row for _, row in tables.rows_of(text, tables.find_layout(text))]
    if not rows:
        raise InputError(f"{path}: the file is empty; a list of images needs rows")
    head = rows[0]
    headed = not any(holds_paths([cell]) for cell in head)
    rows = rows[1:] if headed else rows
    known = [column["name"] for column in inputs["columns"] if column["name"] in head]
    places = [head.index(name) for name in known if headed] or [
        i for i in range(len(head)) if holds_paths([row[i] for row in rows if i < len(row)])
    ]
    if len(places) != 1:
        raise InputError(f"{path}: one column must name the images, and {len(places)} do")
    cells = [row[places[0]] if places[0] < len(row) else "" for row in rows]
    return [(cell, path.parent / Path(cell).expanduser()) for cell in cells]


def is_hidden(name: str) -> bool:
    """Whether a file or a folder is none that a person put there."""
    return name.startswith(".") or name == "__MACOSX"


def images_in(folder: Path, seen: set[tuple[int, int]] | None = None) -> list[Path]:
    """All images below a folder in the order of their names; hidden ones are left out.

    Args:
        seen: folders that were listed already, for a link may lead back to one.
    """
    seen, status = seen if seen is not None else set(), folder.stat()
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    files: list[Path] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if is_hidden(entry.name):
                continue
            path = Path(entry.path)
            if _is_folder(entry):
                files += images_in(path, seen)
            # A broken link is kept, so that reading it reports it; a pipe would block for ever.
            elif path.suffix.lower() in SUFFIXES and (entry.is_file() or not path.exists()):
                files.append(path)
    return files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that points at itself
        return False


# Pixels.


def header_of(path: Path) -> Header:
    """Size and colours of an image, without decoding it."""
    with _opened(path) as image:
        width, height = image.size
        # Asking a PNG that has no EXIF at its start would decode all of it.
        has_exif = image.format != "PNG" or "exif" in image.info
        if has_exif and image.getexif().get(_ORIENTATION) in _TURNED:
            width, height = height, width
        deep = _is_deep(image)
        cut = not deep and any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
        return Header((width, height), deep or image.mode in ("1", "L", "LA", "La"), deep, cut)


def pixels_of(
    path: Path, size: tuple[int, int], channels: int, deep: bool = False, aspect: str = "crop"
) -> np.ndarray:
    """An image as [h, w, channels]: upright, and of this size.

    Args:
        size: width and height; channels: 1 for shades of gray, 3 for colours.
        deep: whether to keep all bits, as float32 of what is in the file; else it becomes uint8.
        aspect: see `fitted`.

    Raises:
        ValueError, OSError: it cannot be read, is too large, or has pixels that are no numbers.
    """
    from PIL import ImageOps

    with _opened(path) as image:
        if min(image.size) > 2 * max(size):
            # JPEG decodes straight to a half or a quarter, several times faster.
            image.draft(None, (2 * max(size), 2 * max(size)))
        image.load()
        upright, unsigned = ImageOps.exif_transpose(image), _is_unsigned(image)
    if deep:
        return fitted(_all_bits(upright, unsigned), size, aspect).reshape(size[1], size[0], 1)
    flat = _eight_bits(upright).convert("L" if channels == 1 else "RGB")
    return fitted(flat, size, aspect).reshape(size[1], size[0], channels)


def fitted(image: Image.Image, size: tuple[int, int], aspect: str = "crop") -> np.ndarray:
    """An image resized to width and height.

    Args:
        aspect: `crop` to the largest centred part of the wanted aspect, `pad` with black (0) at the
            sides, or `stretch`.
    """
    from PIL import Image, ImageOps

    if image.size == size:
        return np.asarray(image)
    smooth = Image.Resampling.BILINEAR
    if aspect == "stretch":
        return np.asarray(image.resize(size, smooth))
    if aspect == "pad":
        return np.asarray(ImageOps.pad(image, size, smooth))
    return np.asarray(ImageOps.fit(image, size, smooth))


def _opened(path: Path) -> Image.Image:
    from PIL import Image

    image = Image.open(path)
    width, height = image.size
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and width * height > limit:
        image.close()
        raise ValueError(f"{width}x{height} pixels, above the safe limit of {limit:,}")
    return image


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def _is_unsigned(image: Image.Image) -> bool:
    """Whether its 32 bits have no sign: Pillow reads the largest as negative."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(_BITS) == (32,) and tags.get(_SAMPLE_FORMAT, (1,)) == (1,)


def _all_bits(image: Image.Image, unsigned: bool) -> Image.Image:
    """Shades of gray as float32, in their own units."""
    from PIL import Image

    pixels = np.asarray(image)
    pixels = (pixels.view("uint32") if unsigned else pixels).astype("float32")
    if not np.isfinite(pixels).all():
        raise ValueError("some of its pixels are no finite numbers")
    return Image.fromarray(pixels)


def _eight_bits(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode == "F":
        raise ValueError("floating-point pixels are not supported, save it with 8 bits")
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would clip instead of scale
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if image.mode == "P" and "transparency" in image.info:
        return image.convert("RGBA")
    return image
