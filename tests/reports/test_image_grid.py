"""Grids of images."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.reports.image_grid import picture_of


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 20, 3), (300, 150, 3), (1, 1, 1), (9, 9, 5)])
def test_images_of_any_shape_are_drawn(shape):
    black, white = np.zeros((2, *shape)), np.full((2, *shape), 4.0)
    paper = picture_of({"one": [black, white], "two": [white, black]}, ["a", "b"], (0, 4), "title")
    pixels = np.asarray(paper)
    assert max(pixels.shape) < 2500
    assert (pixels == 0).all(axis=2).sum() > 200  # images of black
    row = pixels[-30 if shape != (300, 150, 3) else -100]
    assert (row == 255).any()


def test_small_images_are_enlarged_pixel_by_pixel():
    image = np.array([[0.0, 255.0], [255.0, 0.0]])[None, ..., None]
    pixels = np.asarray(picture_of({"x": [image]}, ["c"], (0, 255)))
    assert (pixels[-30, :] == 0).all(axis=1).sum() == 36  # half of 72, and nothing in between
