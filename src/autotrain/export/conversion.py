"""From `.keras` files to one model in another format, in a process with TensorFlow.

Whatever backend trained them: Keras exports ONNX and LiteRT on TensorFlow only.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.errors import ExportError
from autotrain.export.formats import FORMATS, ExportFormat
from autotrain.export.formats.keras import KERAS
from autotrain.processes import ProcessError, run_python
from autotrain.serving.predict import reads_wide


def convert(
    members: Sequence[tuple[Path, float]],
    inputs: Mapping[str, object],
    format: ExportFormat,
    target: Path,
    quantize: str | None,
    examples: Path | None = None,
) -> float | None:
    """Write one model, the weighted mean of several.

    Args:
        members: `.keras` files with their weights, which sum to 1.
        inputs: from `Modality.inputs`.
        target: the file, or the folder.
        examples: to quantize by: prepared inputs of the training part, `.npy`.

    Returns:
        Which share of the weights is quantized; None where none is to be, or nobody can tell.

    Raises:
        ExportError: Keras or the converter says no, or there is nothing to quantize.
    """
    if format is KERAS and len(members) == 1 and not quantize:
        shutil.copyfile(members[0][0], target)
        return None
    wide = reads_wide(format.runtime)
    narrow = "float32" if inputs["dtype"] == "float64" and not wide else inputs["dtype"]
    known = {"shape": inputs["shape"], "dtype": narrow}
    request = {"members": [[str(path), weight] for path, weight in members], "inputs": known,
               "format": format.name, "target": str(target), "quantize": quantize,
               "examples": str(examples) if quantize else None}  # fmt: skip
    words = ["-m", "autotrain.export.conversion"]
    answer = run_child(words, f"the model cannot be written as {format.name}", json.dumps(request))
    if not quantize:
        return None
    share: float | None = json.loads(answer.strip().splitlines()[-1])["share"]
    if share == 0:
        others = [name for name, form in FORMATS.available().items()
                  if quantize in form.quantizations and form is not format]  # fmt: skip
        raise ExportError(
            f"--quantize {quantize} finds no weights to quantize in this model as {format.name}; "
            f"other formats that have it are {', '.join(others)}; nothing was kept"
        )
    return share


def run_child(words: Sequence[str], what: str, request: str = "") -> str:
    """Run Python in a fresh process on TensorFlow; what it printed.

    Args:
        words: of its command line; request: what it reads.

    Raises:
        ExportError: it failed; begins with `what`.
    """
    variables = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
                 "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    try:
        answer = run_python(words, request=request.encode(), environment=variables)
    except ProcessError as error:
        raise ExportError(f"{what}: {error}; nothing was kept") from None
    return answer.decode()


# The other process.


def _load(path: str, strings: bool, wide: bool) -> Any:
    """A model that reads strings if it may, and else the numbers that were made of them.

    Args:
        wide: whether these may have 64 bits; else they are centred already.
    """
    import keras

    from autotrain.compat.keras_internals import flat_layers
    from autotrain.training.raw_inputs import CENTRED

    model = keras.saving.load_model(path, safe_mode=True)
    for layer in flat_layers(model):
        if isinstance(layer, keras.layers.Normalization):  # tensors of its own are no constants
            layer.mean, layer.variance = np.array(layer.mean), np.array(layer.variance)
    inner = next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)
    narrowed = inner is not None and inner.name == CENTRED and not wide
    if inner is None or not (narrowed or (_from_strings(model) and not strings)):
        return model
    after = model.layers[model.layers.index(inner) + 1 :]
    if narrowed:
        inner = next(layer for layer in inner.layers if isinstance(layer, keras.Model))
    first = keras.Input(inner.input_shape[1:], dtype=inner.inputs[0].dtype)
    return keras.Sequential([first, inner, *after])


def _split(model: Any) -> tuple[Any, list[Any]]:
    """A model without the last layers that compute in 64 bits, and these."""
    import keras

    from autotrain.training.raw_inputs import WIDE

    last = [layer for layer in model.layers if layer.name.startswith(WIDE)]
    if not last:
        return model, []
    before = model.layers[: -len(last)]
    if isinstance(model, keras.Sequential):
        first = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)
        return keras.Sequential([first, *before]), last
    return keras.Model(_input(model), before[-1].output), last


def _from_strings(model: Any) -> bool:
    return len(model.inputs) > 1 or any(x.dtype == "string" for x in model.inputs)


def _input(model: Any) -> Any:
    """A tensor, or tensors by column."""
    import keras

    return model.inputs[0] if isinstance(model, keras.Sequential) else model.input


def _joined(members: Sequence[tuple[Any, float]], wide: bool) -> Any:
    """The weighted mean of the members' outputs, as one model.

    Args:
        wide: whether its outputs may have 64 bits; else their offset is added elsewhere.
    """
    import keras

    parts = [_split(model) for model, _ in members]
    last = parts[0][1]
    weights = [weight for _, weight in members]
    mean = _mean([(model, w) for (model, _), w in zip(parts, weights, strict=True)])
    if not last or not wide:
        return mean
    x = mean.outputs[0]
    for layer in last:
        x = layer.__class__.from_config(layer.get_config())(x)
    return keras.Model(_input(mean), x)


def _mean(members: Sequence[tuple[Any, float]]) -> Any:
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


def write_joined(
    members: Sequence[tuple[Any, float]],
    inputs: Mapping[str, Any],
    format: ExportFormat,
    target: str,
    quantize: str | None,
    examples: str | None = None,
) -> float | None:
    """What `convert` does, in this process; it needs Keras on TensorFlow."""
    strings, wide = format.runtime.READS_STRINGS, reads_wide(format.runtime)
    model = _joined([(_load(path, strings, wide), weight) for path, weight in members], wide)
    signature = _signature(model, inputs)
    if not quantize or examples is None:
        format.write(model, signature, target, quantize)
        return None
    known = np.load(examples, allow_pickle=False)
    format.write(model, signature, target, quantize, examples=known)
    return format.quantized_share(target)


def main() -> None:
    """What `convert` asks for."""
    request = json.loads(sys.stdin.read())
    form = FORMATS.get(request.pop("format"))
    print(json.dumps({"share": write_joined(format=form, **request)}))


if __name__ == "__main__":
    main()
