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
        _replace_gelu(model)
        model.export(target, format="onnx", verbose=False, input_signature=signature)
        if quantize:
            _quantize(target)


def _replace_gelu(model: Any) -> None:
    """By erf: TensorFlow (2.21) writes it by erfc, for which tf2onnx gives an operation of no ONNX."""
    import keras

    from autotrain.compat.keras_internals import flat_layers

    def gelu(x: Any) -> Any:
        return 0.5 * x * (1.0 + keras.ops.erf(x / 2**0.5))

    for layer in flat_layers(model):
        if getattr(layer, "activation", None) is keras.activations.gelu:
            layer.activation = gelu


def _quantize(target: str) -> None:
    from onnxruntime.quantization import quantize_dynamic

    whole = f"{target}.float"
    os.replace(target, whole)
    # Convolutions in 8 bits need a calibration, and ONNX Runtime has no kernel for them without.
    quantize_dynamic(whole, target, op_types_to_quantize=["MatMul", "Gemm"])
    os.unlink(whole)


ONNX = Onnx()
