"""A `.keras` file, which plain Keras loads."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from typing import Any

import numpy as np

from autotrain.export.formats.base import ExportFormat
from autotrain.serving import keras_runtime


class Keras(ExportFormat):
    """Keras's own format."""

    name = "keras"
    runtime = keras_runtime
    needs = "tensorflow"
    quantizations = ("int8",)

    def write(
        self,
        model: Any,
        signature: list[Any],
        target: str,
        quantize: str | None,
        examples: np.ndarray | None = None,
    ) -> None:
        """By Keras, which scales what 8 bits are multiplied with row by row."""
        if quantize:
            model.quantize(quantize)
        model.save(target)

    def quantized_share(self, target: str) -> float | None:
        """Of the numbers in its weights."""
        with zipfile.ZipFile(target) as archive, archive.open("model.weights.h5") as file:
            return _share_of_bytes(io.BytesIO(file.read()))


def _share_of_bytes(file: io.BytesIO) -> float:
    import h5py

    sizes: Counter[bool] = Counter()

    def count(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiu" and "seed" not in name:
            sizes[item.dtype.itemsize == 1] += item.size

    with h5py.File(file) as weights:
        weights.visititems(count)
    return sizes[True] / max(sizes.total(), 1)


KERAS = Keras()
