"""Images as one labelled picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_SIDE = 72  # pixels that an image gets at least, small ones enlarged by a whole number
_LARGEST = 128  # pixels that it gets at most
_GAP, _BLOCK, _MARGIN, _FONT = 3, 18, 16, 16
_PAPER, _INK = (255, 255, 255), (30, 30, 30)


def picture_of(
    rows: Mapping[str, Sequence[np.ndarray]],
    columns: Sequence[str],
    limits: tuple[Any, Any],
    title: str = "",
) -> Image.Image:
    """A grid: a row for each name, a block of images side by side for each column.

    Args:
        rows: for each column an array [n, h, w, c]; of other than 1 or 3 channels the first three
            are shown, or the first.
        limits: what is drawn as black and as white, a number each or one for each channel.
    """
    font = ImageFont.load_default(_FONT)
    first = next(iter(rows.values()))[0]
    count, height, width = first.shape[:3]
    size = _size(height, width)
    block = count * (size[0] + _GAP) - _GAP
    left = _MARGIN + max(int(font.getlength(name)) for name in rows) + _MARGIN
    top = _MARGIN + (2 if title else 1) * (_FONT + 10)
    full = (
        left + len(columns) * (block + _BLOCK) - _BLOCK + _MARGIN,
        top + len(rows) * (size[1] + 2 * _GAP) + _MARGIN,
    )
    full = (max(full[0], int(font.getlength(title)) + 2 * _MARGIN), full[1])
    paper = Image.new("RGB", full, _PAPER)
    draw = ImageDraw.Draw(paper)
    draw.text((_MARGIN, _MARGIN), title, _INK, font)
    for column, name in enumerate(columns):
        x = left + column * (block + _BLOCK)
        draw.text((x, top - _FONT - 8), name, _INK, font)
    for row, (name, arrays) in enumerate(rows.items()):
        y = top + row * (size[1] + 2 * _GAP)
        draw.text((_MARGIN, y + (size[1] - _FONT) // 2), name, _INK, font)
        for column, array in enumerate(arrays):
            for i, pixels in enumerate(_bytes(array, limits)):
                x = left + column * (block + _BLOCK) + i * (size[0] + _GAP)
                paper.paste(_enlarged(pixels, size), (x, y))
    return paper


def _size(height: int, width: int) -> tuple[int, int]:
    """Width and height on paper: whole multiples for small images, so that pixels stay square."""
    longer = max(height, width)
    if longer <= _LARGEST:
        factor = max(1, _SIDE // longer)
        return width * factor, height * factor
    return max(1, width * _LARGEST // longer), max(1, height * _LARGEST // longer)


def _enlarged(pixels: np.ndarray, size: tuple[int, int]) -> Image.Image:
    image = Image.fromarray(pixels)
    smaller = size[0] < image.width
    return image.resize(size, Image.Resampling.BOX if smaller else Image.Resampling.NEAREST)


def _bytes(images: np.ndarray, limits: tuple[Any, Any]) -> np.ndarray:
    """RGB bytes [n, h, w, 3]."""
    low, high = np.asarray(limits[0]), np.asarray(limits[1])
    share = (images - low) / np.where(high > low, high - low, 1.0)
    shown = 3 if images.shape[-1] >= 3 else 1
    scaled = np.clip(share[..., :shown] * 255.0, 0, 255).round().astype("uint8")
    return np.ascontiguousarray(np.broadcast_to(scaled, (*scaled.shape[:3], 3)))
