"""Erasing a square, and mixing each example with another of its batch."""

from __future__ import annotations

from collections.abc import Mapping

from keras import ops

from autotrain.training.augmentation.amounts import Uniform
from autotrain.training.tensors import Tensor

# What strength 1 means.
_CUTOUT = 0.5  # share of the shorter side, for the largest square
_MIXUP = 1.0  # alpha of the Beta distribution; Zhang et al. 2018 use it on CIFAR, 0.2 on ImageNet
_CUTMIX = 1.0  # share of the image, for the largest box: that of Yun et al. 2019


def cutout(images: Tensor, strength: Tensor, uniform: Uniform) -> Tensor:
    """One square an image set to the image's mean (DeVries and Taylor 2017)."""
    side = min(images.shape[1:3])
    draws = uniform(ops.shape(images)[0], 3)
    half = draws[:, 0] * (_CUTOUT * strength * side / 2.0)
    erased = _box(images, draws[:, 1], draws[:, 2], half, half)
    return images + erased * (ops.mean(images, axis=(1, 2), keepdims=True) - images)


def mix(
    images: Tensor, targets: Tensor, strengths: Mapping[str, Tensor], uniform: Uniform
) -> tuple[Tensor, Tensor]:
    """Each example mixed with the one before it in the batch, and its target by the same share.

    With both `mixup` and `cutmix`, each example draws one of them.

    Args:
        images: [n, h, w, c]; the batch is in random order, so the one before is any other.
        targets: [n, outputs]; a share of pixels counts as the same share of the target.
    """
    count = ops.shape(images)[0]
    shares = {}  # of the other image, [n, h or 1, w or 1, 1]
    if "mixup" in strengths:
        shares["mixup"] = _mixup_share(_MIXUP * strengths["mixup"], count, uniform)
    if "cutmix" in strengths:
        shares["cutmix"] = _cutmix_box(images, _CUTMIX * strengths["cutmix"], uniform)
    if len(shares) == 2:
        first = uniform(count, 1, 1, 1) < 0.5
        share = ops.where(first, shares["mixup"], shares["cutmix"])
    else:
        (share,) = shares.values()
    images = (1.0 - share) * images + share * ops.roll(images, 1, axis=0)
    whole = ops.mean(share, axis=(1, 2))
    return images, (1.0 - whole) * targets + whole * ops.roll(targets, 1, axis=0)


def _mixup_share(alpha: Tensor, count: Tensor, uniform: Uniform) -> Tensor:
    """The smaller of L and 1 - L, L of Beta(alpha, alpha), an image each (Zhang et al. 2018).

    A pair with L and the same pair with 1 - L are equally likely, so that taking the smaller one
    changes nothing but whose name the pair has. At alpha 0 it is 0.
    """
    half = symmetric_beta(ops.maximum(alpha, 1e-6), uniform(count, 4))
    share = ops.where(alpha > 0, ops.minimum(half, 1.0 - half), 0.0)
    return share[:, None, None, None]


def symmetric_beta(alpha: Tensor, draws: Tensor) -> Tensor:
    """Exact Beta(alpha, alpha) for any alpha above 0, without rejection, so it compiles anywhere.

    Beta(alpha + 1, alpha + 1) is one formula of two uniform numbers (Ulrich 1984). Gamma(alpha) is
    Gamma(alpha + 1) times U ** (1 / alpha) (Stuart 1962), and a Beta is a ratio of Gammas; together
    the logit of the result is that of the first Beta plus (log U - log V) / alpha.

    Args:
        alpha: a scalar tensor.
        draws: [n, 4] uniform numbers in [0, 1).

    Returns:
        [n] in [0, 1].
    """
    radius = ops.sqrt(1.0 - (1.0 - draws[:, 0]) ** (2.0 / (2.0 * alpha + 1.0)))
    upper = 0.5 * (1.0 + radius * ops.cos(6.283185307 * draws[:, 1]))
    upper = ops.clip(upper, 1e-7, 1.0 - 1e-7)
    logs = ops.log(1.0 - draws[:, 2:])  # of numbers in (0, 1]
    return ops.sigmoid(ops.log(upper) - ops.log(1.0 - upper) + (logs[:, 0] - logs[:, 1]) / alpha)


def _cutmix_box(images: Tensor, largest: Tensor, uniform: Uniform) -> Tensor:
    """1 inside a box of the image's proportions, 0 outside (Yun et al. 2019, section 3.1).

    Its area is drawn evenly up to `largest`, its centre anywhere; what lies outside is cut off.
    """
    height, width = images.shape[1:3]
    draws = uniform(ops.shape(images)[0], 3)
    half = ops.sqrt(draws[:, 0] * largest) / 2.0
    return _box(images, draws[:, 1], draws[:, 2], half * height, half * width)


def _box(images: Tensor, y: Tensor, x: Tensor, half_height: Tensor, half_width: Tensor) -> Tensor:
    """1 for the pixels of images whose centre is inside a box, [n, h, w, 1].

    Args:
        y, x: the box's centre, a share of the side, [n].
        half_height, half_width: in pixels, [n].
    """

    def inside(side: int, centre: Tensor, half: Tensor) -> Tensor:
        pixels = ops.arange(side, dtype="float32") + 0.5
        distance = ops.abs(pixels[None, :] - centre[:, None] * side)
        return ops.cast(distance < half[:, None], "float32")

    height, width = images.shape[1:3]
    rows, columns = inside(height, y, half_height), inside(width, x, half_width)
    return rows[:, :, None, None] * columns[:, None, :, None]
