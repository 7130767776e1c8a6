"""Images: told apart by their brightness and colours."""

from __future__ import annotations

import numpy as np

from autotrain.data.modalities.image import IMAGES


def test_images_are_told_apart_by_brightness_and_colour():
    images = np.zeros((4, 2, 2, 3), "uint8")
    images[..., 0] = 90
    numbers = IMAGES.profile((), images)
    assert numbers["brightness"].tolist() == [30.0] * 4
    assert numbers["red"].tolist() == [90.0] * 4
