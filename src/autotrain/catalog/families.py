"""Model families, and what identifies the compiled program of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autotrain.catalog.hyperparameters import (
    AUGMENTATION,
    HYPERPARAMETERS,
    Hyperparameter,
    resolve,
)
from autotrain.space import Choice, Fixed, Space
from autotrain.trial import Params

PARTS = tuple(name for name in AUGMENTATION if name != "augmentation")
_USUAL = ("flip", "shift", "rotation", "zoom", "cutout")  # what `augmentation` alone stands for


@dataclass(frozen=True)
class Family:
    """A model family: where its builder lives and which data it reads.

    Attributes:
        module: has `build(structure, inputs, data, values)`; for a family of the user's own,
            the Python file.
        modality: `image`, `tabular` or `text`; None for any.
        function: of the user's file.
        defaults: of structural hyperparameters, where the general ones do not suit the family.
    """

    name: str
    module: str
    modality: str | None
    function: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_own(self) -> bool:
        """Whether the user brought it."""
        return self.function is not None

    def has(self, name: str) -> bool:
        """Whether a hyperparameter of the core means something here."""
        info = HYPERPARAMETERS.get(name)
        if info is None:
            return False
        mine = not info.only or self.name in info.only or self.modality in info.only
        return mine or (self.is_own and name in AUGMENTATION)

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Those of the core that it has."""
        return {name: info for name, info in HYPERPARAMETERS.items() if self.has(name)}


def _family(name: str, modality: str, **defaults: Any) -> Family:
    return Family(name, f"autotrain.training.models.{name}", modality, defaults=defaults)


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        _family("cnn", "image", blocks=1),
        _family("resnet", "image", depth=3, width=16),
        _family("convmixer", "image", depth=4, width=64, kernel=5, patch=2),
        _family("vit", "image", depth=4, width=64),
        _family("transfer", "image"),
        _family("mlp", "tabular"),
        _family("text_cnn", "text", width=64, embedding=64),
        _family("text_transformer", "text", width=64),
    )
}


def family_of(model: str | None) -> Family | None:
    """The family of a name, or of `file.py:function`; None where there is none."""
    if model in FAMILIES:
        return FAMILIES[model]
    path, colon, function = (model or "").rpartition(":")
    if colon and path.endswith(".py") and function.isidentifier():
        return Family(str(model), path, None, function)
    return None


def models_of(space: Space) -> tuple[str, ...]:
    """The families that a space chooses among; one unless `model` is a parameter."""
    choice = space.parameters.get("model")
    if isinstance(choice, Choice):
        return tuple(map(str, choice.values))
    if isinstance(choice, Fixed):
        return (str(choice.value),)
    return (space.model,) if space.model else ()


def model_of(space: Space, params: Params) -> str:
    """The family of one configuration."""
    return str(params.get("model") or space.model)


def parts_of(params: Params) -> tuple[str, ...]:
    """The parts of augmentation that take part in the program: those mentioned, and the usual ones."""
    present = {name for name in PARTS if params.get(name) is not None}
    if params.get("augmentation") is not None:
        present |= set(_USUAL)
    return tuple(name for name in PARTS if name in present)


def structure_of(model: str, params: Params) -> tuple[tuple[str, Any], ...]:
    """What identifies the compiled program of a configuration: equal keys share one program."""
    family = family_of(model)
    assert family is not None
    full = resolve({**family.defaults, **params})
    parts = {n: full[n] for n, info in family.hyperparameters().items() if info.structural}
    optional = {n for n, info in family.hyperparameters().items() if info.optional}
    present = {n for n in optional - set(AUGMENTATION) if params.get(n) is not None}
    if family.is_own:  # its builder gets plain numbers, so they shape its program
        parts |= {n: v for n, v in params.items() if n != "model" and not family.has(n)}
        parts |= {n: params[n] for n in ("dropout",) if n in params}
    augmentation = parts_of(params) if family.has("augmentation") else ()
    extra = {
        "optional": tuple(sorted(present)),
        "augmentation": augmentation,
        # Data with examples made for a trial has another size than the data on the device.
        "made": params.get("sampling") == "smote",
    }
    return (("model", model), *sorted(parts.items()), *extra.items())


def values_of(params: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that go into the program's variables for one configuration."""
    full = resolve(params)
    largest = 3.0e38  # larger than any finite gradient or norm
    unlimited = ("clip_norm", "clip_value", "max_norm")
    names = (*_SCALARS, *unlimited)
    values = {n: full[n] if full[n] is not None else 0.0 for n in names}
    values |= {n: largest for n in unlimited if full[n] is None}
    overall = 1.0 if full["augmentation"] is None else full["augmentation"]
    for name in PARTS:
        own = full[name]
        if own is None:
            own = 0.5 if name == "flip" else 1.0
        values[name] = overall * own
    return {name: float(value) for name, value in values.items()}


_SCALARS = (
    "dropout",
    "spatial_dropout",
    "stochastic_depth",
    "l1",
    "l2",
    "label_smoothing",
    "focal_gamma",
    "soft_weight",
    "temperature",
    "ema_decay",
    "fine_tune_factor",
    "momentum",
    "weight_decay",
)
