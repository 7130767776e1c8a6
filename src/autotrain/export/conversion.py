"""From `.keras` files to one model in another format, in a process with TensorFlow.

Whatever backend trained them: Keras exports ONNX and LiteRT on TensorFlow only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.errors import ConfigurationError, ExportError, MissingExtraError
from autotrain.serving.predict import READS_STRINGS, RUNTIMES

FORMATS = {name: file for name, (_, file) in RUNTIMES.items()}
QUANTIZED = {
    "keras": ("int8",),
    "saved_model": (),
    "onnx": ("int8",),
    "litert": ("int8", "float16"),
}
_EXTRAS = {
    "onnx": (("tf2onnx", "onnx", "onnxruntime"), "onnx"),
    "litert": (("ai_edge_litert",), "litert"),
}


def check_format(format: str, quantize: str | None) -> None:
    """Refuse what cannot be done here, before any work.

    Raises:
        ConfigurationError: a package is missing, or the format has no such quantization.
    """
    from importlib.util import find_spec

    packages, extra = _EXTRAS.get(format, ((), ""))
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise MissingExtraError(f"--format {format}", extra)
    if quantize and quantize not in QUANTIZED[format]:
        known = ", ".join(QUANTIZED[format]) or "none"
        raise ConfigurationError(f"--quantize {quantize}: {format} has {known}")


def convert(
    members: Sequence[tuple[Path, float]],
    inputs: Mapping[str, Any],
    format: str,
    target: Path,
    quantize: str | None,
) -> None:
    """Write one model, the weighted mean of several.

    Args:
        members: `.keras` files with their weights, which sum to 1.
        inputs: from `Modality.inputs`.
        target: the file, or for `saved_model` the folder.

    Raises:
        ExportError: Keras or the converter says no.
    """
    if format == "keras" and len(members) == 1 and not quantize:
        shutil.copyfile(members[0][0], target)
        return
    known = {name: inputs[name] for name in ("shape", "dtype", "strings")}
    request = {"members": [[str(path), weight] for path, weight in members], "inputs": known,
               "format": format, "target": str(target), "quantize": quantize}  # fmt: skip
    words = ["-m", "autotrain.export.conversion"]
    run_child(words, f"the model cannot be written as {format}", json.dumps(request))


def _last_words(stderr: str) -> str:
    """The line of a traceback that says what was wrong."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    said = [line for line in lines if re.match(r"error: |[\w.]+(Error|Exception): ", line)]
    return (said or lines or ["it ended without a word"])[-1][:500]


def run_child(words: Sequence[str], what: str, request: str = "") -> str:
    """Run Python in a fresh process on TensorFlow; what it printed.

    Args:
        words: of its command line; request: what it reads.

    Raises:
        ExportError: it failed; begins with `what`.
    """
    variables = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
                 "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    answer = subprocess.run(
        [sys.executable, *words], input=request, env={**os.environ, **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if answer.returncode:
        raise ExportError(f"{what}: {_last_words(answer.stderr)}; nothing was kept")
    return answer.stdout


# The other process.


def _load(path: str, strings: bool) -> Any:
    import keras

    model = keras.saving.load_model(path, safe_mode=True)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):  # tensors of its own are no constants
            layer.mean, layer.variance = np.array(layer.mean), np.array(layer.variance)
    if strings or not _from_strings(model):
        return model
    inner = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    after = model.layers[model.layers.index(inner) + 1 :]
    first = keras.Input(inner.input_shape[1:], dtype=inner.inputs[0].dtype)
    return keras.Sequential([first, inner, *after])


def _from_strings(model: Any) -> bool:
    return len(model.inputs) > 1 or any(x.dtype == "string" for x in model.inputs)


def _input(model: Any) -> Any:
    """A tensor, or tensors by column."""
    import keras

    return model.inputs[0] if isinstance(model, keras.Sequential) else model.input


def _joined(members: Sequence[tuple[Any, float]]) -> Any:
    """The weighted mean of the members' outputs, as one model."""
    import keras

    if len(members) == 1:
        return members[0][0]
    source = _input(members[0][0])

    def like(x: Any) -> Any:
        return keras.Input(x.shape[1:], dtype=x.dtype, name=x.name)

    inputs = {k: like(x) for k, x in source.items()} if isinstance(source, dict) else like(source)
    parts = []
    for i, (model, weight) in enumerate(members):
        model.name = f"member_{i}"
        parts.append(keras.layers.Rescaling(weight)(model(inputs)))
    return keras.Model(inputs, keras.layers.Add()(parts))


def _write(model: Any, request: Mapping[str, Any]) -> None:
    format, target, quantize = request["format"], request["target"], request["quantize"]
    if format == "keras":
        if quantize:
            model.quantize(quantize)
        model.save(target)
        return
    names = {"saved_model": "tf_saved_model"}
    options = _litert_options(quantize) if format == "litert" else {}
    model.export(
        target, format=names.get(format, format), verbose=False,
        input_signature=_signature(model, request["inputs"]), **options,
    )  # fmt: skip
    if format == "onnx" and quantize:
        _quantize_onnx(target)


def _signature(model: Any, inputs: Mapping[str, Any]) -> list[Any]:
    """What the exported function takes: raw pixels in their own type, strings by column."""
    import tensorflow as tf

    source = _input(model)
    if isinstance(source, dict):  # names of columns are no names of TensorFlow's
        return [{name: tf.TensorSpec((None, 1), x.dtype, name=f"column_{i}")
                 for i, (name, x) in enumerate(source.items())}]  # fmt: skip
    if model.inputs[0].dtype == "string":
        return [tf.TensorSpec((None, 1), tf.string, name="text")]
    return [tf.TensorSpec((None, *inputs["shape"]), inputs["dtype"], name="x")]


def _quantize_onnx(target: str) -> None:
    from onnxruntime.quantization import quantize_dynamic

    whole = f"{target}.float"
    os.replace(target, whole)
    # Convolutions in 8 bits need a calibration, and ONNX Runtime has no kernel for them without.
    quantize_dynamic(whole, target, op_types_to_quantize=["MatMul", "Gemm"])
    os.unlink(whole)


def _litert_options(quantize: str | None) -> dict[str, Any]:
    import tensorflow as tf

    if quantize is None:
        return {}
    options: dict[str, Any] = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if quantize == "float16":
        options["target_spec"] = {"supported_types": [tf.float16]}
    return options


def main() -> None:
    """What `convert` asks for."""
    request = json.loads(sys.stdin.read())
    strings = request["format"] in READS_STRINGS
    members = [(_load(path, strings), weight) for path, weight in request["members"]]
    _write(_joined(members), request)


if __name__ == "__main__":
    main()
