"""A `.keras` file, which plain Keras loads."""

from __future__ import annotations

from typing import Any

from autotrain.export.formats.base import ExportFormat
from autotrain.serving import keras_runtime


class Keras(ExportFormat):
    """Keras's own format."""

    name = "keras"
    runtime = keras_runtime
    needs = "tensorflow"
    quantizations = ("int8",)

    def write(self, model: Any, signature: list[Any], target: str, quantize: str | None) -> None:
        """By Keras."""
        if quantize:
            model.quantize(quantize)
        model.save(target)


KERAS = Keras()
