"""Families of the user's own: a function in a Python file that builds the model."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import keras

from autotrain.catalog.families import ModelFamily, Structure
from autotrain.errors import ConfigurationError


def build_own(
    family: ModelFamily, structure: Structure, inputs: Any, x: Any, outputs: int
) -> keras.Model:
    """The user's model behind the core's own preparation of the inputs.

    The function is called as `build(params, shape, classes)`: the hyperparameters of the model,
    the shape of one prepared example, and the number of outputs. It returns a `keras.Model` from
    prepared examples to logits (or, for regression, to standardized numbers).

    Raises:
        ConfigurationError: the file or function is not there, or what it returns does not fit.
    """
    function = _load(family)
    params = {name: value for name, value in structure.items() if name != "model"}
    model = function(params, tuple(x.shape[1:]), outputs)
    if not isinstance(model, keras.Model):
        raise ConfigurationError(f"{family.name} must return a keras.Model, got {model!r}")
    logits = model(x)
    if tuple(logits.shape[1:]) != (outputs,):
        raise ConfigurationError(
            f"{family.name} must return a model with outputs [n, {outputs}], "
            f"got {list(logits.shape)}"
        )
    last = getattr(model.layers[-1], "activation", None)
    if last in (keras.activations.softmax, keras.activations.sigmoid):
        raise ConfigurationError(
            f"{family.name} must return logits: leave out activation={last.__name__!r} of the "
            "last layer, the loss applies it"
        )
    return keras.Model(inputs, logits)


def _load(family: ModelFamily) -> Any:
    file, _, function = family.builder.rpartition(":")
    path = Path(file).expanduser()
    if not path.is_file():
        raise ConfigurationError(f"the model's file {path} does not exist")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not callable(getattr(module, function, None)):
        raise ConfigurationError(f"{path} has no function {function!r}")
    return getattr(module, function)
