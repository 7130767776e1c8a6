"""A LiteRT (TensorFlow Lite) file, for phones and small machines."""

from __future__ import annotations

from typing import Any

from autotrain.export.formats.base import ExportFormat
from autotrain.registry import Extra
from autotrain.serving import litert_runtime


class LiteRT(ExportFormat):
    """A flat buffer of LiteRT's operations."""

    name = "litert"
    runtime = litert_runtime
    needs = "ai-edge-litert"
    extra = Extra("litert", ("ai_edge_litert",))
    quantizations = ("int8", "float16")

    def write(self, model: Any, signature: list[Any], target: str, quantize: str | None) -> None:
        """By Keras, which has TensorFlow convert it."""
        _unroll(model)
        options = _options(quantize)
        model.export(target, format="litert", verbose=False, input_signature=signature, **options)


def _unroll(model: Any) -> None:
    """Recurrent layers step by step: loops over time need operations that only TensorFlow has."""
    import keras

    from autotrain.compat.keras_internals import flat_layers

    for layer in flat_layers(model):
        if isinstance(layer, keras.layers.RNN):
            layer.unroll = True


def _options(quantize: str | None) -> dict[str, Any]:
    import tensorflow as tf

    if quantize is None:
        return {}
    options: dict[str, Any] = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if quantize == "float16":
        options["target_spec"] = {"supported_types": [tf.float16]}
    return options


LITERT = LiteRT()
