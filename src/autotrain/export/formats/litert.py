"""A LiteRT (TensorFlow Lite) file, for phones and small machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.export.formats.base import ExportFormat
from autotrain.registry import Extra
from autotrain.serving import litert_runtime

_WEIGHTED = {"FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D", "BATCH_MATMUL"}
_BYTES = ("INT8", "UINT8", "FLOAT16")


class LiteRT(ExportFormat):
    """A flat buffer of LiteRT's operations."""

    name = "litert"
    runtime = litert_runtime
    needs = "ai-edge-litert"
    extra = Extra("litert", ("ai_edge_litert",))
    quantizations = ("int8", "float16")

    def write(
        self,
        model: Any,
        signature: list[Any],
        target: str,
        quantize: str | None,
        examples: np.ndarray | None = None,
    ) -> None:
        """By Keras, which has TensorFlow convert it."""
        _unroll(model)
        options = _options(quantize, examples)
        model.export(target, format="litert", verbose=False, input_signature=signature, **options)
        if quantize == "int8":
            _to_int8(Path(target), embeds=signature[0].dtype == "int32")

    def quantized_share(self, target: str) -> float | None:
        """Of the numbers in the model's constants."""
        from tensorflow.lite.python import schema_py_generated as schema
        from tensorflow.lite.tools import flatbuffer_utils

        model = flatbuffer_utils.read_model(target)
        kinds = {value: name for name, value in vars(schema.TensorType).items()}
        small = total = 0
        for tensor in model.subgraphs[0].tensors:
            data, kind = model.buffers[tensor.buffer].data, kinds.get(tensor.type, "")
            if data is None or not len(data) or kind not in (*_BYTES, "FLOAT32"):
                continue
            size = int(np.prod(tensor.shape))
            total += size
            small += size if kind in _BYTES else 0
        return small / max(total, 1)


def _unroll(model: Any) -> None:
    """Recurrent layers step by step: loops over time need operations that only TensorFlow has."""
    import keras

    from autotrain.compat.keras_internals import flat_layers

    for layer in flat_layers(model):
        if isinstance(layer, keras.layers.RNN):
            layer.unroll = True


def _options(quantize: str | None, examples: np.ndarray | None) -> dict[str, Any]:
    import tensorflow as tf

    if quantize is None:
        return {}
    options: dict[str, Any] = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if quantize == "float16":
        return {**options, "target_spec": {"supported_types": [tf.float16]}}

    def one_by_one() -> Iterator[list[np.ndarray]]:
        assert examples is not None
        for example in examples:
            yield [example[None]]

    return {**options, "representative_dataset": one_by_one, "_experimental_calibrate_only": True}


def _to_int8(target: Path, embeds: bool) -> None:
    """Weights and what they are multiplied with in 8 bits, by the scales of a calibrated model.

    Other operations stay as they are: columns of all sizes would get one scale, and TensorFlow's
    converter offers no list of those to take, only one of those to leave.

    Args:
        embeds: whether the model reads numbers of tokens, and its tables are worth it too.
    """
    from tensorflow.lite.python.convert import mlir_quantize
    from tensorflow.lite.python.schema_py_generated import BuiltinOperator
    from tensorflow.lite.tools import flatbuffer_utils

    calibrated = target.read_bytes()
    names = {value: name for name, value in vars(BuiltinOperator).items()}
    codes = flatbuffer_utils.convert_bytearray_to_object(calibrated).operatorCodes
    there = {names[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in codes}
    left = there - _WEIGHTED - ({"GATHER"} if embeds else set())
    target.write_bytes(mlir_quantize(calibrated, denylisted_ops=sorted(left)))


LITERT = LiteRT()
