"""What can be searched over: every hyperparameter of the training core, as one table.

A *structural* parameter shapes the compiled program; a *value* lives in a variable (or in the
learning rates and batches handed to the program), so changing it costs no compilation. An
*optional* value has no part in the program of a space that does not mention it, so that others do
not pay for it. Nothing here imports Keras: the coordinator uses these tables too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from autotrain.catalog.backbones import BACKBONES
from autotrain.trial import Params

OPTIMIZERS = ("sgd", "rmsprop", "adam", "adamw", "nadam", "lion", "lamb", "muon")
SCHEDULES = (
    "constant",
    "step",
    "exponential",
    "polynomial",
    "cosine",
    "cosine_restarts",
    "one_cycle",
    "triangular",
    "plateau",
)
ATTENTION = ("none", "se", "cbam")


@dataclass(frozen=True)
class Hyperparameter:
    """One searchable part of the core.

    Attributes:
        default: used when a space does not mention the parameter; None means absent.
        kind: `int`, `float`, `bool`, `choice` or `text`.
        low, high: inclusive limits; `above` makes the lower one, `below` the upper one exclusive.
        structural: whether another value needs another compiled program.
        optional: a value whose presence is structural.
        common: whether every family has it; otherwise those that list it.
        what: one line for the documentation.
    """

    default: Any
    kind: str
    what: str
    low: float = float("-inf")
    high: float = float("inf")
    above: bool = False
    below: bool = False
    choices: tuple[str, ...] = ()
    structural: bool = False
    optional: bool = False
    common: bool = True

    def rule(self) -> str:
        """The values allowed, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        if self.kind == "text":
            return "a text"
        words = (
            []
            if self.low == float("-inf")
            else [f"{'above' if self.above else 'at least'} {self.low:g}"]
        )
        if self.high != float("inf"):
            words.append(f"{'below' if self.below else 'at most'} {self.high:g}")
        kind = "a whole number" if self.kind == "int" else "a number"
        return " ".join([kind, " and ".join(words)]).strip()

    def allows(self, value: object) -> bool:
        """Whether `value` is of the right type and within the limits."""
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "bool":
            return isinstance(value, bool)
        if self.kind == "text":
            return isinstance(value, str) and bool(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if self.kind == "int" and not isinstance(value, int):
            return False
        if value < self.low or (self.above and value == self.low):
            return False
        return not (value > self.high or (self.below and value == self.high))


def _int(default: int, what: str, low: float, high: float) -> Hyperparameter:
    return Hyperparameter(default, "int", what, low, high, structural=True)


def _flag(default: bool, what: str) -> Hyperparameter:
    return Hyperparameter(default, "bool", what, structural=True)


def _pick(default: str, what: str, choices: tuple[str, ...]) -> Hyperparameter:
    return Hyperparameter(default, "choice", what, choices=choices, structural=True)


def _part(what: str) -> Hyperparameter:
    return Hyperparameter(None, "float", what, 0, 1, optional=True)


def _listed(table: Mapping[str, Hyperparameter]) -> dict[str, Hyperparameter]:
    """Those of families that list them."""
    return {name: replace(info, common=False) for name, info in table.items()}


_H = Hyperparameter

ARCHITECTURE = _listed({
    "depth": _int(2, "stages (cnn, resnet), hidden layers (mlp) or blocks (the others)", 1, 64),
    "width": _int(32, "filters of the first stage (cnn, resnet) or a window (text_cnn), units a layer (mlp), "
        "channels (the others)", 1, 8192),
    "kernel": _int(3, "side of the convolution window in pixels; text_cnn: tokens of the shortest window",
        1, 31),
    "batch_norm": _flag(True, "batch normalization after each layer"),
    "pooling": _pick("max", "how a stage halves the image", ("max", "average", "stride")),
    "dense_units": _int(0, "units of a dense layer before the output, 0 for none", 0, 8192),
    "residual": _flag(False, "add each hidden layer's input to its output"),
    "blocks": _int(2, "residual blocks (resnet) or convolutions (cnn, where 1 is the default) a stage", 1, 64),
    "bottleneck": _flag(False, "blocks of 1x1, kernel and 1x1, four times as wide at the end"),
    "preactivation": _flag(False, "batch norm and ReLU before each convolution, not after"),
    "attention": _pick("none", "weighs channels (se), or channels and places (cbam), of each block",
        ATTENTION),
    "patch": _int(4, "side in pixels of the square pieces that an image is cut into", 1, 64),
    "heads": _int(4, "attention heads, which share the width", 1, 64),
    "mlp_ratio": _int(2, "hidden units of a block's dense part, as a multiple of the width", 1, 16),
    "class_token": _flag(False, "classify by a token of its own, not by the mean over all"),
    "backbone": _pick("MobileNetV2", "pretrained network of keras.applications", BACKBONES),
    "weights": _H("imagenet", "text", "of the backbone: imagenet, none, or a file of weights",
        structural=True),
    "input_size": _int(0, "side in pixels that images are brought to, 0 for their own", 0, 2048),
    "unfreeze": _H(0.3, "float", "share of the backbone's layers, from the top, that learn in the second phase",
        0, 1, structural=True),
    "embedding": _int(0, "numbers for each category (mlp; 0 by how many levels it has) or token (text_cnn)",
        0, 4096),
    "windows": _int(3, "window lengths side by side, each one token longer", 1, 16),
    "vocabulary": _int(10000, "most frequent words (or characters) that are known", 3, 10_000_000),
    "sequence_length": _int(0, "words (or characters) of a text that are read, 0 for as many as the data has",
        0, 100_000),
})  # fmt: skip

TRAINING = {
    "batch_size": _int(64, "examples a training step", 1, 65536),
    "accumulation": _int(1, "pieces in which a step computes its gradient, to save memory", 1, 256),
    "optimizer": _pick("adam", "update rule", OPTIMIZERS),
    "nesterov": _flag(True, "look ahead along the momentum (sgd)"),
    "ema": _flag(False, "evaluate and keep the moving average of the weights"),
    "loss": _pick("auto", "auto is cross-entropy, for regression the squared error", ("auto", "mse", "mae", "huber")),
    "precision": _pick("auto", "type of the computation; auto is float32 on CPU, bfloat16 on GPU",
        ("auto", "float32", "bfloat16", "float16")),
    "jit_compile": _pick("auto", "XLA on TensorFlow; auto is off on CPU, on on GPU (JAX always compiles)",
        ("auto", "on", "off")),
    "learning_rate": _H(1e-3, "float", "peak of the schedule", 0, above=True),
    "schedule": _H("constant", "choice", "how the learning rate moves over all epochs", choices=SCHEDULES),
    "warmup": _H(0.0, "float", "share of all steps over which the rate rises from 0", 0, 0.5),
    "peak": _H(0.3, "float", "share of the steps before the peak of one_cycle and triangular",
        0, 1, above=True, below=True),
    "final_factor": _H(0.01, "float", "exponential and polynomial: what is left of the rate at the end", 0, 1),
    "power": _H(1.0, "float", "exponent of polynomial", 0, above=True),
    "cycles": _H(3, "int", "cosine_restarts: how many, each twice as long as the one before", 1, 20),
    "plateau_patience": _H(3, "int", "plateau: epochs without improvement before the rate falls", 1),
    "plateau_factor": _H(0.3, "float", "plateau: what the rate is multiplied with", 0, 1, above=True, below=True),
    "momentum": _H(0.9, "float", "momentum of sgd, rmsprop and muon", 0, 1, below=True),
    "weight_decay": _H(0.0, "float", "decay of kernels: decoupled, for adam in the gradient", 0),
    "clip_norm": _H(None, "float", "largest global norm of the gradient", 0, above=True),
    "clip_value": _H(None, "float", "largest size of each number in the gradient", 0, above=True, optional=True),
    "ema_decay": _H(0.99, "float", "decay of the moving average, with ema", 0, 1, below=True),
    "frozen_share": _H(0.5, "float", "share of the epochs in which the backbone rests", 0, 1, common=False),
    "fine_tune_factor": _H(0.1, "float", "the backbone's learning rate in the second phase, as a share of the head's",
        0, 1, above=True, common=False),
    "patience": _H(None, "int", "early stopping: epochs without improvement before the trial ends", 1),
}  # fmt: skip

REGULARIZATION = {
    "dropout": _H(0.0, "float", "share of units dropped before the output; mlp: after each layer; vit: in each block",
        0, 1, below=True),
    "spatial_dropout": _H(None, "float", "share of whole feature maps dropped after each stage",
        0, 1, below=True, optional=True, common=False),
    "stochastic_depth": _H(None, "float", "share of examples that skip the last block; rises from block to block",
        0, 1, below=True, optional=True, common=False),
    "l1": _H(None, "float", "L1 penalty on kernels, added to the loss", 0, optional=True),
    "l2": _H(0.0, "float", "L2 penalty on kernels, added to the loss", 0),
    "max_norm": _H(None, "float", "largest norm of the weights into a unit", 0, above=True, optional=True),
    "label_smoothing": _H(0.0, "float", "probability mass spread over all classes", 0, 1, below=True),
    "focal_gamma": _H(None, "float", "focal loss: how much less easy examples count", 0, 10, optional=True),
    "quantile": _H(None, "float", "regression: the pinball loss, which learns this quantile", 0, 1,
        above=True, below=True, optional=True),
    "class_weights": _H("none", "choice",
        "balanced: every class counts the same in the loss", choices=("none", "balanced")),
    "sampling": _H("none", "choice",
        "over repeats examples of rare classes, under leaves out common ones, smote makes new ones",
        choices=("none", "over", "under", "smote")),
    "soft_weight": _H(None, "float", "distilling: share of the loss that asks for the teacher's outputs",
        0, 1, optional=True),
    "temperature": _H(3.0, "float", "distilling: what logits are divided by, so that the teacher's doubts show",
        0, above=True),
}  # fmt: skip

AUGMENTATION = _listed({
    "augmentation": _part("strength of all parts; brings in flip, shift, rotation, zoom and cutout"),
    "flip": _part("probability of a left-right flip"),
    "shift": _part("strength of the random shift"),
    "rotation": _part("strength of the random rotation"),
    "zoom": _part("strength of the random zoom"),
    "shear": _part("strength of the random shear"),
    "brightness": _part("strength of the random change of brightness"),
    "contrast": _part("strength of the random change of contrast"),
    "saturation": _part("strength of the random change of saturation, in colour images"),
    "hue": _part("strength of the random turn of the hue, in colour images"),
    "randaugment": _part("strength of two transformations an image out of a list"),
    "cutout": _part("strength of the erased square"),
    "mixup": _part("strength of blending each image, and its target, with another"),
    "cutmix": _part("strength of pasting a box of another image, and its share of the target"),
})  # fmt: skip

HYPERPARAMETERS: dict[str, Hyperparameter] = {
    **ARCHITECTURE,
    **TRAINING,
    **REGULARIZATION,
    **AUGMENTATION,
}


def resolve(params: Params) -> dict[str, Any]:
    """All hyperparameters of a configuration, defaults filled in."""
    defaults = {name: info.default for name, info in HYPERPARAMETERS.items()}
    return {**defaults, **params}
