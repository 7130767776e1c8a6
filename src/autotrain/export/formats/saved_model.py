"""A SavedModel, for TensorFlow and TensorFlow Serving."""

from __future__ import annotations

from typing import Any

import numpy as np

from autotrain.export.formats.base import ExportFormat
from autotrain.serving import saved_model_runtime


class SavedModel(ExportFormat):
    """A folder with a graph of TensorFlow."""

    name = "saved_model"
    runtime = saved_model_runtime
    needs = "tensorflow"

    def write(
        self,
        model: Any,
        signature: list[Any],
        target: str,
        quantize: str | None,
        examples: np.ndarray | None = None,
    ) -> None:
        """By Keras."""
        model.export(target, format="tf_saved_model", verbose=False, input_signature=signature)


SAVED_MODEL = SavedModel()
