"""Image files: sizes, colours, bits, damage, and files that show the same."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autotrain.data.inspection.records import Finding, counted

_THREADS = 4  # Pillow releases the lock while it decodes
_MOST_FILES = 20_000  # that are decoded
_SHOWN = 5
_BITS = {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}
_NAMES = {1: "gray", 2: "gray and alpha", 3: "colours", 4: "colours and alpha"}


class Image(NamedTuple):
    """One file that can be read.

    Attributes:
        size: width and height; bits: of a pixel, as the file keeps it; used: as its values need.
        key: of what it shows.
    """

    path: Path
    size: tuple[int, int]
    channels: int
    bits: int
    used: int
    key: bytes


class Files(NamedTuple):
    """The images of a folder, and what is wrong with those that cannot be read."""

    images: list[Image]
    damaged: dict[Path, str]


def look_at(files: Sequence[Path], notes: list[str]) -> Files:
    """Decode every file, or evenly spaced ones where there are very many."""
    if len(files) > _MOST_FILES:
        notes.append(
            f"images: {_MOST_FILES:,} of {len(files):,} files, evenly spaced, were decoded"
        )
        files = [files[i] for i in np.linspace(0, len(files) - 1, _MOST_FILES).astype(int)]
    with warnings.catch_warnings(), ThreadPoolExecutor(_THREADS) as pool:
        warnings.simplefilter("ignore")  # Pillow warns of what is an error here
        found = list(pool.map(_guarded, files))
    return Files(
        [image for image in found if isinstance(image, Image)],
        {path: why for path, why in zip(files, found, strict=True) if isinstance(why, str)},
    )


def image_measures(files: Files) -> dict[str, str]:
    """In words, by name."""
    images = files.images
    return {
        "files": f"{len(images) + len(files.damaged):,}, of which {len(files.damaged):,} cannot be read",
        "sizes": _most(Counter(f"{w}x{h}" for w, h in (image.size for image in images))),
        "channels": _most(Counter(_NAMES.get(i.channels, str(i.channels)) for i in images)),
        "bits": _most(Counter(f"{image.bits} bits" for image in images)),
        "formats": _most(Counter(image.path.suffix.lower() for image in images)),
    }


def image_findings(files: Files, root: Path) -> Iterator[Finding]:
    """Damage, mixtures, and files that show the same."""
    if files.damaged:
        shown = "; ".join(
            f"{path.relative_to(root)} ({why})"
            for path, why in list(files.damaged.items())[:_SHOWN]
        )
        count = len(files.damaged)
        yield Finding("alarm", "damaged", f"{counted(count, 'file')} cannot be read: {shown}")
    if len({image.size for image in files.images}) > 1:
        yield Finding(
            "note", "sizes", "images are of different sizes: a search brings them to one square"
        )
    deep = [image.used for image in files.images if image.bits > 8]
    if deep:
        text = f"{counted(len(deep), 'image')} of more than 8 bits, of which {max(deep)} are used"
        yield Finding("note", "deep images", text)
    yield from _same(files.images, root)


def _same(images: Sequence[Image], root: Path) -> Iterator[Finding]:
    groups = defaultdict(list)
    for image in images:
        groups[image.key].append(image.path.relative_to(root))
    several = [paths for paths in groups.values() if len(paths) > 1]
    if several:
        shown = "; ".join(" = ".join(map(str, paths[:3])) for paths in several[:_SHOWN])
        count = sum(len(paths) - 1 for paths in several)
        text = f"{counted(count, 'image')} show the same as another: {shown}"
        yield Finding("warning", "duplicates", text)
    labels = [paths for paths in several if len({path.parent.name for path in paths}) > 1]
    if labels:
        shown = "; ".join(" = ".join(map(str, paths[:3])) for paths in labels[:_SHOWN])
        text = f"{counted(len(labels), 'image')} in two classes: {shown}"
        yield Finding("warning", "contradictions", text)


def _guarded(path: Path) -> Image | str:
    try:
        return _look(path)
    except Exception as error:  # Pillow's readers raise nearly anything on damaged files
        text = str(error) or type(error).__name__
        return text.replace(f" {str(path)!r}", "").replace("\n", " ")


def _look(path: Path) -> Image:
    from PIL import Image as pillow

    with pillow.open(path) as image:
        limit = pillow.MAX_IMAGE_PIXELS
        if limit is not None and image.width * image.height > limit:
            size = f"{image.width}x{image.height}"
            raise ValueError(f"{size} pixels, above the safe limit of {limit:,}")
        image.load()
        shown = image.convert("RGB") if image.mode == "P" else image
        bits, pixels = _BITS.get(image.mode, 8), np.asarray(shown)
        most = float(pixels.max()) if bits > 8 else 0.0
        used = int(np.ceil(np.log2(most + 1))) if np.isfinite(most) and most > 0 else bits
        digest = blake2b(f"{shown.mode}{shown.size}".encode(), digest_size=16)
        digest.update(pixels.tobytes())
        return Image(path, image.size, len(shown.getbands()), bits, used, digest.digest())


def _most(counts: Counter[str]) -> str:
    """The most frequent in words."""
    if len(counts) == 1:
        return next(iter(counts))
    shown = ", ".join(f"{name} ({count:,})" for name, count in counts.most_common(_SHOWN))
    return shown + (f", {len(counts) - _SHOWN:,} others" if len(counts) > _SHOWN else "")


def array_measures(x: np.ndarray) -> dict[str, str]:
    """Of images that are arrays [n, h, w, c]."""
    height, width, channels = x.shape[1:]
    low, high = (float(of(x)) for of in (np.min, np.max))
    return {
        "sizes": f"{width}x{height}",
        "channels": _NAMES.get(channels, str(channels)),
        "values": f"{x.dtype}, {low:g} to {high:g}",
    }


def image_properties(files: Files) -> dict[str, tuple[bool, np.ndarray]]:
    """What a file says of its image that should not tell its class: categories or not, [n] each."""
    formats = sorted({image.path.suffix.lower() for image in files.images})
    places = [formats.index(image.path.suffix.lower()) for image in files.images]
    sizes = np.array([image.size for image in files.images], float)
    return {
        "width of the image": (False, sizes[:, 0]),
        "height of the image": (False, sizes[:, 1]),
        "channels of the image": (True, np.array([image.channels for image in files.images])),
        "format of the image": (True, np.array(places)),
    }
