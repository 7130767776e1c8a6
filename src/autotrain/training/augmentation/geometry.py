"""Flip, shift, rotation, zoom and shear as one affine map for each image."""

from __future__ import annotations

from keras import ops

from autotrain.training.augmentation.amounts import Amounts, unless_zero
from autotrain.training.tensors import Tensor

_GEOMETRY = ("flip", "shift_x", "shift_y", "rotation", "zoom_x", "zoom_y", "shear_x", "shear_y")


def transform(images: Tensor, amounts: Amounts) -> Tensor:
    """Images [n, h, w, c] moved by amounts [n] of each transformation; edges are mirrored."""
    present = [amounts[name] for name in _GEOMETRY if name in amounts]
    if not present:
        return images
    return unless_zero(ops.stack(present), lambda: _transformed(images, amounts), images)


def _transformed(images: Tensor, amounts: Amounts) -> Tensor:
    height, width = images.shape[1:3]
    zero = ops.zeros((ops.shape(images)[0],), "float32")
    flip, shift_x, shift_y, angle, zoom_x, zoom_y, shear_x, shear_y = (
        amounts.get(name, zero) for name in _GEOMETRY
    )
    scale_x, scale_y = (1.0 + zoom_x) * (1.0 - 2.0 * flip), 1.0 + zoom_y
    cos, sin = ops.cos(angle), ops.sin(angle)
    # Rotation times shear times scale, from pixels of the result to pixels of the image.
    a, b = (cos - sin * shear_y) * scale_x, (cos * shear_x - sin) * scale_y
    c, d = (sin + cos * shear_y) * scale_x, (sin * shear_x + cos) * scale_y
    # The centre of the image stays in place but for the shift.
    centre_x, centre_y = (width - 1) / 2.0, (height - 1) / 2.0
    offset_x = centre_x + shift_x * width - a * centre_x - b * centre_y
    offset_y = centre_y + shift_y * height - c * centre_x - d * centre_y

    x = ops.arange(width, dtype="float32")[None, None, :]
    y = ops.arange(height, dtype="float32")[None, :, None]
    a, b, offset_x, c, d, offset_y = (v[:, None, None] for v in (a, b, offset_x, c, d, offset_y))
    return _sample(images, a * x + b * y + offset_x, c * x + d * y + offset_y)


def _sample(images: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Bilinear values of images [n, h, w, c] at places [n, h, w], mirrored beyond the edges.

    Not `ops.image.affine_transform`: XLA cannot compile it on TensorFlow, which is how programs
    run on a GPU, and on JAX this is ten times as fast on CPU.
    """
    count = ops.shape(images)[0]
    height, width, channels = images.shape[1:]
    left, right, across = _neighbours(x, width)
    above, below, down = _neighbours(y, height)
    first = ops.arange(count, dtype="int32")[:, None, None] * (height * width)
    above, below = first + above * width, first + below * width
    pixels = ops.reshape(images, (-1, channels))

    def between(row: Tensor) -> Tensor:
        start = ops.take(pixels, row + left, axis=0)
        return start + across * (ops.take(pixels, row + right, axis=0) - start)

    top = between(above)
    return top + down * (between(below) - top)


def _neighbours(places: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """The pixels on both sides of places along an axis, and the share of the second."""
    around = ops.mod(places + 0.5, 2.0 * size)
    inside = ops.clip(size - ops.abs(around - size) - 0.5, 0.0, size - 1.0)
    start = ops.floor(inside)
    index = ops.cast(start, "int32")
    return index, ops.minimum(index + 1, size - 1), (inside - start)[..., None]
