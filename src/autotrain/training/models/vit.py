"""A vision transformer (Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words"), small.

Patches of the image become tokens with learned positions; every block is attention and a dense
part, each behind a layer norm and inside a residual branch. Without `class_token` the mean over
all tokens is classified, which needs fewer images (Zhai et al. 2022).
"""

from __future__ import annotations

from keras import initializers, layers

from autotrain.catalog.families import Structure
from autotrain.errors import InfeasibleError
from autotrain.training.inputs import DataShape
from autotrain.training.models import head
from autotrain.training.models.transformer import either, encode
from autotrain.training.tensors import Tensor
from autotrain.training.values import Values


def build(structure: Structure, inputs: Tensor, data: DataShape, values: Values) -> Tensor:
    """Logits [n, outputs] from images [n, h, w, c].

    Raises:
        InfeasibleError: the patch does not divide the image, or the heads do not divide the width.
    """
    _check_patch(structure["patch"], *inputs.shape[1:3])
    x = encode(structure, _tokens(structure, inputs), values)
    if structure["class_token"]:
        x = layers.Flatten()(layers.Cropping1D((0, x.shape[1] - 1))(x))
    else:
        x = layers.GlobalAveragePooling1D()(x)
    return head(structure, x, data, values)


def _check_patch(patch: int, height: int, width: int) -> None:
    if height % patch or width % patch:
        fitting = [n for n in range(1, min(height, width) + 1) if not (height % n or width % n)]
        raise InfeasibleError(
            f"patch divides the image's height and width, got {patch} for {height}x{width}: "
            f"here {either(fitting)} would fit"
        )


def _tokens(structure: Structure, images: Tensor) -> Tensor:
    """Tokens [n, patches, width] of images: patches, projected, plus learned positions.

    The bias of the projection is one per patch and channel: that is the position (equation 1). A
    token of its own is an empty patch in front, of which the projection leaves just the bias.
    """
    patch, (height, width, channels) = structure["patch"], images.shape[1:]
    x = layers.Reshape((height // patch, patch, width // patch, patch * channels))(images)
    x = layers.Permute((1, 3, 2, 4))(x)
    x = layers.Reshape((-1, patch * patch * channels))(x)
    if structure["class_token"]:
        x = layers.ZeroPadding1D((1, 0))(x)
    return layers.EinsumDense(
        "bnp,pd->bnd",
        output_shape=(x.shape[1], structure["width"]),
        bias_axes="nd",
        bias_initializer=initializers.RandomNormal(stddev=0.02),
        name="patch_embedding",
    )(x)
