"""Model families: what each reads and can be searched over, and what identifies its programs.

A family is declared here without Keras, for the coordinator knows it; its builder is imported where
it trains. A package adds one by an entry point that leads to such a declaration:

    [project.entry-points."autotrain.models"]
    wide = "my_package.declarations:WIDE"

with `WIDE = ModelFamily("wide", "tabular", "my_package.keras_part:build", ("depth", "width"))`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeAlias

from autotrain.catalog.hyperparameters import AUGMENTATION, HYPERPARAMETERS, Hyperparameter
from autotrain.errors import ConfigurationError
from autotrain.registry import Registry
from autotrain.space import Choice, Fixed, Space
from autotrain.trial import Params

# The hyperparameters that shape the program of a configuration, by name; see `structure_of`.
Structure: TypeAlias = Mapping[str, Any]

PARTS = tuple(name for name in AUGMENTATION if name != "augmentation")
_USUAL = ("flip", "shift", "rotation", "zoom", "cutout")  # what `augmentation` alone stands for


@dataclass(frozen=True)
class ModelFamily:
    """A model family.

    Attributes:
        name: as `model:` says it.
        modality: what it reads, a name of `MODALITIES`; None for anything.
        builder: where it is built: `module:function`, called as `build(structure, inputs, data,
            values)`; it returns outputs [n, outputs] or a `Network`. Of a family that a user
            brings, `file.py:function`, called as `build(params, shape, classes)`.
        listed: names of the shared hyperparameters that it has besides those of all families.
        own: hyperparameters that no other family has.
        defaults: of structural hyperparameters, where the general ones do not suit the family.
    """

    name: str
    modality: str | None
    builder: str
    listed: tuple[str, ...] = ()
    own: Mapping[str, Hyperparameter] = field(default_factory=dict, hash=False)
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_own(self) -> bool:
        """Whether it is a function in a file of the user's."""
        return self.builder.rpartition(":")[0].endswith(".py")

    def has(self, name: str) -> bool:
        """Whether a hyperparameter means something here."""
        info = HYPERPARAMETERS.get(name)
        return name in self.own or (info is not None and (info.common or name in self.listed))

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Those that it has, the shared ones in the order of their table."""
        shared = {name: info for name, info in HYPERPARAMETERS.items() if self.has(name)}
        return {**shared, **self.own}

    def find(self, name: str) -> Hyperparameter | None:
        """A hyperparameter of its own, or of any family."""
        return self.own.get(name) or HYPERPARAMETERS.get(name)

    @property
    def own_values(self) -> tuple[str, ...]:
        """Of its own hyperparameters those that live in variables of each program."""
        return tuple(n for n, info in self.own.items() if not info.structural)

    def resolve(self, params: Params) -> dict[str, Any]:
        """All hyperparameters of a configuration, defaults filled in."""
        known = {**HYPERPARAMETERS, **self.own}
        return {**{n: info.default for n, info in known.items()}, **self.defaults, **params}

    def load_builder(self) -> Callable[..., Any]:
        """The builder of a family that is no user's own; imports Keras.

        Raises:
            ConfigurationError: it is not there.
        """
        module, _, function = self.builder.partition(":")
        try:
            found: Callable[..., Any] = getattr(import_module(module), function)
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                f"the builder of the model '{self.name}' cannot be loaded from {self.builder}: {error}"
            ) from error
        return found


def _family(
    name: str,
    modality: str,
    listed: str,
    own: Mapping[str, Hyperparameter] | None = None,
    **defaults: object,
) -> ModelFamily:
    builder = f"autotrain.training.models.{name}:build"
    augmentation = tuple(AUGMENTATION) if modality == "image" else ()
    names = (*listed.split(), *augmentation)
    return ModelFamily(name, modality, builder, names, own or {}, defaults)


_SEQUENCE = {
    "block": Hyperparameter("conv", "choice", "what its blocks are made of",
        choices=("conv", "gru", "lstm", "transformer"), structural=True),
    "dilation": Hyperparameter(2, "int", "conv: how many times as far each block looks as the one "
        "before", 1, 16, structural=True),
    "bidirectional": Hyperparameter(False, "bool", "gru, lstm: read from the end too",
        structural=True),
    "summary": Hyperparameter("mean", "choice", "what the output sees of all steps",
        choices=("mean", "max", "last"), structural=True),
}  # fmt: skip


FAMILIES: Registry[ModelFamily] = Registry(
    "model",
    "autotrain.models",
    {
        family.name: family
        for family in (
            _family("cnn", "image", "depth width kernel batch_norm pooling dense_units blocks "
                    "spatial_dropout", blocks=1),
            _family("resnet", "image", "depth width kernel blocks bottleneck preactivation attention "
                    "stochastic_depth", depth=3, width=16),
            _family("convmixer", "image", "depth width kernel patch stochastic_depth",
                    depth=4, width=64, kernel=5, patch=2),
            _family("vit", "image", "depth width patch heads mlp_ratio class_token stochastic_depth",
                    depth=4, width=64),
            _family("transfer", "image", "backbone weights input_size unfreeze frozen_share "
                    "fine_tune_factor"),
            _family("mlp", "tabular", "depth width batch_norm residual embedding"),
            _family("text_cnn", "text", "width kernel batch_norm dense_units embedding windows "
                    "vocabulary sequence_length spatial_dropout", width=64, embedding=64),
            _family("text_transformer", "text", "depth width heads mlp_ratio vocabulary "
                    "sequence_length stochastic_depth", width=64),
            _family("sequence", "sequence", "depth width kernel batch_norm dense_units heads "
                    "mlp_ratio spatial_dropout stochastic_depth", _SEQUENCE, depth=3),
        )
    },
)  # fmt: skip


def family_of(model: str | None) -> ModelFamily | None:
    """The family of a name, or of `file.py:function`; None where there is none."""
    if model in FAMILIES:
        return FAMILIES.get(str(model))
    path, colon, function = (model or "").rpartition(":")
    if colon and path.endswith(".py") and function.isidentifier():
        return ModelFamily(str(model), None, str(model), tuple(AUGMENTATION))
    return None


def known_family(model: str) -> ModelFamily:
    """The family of a name that a space was checked to have.

    Raises:
        ConfigurationError: there is none, such as of a package that is not installed any more.
    """
    return family_of(model) or FAMILIES.get(model)


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
    family = known_family(model)
    full = family.resolve(params)
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


def values_of(model: str, params: Params) -> dict[str, float]:
    """The numbers that go into the program's variables for one configuration."""
    family = known_family(model)
    full = family.resolve(params)
    largest = 3.0e38  # larger than any finite gradient or norm
    unlimited = ("clip_norm", "clip_value", "max_norm")
    names = (*_SCALARS, *unlimited, *family.own_values)
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
    "quantile",
    "soft_weight",
    "temperature",
    "ema_decay",
    "fine_tune_factor",
    "momentum",
    "weight_decay",
)
