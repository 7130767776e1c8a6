"""Decoding image files into one array: size, colours, orientation."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data.dataset import Dataset
from autotrain.errors import DataError
from autotrain.serving.image_reader import fitted, header_of, pixels_of

_LARGEST_DEFAULT_SIDE = 128
_THREADS = 8  # PIL releases the lock while it decodes, and reading waits for the disk


def decode_images(root: Path, files: Sequence[Path], image_size: int | None) -> np.ndarray:
    """Decode files into `[n, h, w, c]` uint8, in their order.

    Grayscale (`c` = 1) where every image is, RGB otherwise; EXIF orientation is applied; of an
    animation the first frame counts.

    Args:
        root: the folder, for messages.
        files: image files.
        image_size: side of the square in pixels, or None for `target_size`'s choice.

    Raises:
        DataError: files that cannot be read (up to five are named), or too much for the memory.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PIL warns of what is an error here, and of harmless tags
        headers = _each(root, files, header_of)
        width, height = target_size([header.size for header in headers], image_size)
        channels = 1 if all(header.gray for header in headers) else 3
        shape = (len(files), height, width, channels)
        images = _empty(root, shape)

        def fill(item: tuple[int, Path]) -> None:
            images[item[0]] = pixels_of(item[1], (width, height), channels)

        _each(root, list(enumerate(files)), fill, lambda item: item[1])
    return images


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


def _each(
    root: Path,
    items: Sequence[object],
    work: Callable[[Any], Any],
    path_of: Callable[[Any], Path] = lambda item: item,
) -> list[Any]:
    """Do the work for all items in threads; all files that fail make one error."""

    def guarded(item: object) -> Any:
        try:
            return work(item)
        except MemoryError:
            raise
        except Exception as error:  # PIL's readers raise nearly anything on damaged files
            return _Failure(path_of(item), error)

    with ThreadPoolExecutor(_THREADS) as pool:
        results = list(pool.map(guarded, items))
    failures = [result for result in results if isinstance(result, _Failure)]
    if failures:
        shown = "".join(f"\n  {failure}" for failure in failures[:5])
        more = f"\n  and {len(failures) - 5:,} more" if len(failures) > 5 else ""
        raise DataError(
            f"{root}: {len(failures):,} of {len(items):,} images cannot be read; "
            f"replace or delete them:{shown}{more}"
        )
    return results


@dataclass(frozen=True)
class _Failure:
    path: Path
    error: Exception

    def __str__(self) -> str:
        reason = str(self.error) or type(self.error).__name__
        return f"{self.path} ({reason.replace(f' {str(self.path)!r}', '')})"


def _empty(root: Path, shape: tuple[int, int, int, int]) -> np.ndarray:
    import psutil

    needed = int(np.prod(shape, dtype=np.int64))
    free = psutil.virtual_memory().available
    # Checked first: Linux promises any amount and kills the process when it is used.
    if needed > free:
        raise DataError(
            f"{root}: {shape[0]:,} images of {shape[2]}x{shape[1]} pixels need "
            f"{needed / 2**30:.1f} GiB of memory, {free / 2**30:.1f} are free; "
            "set data.image_size to a smaller number"
        )
    return np.empty(shape, np.uint8)
