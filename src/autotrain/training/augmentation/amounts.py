"""How much of each transformation an image gets: what every strength means."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keras import ops

from autotrain.training.tensors import Tensor

Uniform = Callable[..., Any]  # shape to float32 numbers in [0, 1)
Amounts = dict[str, Any]  # transformation to [n]: how much each image gets of it


@dataclass(frozen=True)
class Transformation:
    """A transformation that takes an amount of either sign, 0 for none.

    Attributes:
        part: the hyperparameter that it belongs to; None where only RandAugment has it.
        limit: the largest amount at strength 1, drawn evenly from both signs.
        magnitude: the amount that RandAugment gives at strength 1; None where it lacks it.
    """

    part: str | None = None
    limit: float = 0.0
    magnitude: float | None = None


# Amounts of colour are SimCLR's (Chen et al. 2020, appendix A, strength 1); RandAugment's are the
# largest of Cubuk et al. 2019 (AutoAugment), table 6, which it takes over.
TRANSFORMATIONS = {
    "rotation": Transformation("rotation", math.radians(20), math.radians(30)),
    "shift_x": Transformation("shift", 0.15, 0.45),  # share of the side
    "shift_y": Transformation("shift", 0.15, 0.45),
    "zoom_x": Transformation("zoom", 0.2),  # share of the size
    "zoom_y": Transformation("zoom", 0.2),
    "shear_x": Transformation("shear", 0.2, 0.3),  # sideways pixels for each pixel down
    "shear_y": Transformation("shear", 0.2, 0.3),
    "brightness": Transformation("brightness", 0.8, 0.9),  # added to a factor of 1
    "contrast": Transformation("contrast", 0.8, 0.9),
    "saturation": Transformation("saturation", 0.8, 0.9),
    "hue": Transformation("hue", 0.2),  # of the whole circle of colours
    "sharpness": Transformation(magnitude=0.9),
    "solarize": Transformation(magnitude=1.0),  # share of the range that is inverted
    "posterize": Transformation(magnitude=4.0),  # of 8 bits that are dropped
}
_PICKS = 2  # transformations an image, N in Cubuk et al. 2020


def draw_amounts(strengths: Mapping[str, Tensor], images: Tensor, uniform: Uniform) -> Amounts:
    """Amounts [n] of all transformations in the program; `flip` is 1 where an image is mirrored.

    Args:
        strengths: scalars of the parts in the program.
        images: n, how many.
    """
    amounts: Amounts = {}
    own = [name for name, t in TRANSFORMATIONS.items() if t.part in strengths]
    if own:
        draws = 2.0 * uniform(images, len(own)) - 1.0
        for i, name in enumerate(own):
            info = TRANSFORMATIONS[name]
            amounts[name] = draws[:, i] * (info.limit * strengths[str(info.part)])
    if "flip" in strengths:
        amounts["flip"] = ops.cast(uniform(images) < strengths["flip"], "float32")
    if "randaugment" in strengths:
        for name, amount in _randaugment(strengths["randaugment"], images, uniform).items():
            amounts[name] = amounts[name] + amount if name in amounts else amount
    return amounts


def _randaugment(strength: Tensor, images: Tensor, uniform: Uniform) -> Amounts:
    """Two transformations an image, evenly out of a list, all of one magnitude, signs at random.

    Cubuk et al. 2020, algorithm 1, with the strength for the magnitude. Of its list, equalize and
    autocontrast are left out, for they have no magnitude that could be 0; the identity is in it.
    What is picked twice is done with the sum of both amounts, and geometry comes before colour.
    """
    listed = {n: t.magnitude for n, t in TRANSFORMATIONS.items() if t.magnitude is not None}
    draws = uniform(images, _PICKS, 2)
    picked = ops.floor(draws[..., 0] * (len(listed) + 1))  # the last is the identity
    signed = ops.where(draws[..., 1] < 0.5, -strength, strength)
    return {
        name: ops.sum(ops.where(picked == i, signed * magnitude, 0.0), axis=1)
        for i, (name, magnitude) in enumerate(listed.items())
    }


def unless_zero(amount: Tensor, change: Callable[[], Any], images: Tensor) -> Tensor:
    """What `change` gives, or the images as they are where the amount is 0 for all of them.

    So a strength of 0 takes no time, and on CPU XLA keeps the changes apart: fused into one it
    computes each of them anew for every pixel that the next one looks at, at ten times the time.
    """
    return ops.cond(ops.any(amount != 0), change, lambda: images)
