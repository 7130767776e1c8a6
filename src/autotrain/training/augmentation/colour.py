"""Brightness, contrast, saturation, hue, and the colour transformations of RandAugment."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from autotrain.training.augmentation.amounts import Amounts, unless_zero
from autotrain.training.inputs import DataShape
from autotrain.training.tensors import Tensor

_LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)


def pixel_range(data: DataShape) -> tuple[Tensor, Tensor]:
    """What counts as black and as white, [c] or a number.

    Unsigned bytes have 0 and 255. Other images have no known range: two standard deviations on
    both sides of the mean of the training part, for each channel.
    """
    if data.mean is None or data.variance is None:
        return 0.0, 255.0
    spread = 2.0 * np.sqrt(data.variance)
    return data.mean - spread, data.mean + spread


def recolour(images: Tensor, amounts: Amounts, low: Tensor, high: Tensor, bounded: bool) -> Tensor:
    """Images [n, h, w, c] with their colours changed by amounts [n] of each transformation.

    Saturation and hue are for three channels and leave other images as they are.

    Args:
        low, high: from `pixel_range`.
        bounded: whether a pixel must stay within it.
    """
    for name, change in _COLOUR.items():
        if name in amounts and (images.shape[-1] == 3 or name not in _THREE_CHANNELS):
            images = _changed(images, change, amounts[name], (low, high), bounded)
    return images


def _changed(
    images: Tensor, change: Any, amount: Tensor, limits: tuple[Tensor, Tensor], bounded: bool
) -> Tensor:
    def changed() -> Tensor:
        result = change(images, amount[:, None, None, None], *limits)
        return ops.clip(result, *limits) if bounded else result

    return unless_zero(amount, changed, images)


def _brightness(images: Tensor, amount: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return _away(images, low, amount)


def _contrast(images: Tensor, amount: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return _away(images, ops.mean(images, axis=(1, 2), keepdims=True), amount)


def _saturation(images: Tensor, amount: Tensor, low: Tensor, high: Tensor) -> Tensor:
    grey = sum(weight * c for weight, c in zip(_LUMA, _channels(images), strict=True))
    return _away(images, grey, amount)


def _sharpness(images: Tensor, amount: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Pillow's: away from a mean of 3 x 3 pixels in which the middle weighs five times."""
    around = ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
    rows = around[:, :-2] + around[:, 1:-1] + around[:, 2:]
    smooth = (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:] + 4.0 * images) / 13.0
    return _away(images, smooth, amount)


def _away(images: Tensor, reference: Tensor, amount: Tensor) -> Tensor:
    """Away from a reference, or for negative amounts towards it, as Pillow's `ImageEnhance`."""
    return images + ops.maximum(amount, -1.0) * (images - reference)


def _channels(images: Tensor) -> list[Tensor]:
    """Each channel by itself, [n, h, w, 1]: sums over an axis of three are slow."""
    return [images[..., i : i + 1] for i in range(images.shape[-1])]


def _hue(images: Tensor, turns: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """The hue of HSV turned, for any range of the pixels.

    Hue does not change when all channels are shifted or scaled, so what HSV keeps (the largest and
    the smallest channel) is kept here without a known range.
    """
    red, green, blue = _channels(images)
    most = ops.maximum(ops.maximum(red, green), blue)
    least = ops.minimum(ops.minimum(red, green), blue)
    chroma = most - least
    safe = ops.where(chroma > 0, chroma, 1.0)
    blue_most = 4.0 + (red - green) / safe
    green_or_blue = ops.where(most == green, 2.0 + (blue - red) / safe, blue_most)
    hue = ops.where(most == red, (green - blue) / safe, green_or_blue)  # in sixths of a turn
    turned = []
    for place in (0.0, 4.0, 2.0):  # red, green and blue around the circle
        away = ops.abs(ops.mod(hue + 6.0 * turns + place, 6.0) - 3.0)
        turned.append(least + chroma * ops.clip(away - 1.0, 0.0, 1.0))
    return ops.where(turns == 0, images, ops.concatenate(turned, axis=-1))


def _solarize(images: Tensor, share: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Inverted where a pixel is in the highest `share` of the range."""
    share = ops.abs(share)
    inverted = (images > high - share * (high - low)) & (share > 0)
    return ops.where(inverted, low + high - images, images)


def _posterize(images: Tensor, bits: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Without the lowest `bits` (rounded, at most 7) of the range's 8."""
    bits = ops.minimum(ops.round(ops.abs(bits)), 7.0)
    step = (high - low) / 255.0 * 2.0**bits
    return ops.where(bits > 0, low + ops.floor((images - low) / step) * step, images)


_COLOUR = {
    "brightness": _brightness,
    "contrast": _contrast,
    "saturation": _saturation,
    "sharpness": _sharpness,
    "hue": _hue,
    "solarize": _solarize,
    "posterize": _posterize,
}
_THREE_CHANNELS = ("saturation", "hue")
