"""What a model can be exported as: one file for each format, by its name."""

from __future__ import annotations

from autotrain.export.formats.base import ExportFormat
from autotrain.export.formats.keras import KERAS
from autotrain.export.formats.litert import LITERT
from autotrain.export.formats.onnx import ONNX
from autotrain.export.formats.saved_model import SAVED_MODEL
from autotrain.registry import Registry

FORMATS: Registry[ExportFormat] = Registry(
    "format",
    "autotrain.formats",
    {form.name: form for form in (KERAS, SAVED_MODEL, ONNX, LITERT)},
)


def checked_format(name: str, quantize: str | None) -> ExportFormat:
    """The format of a name, if models can be exported so here.

    Raises:
        ConfigurationError: there is no such format, or it has no such quantization.
        MissingExtraError: a package is missing.
    """
    found = FORMATS.get(name, "--format")
    found.check(quantize)
    return found


__all__ = ["FORMATS", "ExportFormat", "checked_format"]
