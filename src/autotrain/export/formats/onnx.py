"""An ONNX file, for onnxruntime."""

from __future__ import annotations

import os
from typing import Any

from autotrain.export.formats.base import ExportFormat
from autotrain.registry import Extra
from autotrain.serving import onnx_runtime


class Onnx(ExportFormat):
    """A graph of ONNX's operations."""

    name = "onnx"
    runtime = onnx_runtime
    needs = "onnxruntime"
    extra = Extra("onnx", ("tf2onnx", "onnx", "onnxruntime"))
    quantizations = ("int8",)

    def write(self, model: Any, signature: list[Any], target: str, quantize: str | None) -> None:
        """By Keras, which has tf2onnx convert it."""
        model.export(target, format="onnx", verbose=False, input_signature=signature)
        if quantize:
            _quantize(target)


def _quantize(target: str) -> None:
    from onnxruntime.quantization import quantize_dynamic

    whole = f"{target}.float"
    os.replace(target, whole)
    # Convolutions in 8 bits need a calibration, and ONNX Runtime has no kernel for them without.
    quantize_dynamic(whole, target, op_types_to_quantize=["MatMul", "Gemm"])
    os.unlink(whole)


ONNX = Onnx()
