"""Decoding image files into one array: size, colours, orientation."""

from __future__ import annotations

import statistics
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data.dataset import Dataset
from autotrain.errors import DataError
from autotrain.serving.image_reader import Header, fitted, header_of, pixels_of
from autotrain.space import DataSpec

_LARGEST_DEFAULT_SIDE = 128
_MOST_NAMED, _MOST_NOTED = 1000, 5  # files in an error, and in a note
_THREADS = 8  # PIL releases the lock while it decodes, and reading waits for the disk


@dataclass(frozen=True)
class Decoded:
    """Images of files.

    Attributes:
        images: [kept, h, w, c] uint8, or float32 where they are deep.
        kept: [files] bool, which of the files they are.
        deep: whether their shades of gray have more than 8 bits.
        notes: what a user should know, a sentence each.
    """

    images: np.ndarray
    kept: np.ndarray
    deep: bool
    notes: tuple[str, ...]


def decode_images(root: Path, files: Sequence[Path], spec: DataSpec) -> Decoded:
    """Decode files in their order.

    Grayscale (`c` = 1) where every image is, RGB otherwise; EXIF orientation is applied; of an
    animation the first frame counts. Shades of gray with more than 8 bits stay as they are in the
    file, all of them on one scale, which a model learns from the training part.

    Args:
        root: the folder, for messages.
        files: image files.
        spec: `image_size`, side of the square in pixels, or None for `target_size`'s choice; `aspect`;
            and `skip_damaged`, whether to leave out files that cannot be read.

    Raises:
        DataError: files that cannot be read, which are all named; of different depth; or too much
            for the memory.
    """
    skip_damaged = spec.skip_damaged
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PIL warns of what is an error here, and of harmless tags
        headers = _each(files, files, header_of)
        known = {i: head for i, head in enumerate(headers) if isinstance(head, Header)}
        if not known:
            raise _damaged(root, headers, skip_damaged)
        deep = _depth(root, {files[i]: head.deep for i, head in known.items()})
        width, height = target_size([head.size for head in known.values()], spec.image_size)
        channels = 1 if all(head.gray for head in known.values()) else 3
        shape = (len(known), height, width, channels)
        images = _empty(root, shape, np.float32 if deep else np.uint8)

        def fill(item: tuple[int, int]) -> None:
            row, place = item
            images[row] = pixels_of(files[place], (width, height), channels, deep, spec.aspect)

        rows = list(enumerate(known))
        filled = _each(rows, [files[place] for place in known], fill)
    results = [known.get(i, headers[i]) for i in range(len(files))]
    for (_, place), result in zip(rows, filled, strict=True):
        results[place] = result
    kept = np.array([not isinstance(result, _Failure) for result in results])
    if not kept.all() and not (skip_damaged and kept.any()):
        raise _damaged(root, results, skip_damaged)
    notes = (*_left_out(results), *_cut(sum(head.cut for head in known.values())))
    return Decoded(images if kept.all() else images[kept[list(known)]], kept, deep, notes)


def _depth(root: Path, deep: Mapping[Path, bool]) -> bool:
    """Whether all images are deep; a pixel's value means another thing in images of 8 bits."""
    counts = Counter(deep.values())
    if len(counts) == 2:
        first = {kind: next(path for path, own in deep.items() if own is kind) for kind in counts}
        raise DataError(
            f"{root}: all images must have one depth, got {counts[False]:,} with 8 bits a pixel (such "
            f"as {first[False]}) and {counts[True]:,} with more (such as {first[True]}); save them "
            "alike, on one scale"
        )
    return counts[True] > 0


def _left_out(results: Sequence[Any]) -> list[str]:
    failures = [str(result) for result in results if isinstance(result, _Failure)]
    if not failures:
        return []
    images = "image" if len(failures) == 1 else "images"
    said = "; ".join(failures[:_MOST_NOTED])
    more = f" and {len(failures) - _MOST_NOTED:,} more" if len(failures) > _MOST_NOTED else ""
    return [f"left out: {len(failures):,} damaged {images}: {said}{more}"]


def _cut(count: int) -> list[str]:
    if not count:
        return []
    return [f"{count:,} images have colours of 16 bits, of which only the upper 8 are read"]


def target_size(sizes: Iterable[tuple[int, int]], image_size: int | None) -> tuple[int, int]:
    """Width and height for all images.

    `image_size` squared where given; the common size where there is one; otherwise a square with
    the median of the shorter sides, at most 128 pixels.
    """
    if image_size is not None:
        return image_size, image_size
    all_sizes = list(sizes)
    if len(set(all_sizes)) == 1:
        return all_sizes[0]
    side = min(int(statistics.median(min(size) for size in all_sizes)), _LARGEST_DEFAULT_SIDE)
    return side, side


def resize_arrays(where: str, dataset: Dataset, image_size: int) -> Dataset:
    """Bring images of a source to squares of `image_size` pixels: cropped around the centre.

    Raises:
        DataError: images that are not 8-bit gray or RGB.
    """
    from PIL import Image

    first = dataset.x["train"]
    height, width, channels = first.shape[1:]
    if (height, width) == (image_size, image_size):
        return dataset
    if first.dtype != np.uint8 or channels not in (1, 3):
        raise DataError(
            f"{where}: data.image_size needs 8-bit images with 1 or 3 channels, got "
            f"{first.dtype} with {channels}; resize them before saving, and remove it"
        )

    def resized(images: np.ndarray) -> np.ndarray:
        out = np.empty((len(images), image_size, image_size, channels), np.uint8)
        for i, pixels in enumerate(images):
            image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
            out[i] = fitted(image, (image_size, image_size)).reshape(out.shape[1:])
        return out

    return replace(dataset, x={split: resized(images) for split, images in dataset.x.items()})


def _each(items: Sequence[Any], files: Sequence[Path], work: Callable[[Any], Any]) -> list[Any]:
    """Do the work for all items in threads; what fails gives a `_Failure` of its file."""

    def guarded(item: Any, path: Path) -> Any:
        try:
            return work(item)
        except MemoryError:
            raise
        except Exception as error:  # PIL's readers raise nearly anything on damaged files
            return _Failure(path, error)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(guarded, items, files))


def _damaged(root: Path, results: Sequence[Any], skipped: bool) -> DataError:
    failures = [result for result in results if isinstance(result, _Failure)]
    shown = "".join(f"\n  {failure}" for failure in failures[:_MOST_NAMED])
    more = len(failures) - _MOST_NAMED
    shown += f"\n  and {more:,} more" if more > 0 else ""
    way = "" if skipped else ", or leave them out with --set data.skip_damaged=true"
    return DataError(
        f"{root}: {len(failures):,} of {len(results):,} images cannot be read; "
        f"replace or delete them{way}:{shown}"
    )


@dataclass(frozen=True)
class _Failure:
    path: Path
    error: Exception

    def __str__(self) -> str:
        reason = str(self.error) or type(self.error).__name__
        return f"{self.path} ({reason.replace(f' {str(self.path)!r}', '')})"


def _empty(root: Path, shape: tuple[int, int, int, int], dtype: Any) -> np.ndarray:
    import psutil

    needed = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    free = psutil.virtual_memory().available
    # Checked first: Linux promises any amount and kills the process when it is used.
    if needed > free:
        raise DataError(
            f"{root}: {shape[0]:,} images of {shape[2]}x{shape[1]} pixels need "
            f"{needed / 2**30:.1f} GiB of memory, {free / 2**30:.1f} are free; "
            "set data.image_size to a smaller number"
        )
    return np.zeros(shape, dtype)
