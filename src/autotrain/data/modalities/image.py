"""Images: `[n, h, w, c]`, most often uint8."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autotrain.data.dataset import Column, DataInfo, Dataset
from autotrain.data.decode import resize_arrays
from autotrain.data.modalities.base import MOST_VALUES, Modality
from autotrain.serving.input_file import Inputs
from autotrain.space import DataSpec

_MOST_IMAGES = MOST_VALUES // 10
_MOST_FEATURES = 4096


class Images(Modality):
    """Pictures of one size, with 1 or more channels last."""

    name = "image"
    example_space = "cifar_cnn"

    def resize(self, where: str, dataset: Dataset, side: int) -> Dataset:
        """Cropped around the centre."""
        return resize_arrays(where, dataset, side)

    def describe(self, info: DataInfo) -> str:
        """How many, and their shape."""
        total, shape = sum(info.sizes.values()), "x".join(map(str, info.input_shape))
        return f"{total:,} images {shape}"

    def reads(self, shape: Sequence[int], dtype: str, names: Sequence[str]) -> str:
        """Shape and type."""
        sides = " x ".join(map(str, shape))
        return f"It reads images of {sides} ({dtype}), as they come from the file."

    def picture(self, example: np.ndarray) -> np.ndarray:
        """The image."""
        return example

    def inputs(self, info: DataInfo, folder: Path) -> Inputs:
        """With the depth of the pixels."""
        pixels = info.pixels or ("bytes" if info.dtype == "uint8" else "")
        found = super().inputs(info, folder)
        return {**found, "pixels": pixels} if pixels else found

    def outliers(self, info: DataInfo, x: np.ndarray) -> np.ndarray:
        """The darkest and the brightest there is."""
        low, high = (0, 255) if x.dtype == np.uint8 else (x.min(), 10 * x.max() + 1)
        return np.stack([np.full_like(x[0], low), np.full_like(x[0], high)])

    def labelled(self, source: str, target: str | None, inputs: Inputs) -> DataSpec:
        """The images of a folder are brought to the model's size."""
        side = inputs["shape"][0] if Path(source).is_dir() else None
        return DataSpec(source=source, target=target, image_size=side)

    def profile(self, columns: Sequence[Column], x: np.ndarray) -> dict[str, np.ndarray]:
        """Brightness, contrast and the means of the colours."""
        pixels = np.asarray(x[:_MOST_IMAGES], "float32")
        found = {"brightness": pixels.mean(axis=(1, 2, 3)), "contrast": pixels.std(axis=(1, 2, 3))}
        if pixels.shape[-1] == 3:
            means = pixels.mean(axis=(1, 2))
            found |= {name: means[:, i] for i, name in enumerate(("red", "green", "blue"))}
        return found

    def features(self, info: DataInfo, x: np.ndarray) -> np.ndarray:
        """Pixels, evenly spaced where there are many."""
        flat = x.reshape(len(x), -1).astype("float32")
        step = -(-flat.shape[1] // _MOST_FEATURES)
        return flat[:, ::step]


IMAGES = Images()
