"""Image augmentation with one strength, inside the compiled step.

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
        strength: variable, 0 to 1, that scales every part.
        flip: variable, the probability of a left-right flip at strength 1.
    """

    def __init__(self, strength: Any, flip: Any) -> None:
        super().__init__(name="augmentation")
        self.__dict__["strength"] = strength
        self.__dict__["flip"] = flip
        self.seed_generator = keras.random.SeedGenerator(0)
        self.built = True

    def call(self, images: Any) -> Any:
        """Augment float images [n, h, w, c] of any range; same shape and range."""
        strength = ops.cast(self.strength, images.dtype)
        return self._cutout(self._affine(images, strength), strength)

    def _uniform(self, images: Any, columns: int) -> Any:
        """[n, columns] in [-1, 1)."""
        shape = (ops.shape(images)[0], columns)
        return keras.random.uniform(shape, -1.0, 1.0, dtype=images.dtype, seed=self.seed_generator)

    def _affine(self, images: Any, strength: Any) -> Any:
        height, width = images.shape[1:3]
        draws = self._uniform(images, 6)
        angle = draws[:, 0] * (_ROTATION * strength)
        scale_x = 1.0 + draws[:, 1] * (_ZOOM * strength)
        scale_y = 1.0 + draws[:, 2] * (_ZOOM * strength)
        shift_x = draws[:, 3] * (_SHIFT * strength * width)
        shift_y = draws[:, 4] * (_SHIFT * strength * height)
        chance = ops.cast(self.flip, images.dtype) * strength
        mirrored = ops.cast((draws[:, 5] + 1.0) / 2.0 < chance, images.dtype)
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

    def _cutout(self, images: Any, strength: Any) -> Any:
        height, width = images.shape[1:3]
        draws = (self._uniform(images, 3) + 1.0) / 2.0
        half = draws[:, 0] * (_CUTOUT * strength * min(height, width) / 2.0)

        def inside(side: int, centre: Any) -> Any:
            pixels = ops.arange(side, dtype=images.dtype) + 0.5
            distance = ops.abs(pixels[None, :] - centre[:, None] * side)
            return ops.cast(distance < half[:, None], images.dtype)

        erased = inside(height, draws[:, 1])[:, :, None] * inside(width, draws[:, 2])[:, None, :]
        mean = ops.mean(images, axis=(1, 2), keepdims=True)
        return images + erased[..., None] * (mean - images)
