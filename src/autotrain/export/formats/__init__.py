"""What a model can be exported as: one file for each format, by its name."""

from __future__ import annotations

from autotrain.errors import ConfigurationError, MissingExtraError
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
    if found.extra is not None and found.extra.is_missing:
        raise MissingExtraError(f"--format {name}", found.extra.name)
    if quantize and quantize not in found.quantizations:
        known = ", ".join(found.quantizations) or "none"
        raise ConfigurationError(f"--quantize {quantize}: {name} has {known}")
    return found


__all__ = ["FORMATS", "ExportFormat", "checked_format"]
