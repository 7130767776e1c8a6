"""A pretrained backbone of `keras.applications` with a new head.

In the first phase of a trial only the head learns; in the second the top part of the backbone
learns too, at a lower rate. The backbone's batch norm stays in inference throughout (Keras's guide
on transfer learning), for the statistics of few images would spoil it.
"""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers, ops

from autotrain.catalog.backbones import PREPARATIONS, smallest_side
from autotrain.catalog.families import Structure
from autotrain.errors import ConfigurationError, InfeasibleError
from autotrain.training.inputs import DataShape
from autotrain.training.models import Network, head
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, in [0, 1]


def build(structure: Structure, x: Tensor, data: DataShape, values: Values) -> Network:
    """Logits from images [n, h, w, 1 or 3], in [0, 1] or standardized."""
    name = structure["backbone"]
    backbone = _backbone(name, structure["weights"], _side(structure, x))
    rests = len(backbone.layers) - round(structure["unfreeze"] * len(backbone.layers))
    for i, layer in enumerate(backbone.layers):
        # What keeps batch norm in inference: `training=False` of a call inside a model is overruled.
        layer.trainable = i >= rests and not isinstance(layer, layers.BatchNormalization)
    x = _prepared(x, data, PREPARATIONS[name], backbone.input_shape[1])
    x = backbone(x)
    x = layers.GlobalAveragePooling2D()(x)
    return Network(head(structure, x, data, values), backbone.trainable_variables)


def _side(structure: Structure, x: Tensor) -> int:
    """Side in pixels to which images are brought."""
    least, side = smallest_side(structure["backbone"]), structure["input_size"]
    if 0 < side < least:
        raise InfeasibleError(
            f"{structure['backbone']} takes images of at least {least} pixels, got input_size "
            f"{side}: set it to {least} or more, or to 0 for the images' own size"
        )
    return side or max(least, *x.shape[1:3])


def _backbone(name: str, weights: str, side: int) -> keras.Model:
    factory = getattr(keras.applications, name)
    source = weights if weights == "imagenet" else str(Path(weights).expanduser())
    shape = (side, side, 3)
    if weights == "none":
        return factory(include_top=False, weights=None, input_shape=shape)
    try:
        return factory(include_top=False, weights=source, input_shape=shape)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigurationError(_advice(name, weights, lines[0])) from error


def _advice(name: str, weights: str, cause: str) -> str:
    if weights == "imagenet":
        return (
            f"the ImageNet weights of {name} cannot be had ({cause}): without a network, put the file "
            "that Keras names into ~/.keras/models, or name a file of weights: weights: FILE.h5, "
            "or start from random ones: weights: none"
        )
    return (
        f"weights: {weights} does not fit {name} without its top ({cause}): name a file saved from "
        f"keras.applications.{name}(include_top=False), or set weights to imagenet or none"
    )


def _prepared(x: Tensor, data: DataShape, preparation: str, side: int) -> Tensor:
    """Images as the backbone saw them when it was trained."""
    channels = x.shape[-1]
    if channels not in (1, 3):
        raise InfeasibleError(
            f"a pretrained backbone takes images with 1 or 3 channels, got {channels}: "
            "use cnn or resnet, or keep three channels"
        )
    if data.mean is not None:  # standardized: give them ImageNet's usual brightness and contrast
        x = layers.Rescaling(_DEVIATION[1], _MEAN[1])(x)
    if channels == 1:
        x = layers.Concatenate()([x, x, x])
    if tuple(x.shape[1:3]) != (side, side):
        x = layers.Resizing(side, side)(x)
    if preparation == "symmetric":
        return layers.Rescaling(2.0, -1.0)(x)
    if preparation == "standardized":
        return layers.Normalization(mean=_MEAN, variance=[d**2 for d in _DEVIATION])(x)
    x = layers.Rescaling(255.0)(x)
    if preparation == "centred":
        mean = [103.939, 116.779, 123.68]
        x = layers.Normalization(mean=mean, variance=[1.0] * 3)(ops.flip(x, axis=-1))
    return x
