"""Image augmentation inside the compiled step, each part with its own strength.

One random affine map per image (flip, shift, rotation, zoom) followed by one erased square
(cutout, DeVries and Taylor 2017). Strength 0 leaves every image as it is; 1 is strong.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

# What strength 1 means.
_SHIFT = 0.15  # share of the image's side
_ROTATION = 0.35  # radians, about 20 degrees
_ZOOM = 0.2  # share of the size
_CUTOUT = 0.5  # share of the side, for the largest square


class Augmentation(keras.layers.Layer):
    """Augments a batch of images.

    Args:
        parts: names of the parts that take part in the program.
        values: strengths by name; flip's is its probability.
    """

    def __init__(self, parts: tuple[str, ...], values: Any) -> None:
        super().__init__(name="augmentation")
        self._parts = parts
        # Past Keras's tracking, which would count the program's variables as this layer's weights.
        self.__dict__["strengths"] = {name: values[name] for name in parts}
        self.seed_generator = keras.random.SeedGenerator(0)
        self.built = True

    def call(self, images: Any, targets: Any) -> Any:
        """Augment float images [n, h, w, c] of any range; same shape and range."""
        if {"flip", "shift", "rotation", "zoom"} & set(self._parts):
            images = self._affine(images)
        if "cutout" in self._parts:
            images = self._cutout(images)
        return images, targets

    def _strength(self, name: str) -> Any:
        """A float32 scalar; 0 for a part that is not in the program."""
        return ops.cast(self.__dict__["strengths"].get(name, 0.0), "float32")

    def _uniform(self, images: Any, columns: int) -> Any:
        """[n, columns] in [-1, 1)."""
        shape = (ops.shape(images)[0], columns)
        return keras.random.uniform(shape, -1.0, 1.0, dtype=images.dtype, seed=self.seed_generator)

    def _affine(self, images: Any) -> Any:
        height, width = images.shape[1:3]
        draws = self._uniform(images, 6)
        zoom, shift = _ZOOM * self._strength("zoom"), _SHIFT * self._strength("shift")
        angle = draws[:, 0] * (_ROTATION * self._strength("rotation"))
        scale_x = 1.0 + draws[:, 1] * zoom
        scale_y = 1.0 + draws[:, 2] * zoom
        shift_x = draws[:, 3] * (shift * width)
        shift_y = draws[:, 4] * (shift * height)
        mirrored = (draws[:, 5] + 1.0) / 2.0 < self._strength("flip")
        mirrored = ops.cast(mirrored, images.dtype)
        scale_x = scale_x * (1.0 - 2.0 * mirrored)

        # Rows map output to input pixels; the centre of the image stays in place.
        cos, sin = ops.cos(angle), ops.sin(angle)
        centre_x, centre_y = (width - 1) / 2.0, (height - 1) / 2.0
        a, b = scale_x * cos, -scale_y * sin
        c, d = scale_x * sin, scale_y * cos
        offset_x = centre_x + shift_x - a * centre_x - b * centre_y
        offset_y = centre_y + shift_y - c * centre_x - d * centre_y
        zero = ops.zeros_like(a)
        transform = ops.stack([a, b, offset_x, c, d, offset_y, zero, zero], axis=1)
        return ops.image.affine_transform(
            images, transform, interpolation="bilinear", fill_mode="reflect"
        )

    def _cutout(self, images: Any) -> Any:
        height, width = images.shape[1:3]
        draws = (self._uniform(images, 3) + 1.0) / 2.0
        half = draws[:, 0] * (_CUTOUT * self._strength("cutout") * min(height, width) / 2.0)

        def inside(side: int, centre: Any) -> Any:
            pixels = ops.arange(side, dtype=images.dtype) + 0.5
            distance = ops.abs(pixels[None, :] - centre[:, None] * side)
            return ops.cast(distance < half[:, None], images.dtype)

        erased = inside(height, draws[:, 1])[:, :, None] * inside(width, draws[:, 2])[:, None, :]
        mean = ops.mean(images, axis=(1, 2), keepdims=True)
        return images + erased[..., None] * (mean - images)
