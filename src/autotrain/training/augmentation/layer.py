"""The layer that augments a batch of images and their targets."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from autotrain.errors import InfeasibleError
from autotrain.training.augmentation.amounts import draw_amounts
from autotrain.training.augmentation.colour import pixel_range, recolour
from autotrain.training.augmentation.geometry import transform
from autotrain.training.augmentation.regions import cutout, mix
from autotrain.training.inputs import DataShape
from autotrain.training.tensors import Tensor


class Augmentation(keras.layers.Layer):
    """Augments a batch of images. Strength 0 leaves everything as it is; 1 is strong.

    Args:
        parts: names of the parts that take part in the program; others cost nothing.
        values: strengths by name, a scalar variable each.
        data: tells the range of the pixels.

    Raises:
        InfeasibleError: the examples are not images.
    """

    def __init__(self, parts: tuple[str, ...], values: Tensor, data: DataShape) -> None:
        # Always float32: bfloat16 has no room for a pixel's place, nor for the share of a label.
        super().__init__(name="augmentation", dtype="float32")
        if len(data.input_shape) != 3:
            raise InfeasibleError(
                "augmentation is for images [height, width, channels], got examples of shape "
                f"{list(data.input_shape)}: leave {', '.join(parts)} out of the space"
            )
        # Past Keras's tracking, which would count the program's variables as this layer's weights.
        self.__dict__["variables_of"] = {name: values[name] for name in parts}
        self.low, self.high = pixel_range(data)
        self._bounded = data.mean is None
        self.seed_generator = keras.random.SeedGenerator(0)
        self.built = True

    def call(self, images: Tensor, targets: Tensor) -> Tensor:
        """Augment float images [n, h, w, c] as they came, and targets [n, outputs] with them.

        Targets are one-hot classes, labels of 0 and 1 or numbers: all are blended by the share of
        the pixels.
        """
        strengths = {
            name: ops.cast(variable, "float32")
            for name, variable in self.__dict__["variables_of"].items()
        }
        amounts = draw_amounts(strengths, ops.shape(images)[0], self._uniform)
        images = transform(images, amounts)
        images = recolour(images, amounts, self.low, self.high, self._bounded)
        if "cutout" in strengths:
            images = cutout(images, strengths["cutout"], self._uniform)
        if {"mixup", "cutmix"} & strengths.keys():
            images, targets = mix(images, targets, strengths, self._uniform)
        return images, targets

    def _uniform(self, *shape: Any) -> Tensor:
        """Float32 numbers in [0, 1)."""
        return keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)
