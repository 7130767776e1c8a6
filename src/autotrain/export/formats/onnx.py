"""An ONNX file, for onnxruntime."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from autotrain.export.formats.base import ExportFormat
from autotrain.registry import Extra
from autotrain.serving import onnx_runtime

if TYPE_CHECKING:
    import onnx

_CALIBRATED_AT_ONCE = 32
_WEIGHTED = ("Conv", "MatMul", "Gemm")
_SCALES = ("_scale", "_zero_point")  # end the names of what quantization adds


class Onnx(ExportFormat):
    """A graph of ONNX's operations."""

    name = "onnx"
    runtime = onnx_runtime
    needs = "onnxruntime"
    extra = Extra("onnx", ("tf2onnx", "onnx", "onnxruntime"))
    quantizations = ("int8",)

    def write(
        self,
        model: Any,
        signature: list[Any],
        target: str,
        quantize: str | None,
        examples: np.ndarray | None = None,
    ) -> None:
        """By Keras, which has tf2onnx convert it."""
        _replace_gelu(model)
        model.export(target, format="onnx", verbose=False, input_signature=signature)
        if quantize:
            assert examples is not None
            _quantize(Path(target), examples)

    def quantized_share(self, target: str) -> float | None:
        """Of the numbers in the graph's constants."""
        import onnx

        bytes_, total = 0, 0
        for weights in onnx.load(target).graph.initializer:
            if weights.name.endswith(_SCALES) or weights.data_type == onnx.TensorProto.INT64:
                continue
            size = int(np.prod(weights.dims))
            total += size
            is_byte = weights.data_type in (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)
            bytes_ += size if is_byte else 0
        return bytes_ / max(total, 1)


def _replace_gelu(model: Any) -> None:
    """By erf: TensorFlow (2.21) writes it by erfc, for which tf2onnx gives an operation of no ONNX."""
    import keras

    from autotrain.compat.keras_internals import flat_layers

    def gelu(x: Any) -> Any:
        return 0.5 * x * (1.0 + keras.ops.erf(x / 2**0.5))

    for layer in flat_layers(model):
        if getattr(layer, "activation", None) is keras.activations.gelu:
            layer.activation = gelu


def _quantize(target: Path, examples: np.ndarray) -> None:
    """Weights and what they are multiplied with in 8 bits, by scales that examples decide once.

    Scales that are found anew for each batch, as `quantize_dynamic` has them, would make the answer to
    a row depend on the rows beside it.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with TemporaryDirectory(dir=target.parent) as scratch:
        folded = Path(scratch) / "folded.onnx"
        quant_pre_process(str(target), str(folded), skip_symbolic_shape=True)
        graph = onnx.load(folded)
        for i, node in enumerate(graph.graph.node):
            node.name = f"{node.op_type}_{i}"
        onnx.save(graph, folded)
        quantize_static(
            str(folded),
            str(target),
            _reader(graph.graph.input[0].name, examples),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=_weighted(graph.graph),
            # Sums stay whole until something is multiplied with them again: numbers to predict, the
            # last of them, would have 256 values.
            extra_options={"OpTypesToExcludeOutputQuantization": ["MatMul", "Gemm"]},
        )


def _reader(name: str, examples: np.ndarray) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            starts = range(0, len(examples), _CALIBRATED_AT_ONCE)
            self._batches = (examples[i : i + _CALIBRATED_AT_ONCE] for i in starts)

        def get_next(self) -> dict[str, np.ndarray] | None:
            batch = next(self._batches, None)
            return None if batch is None else {name: batch}

    return Reader()


def _weighted(graph: onnx.GraphProto) -> list[str]:
    """Names of the operations with weights: dense layers, convolutions, embeddings.

    A `Gather` of columns is none: inputs of all sizes would get one scale.
    """
    constants = {weights.name for weights in graph.initializer}
    return [
        node.name
        for node in graph.node
        if node.op_type in _WEIGHTED or (node.op_type == "Gather" and node.input[0] in constants)
    ]


ONNX = Onnx()
