"""What can be searched over: every hyperparameter of the training core, as one table.

A *structural* parameter shapes the compiled program; a *value* lives in a variable (or in the
learning rates handed to the program), so changing it costs no compilation.
Nothing here imports Keras: the coordinator uses these tables too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autotrain.errors import Problem, SpaceError, nearest
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.trial import Params

OPTIMIZERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "step", "cosine", "one_cycle")


@dataclass(frozen=True)
class Hyperparameter:
    """One searchable part of the core.

    Attributes:
        default: used when a space does not mention the parameter; None means absent.
        kind: `int`, `float`, `bool` or `choice`.
        low, high: inclusive limits; `above` makes the lower one, `below` the upper one exclusive.
        structural: whether another value needs another compiled program.
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

    def rule(self) -> str:
        """The values allowed, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        words = (
            []
            if self.low == float("-inf")
            else [f"{'above' if self.above else 'at least'} {self.low:g}"]
        )
        if self.high != float("inf"):
            words.append(f"{'below' if self.below else 'at most'} {self.high:g}")
        kind = "a whole number" if self.kind == "int" else "a number"
        return " ".join([kind, " and ".join(words)]).strip()

    def allows(self, value: Any) -> bool:
        """Whether `value` is of the right type and within the limits."""
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "bool":
            return isinstance(value, bool)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if self.kind == "int" and not isinstance(value, int):
            return False
        if value < self.low or (self.above and value == self.low):
            return False
        return not (value > self.high or (self.below and value == self.high))


_H = Hyperparameter
HYPERPARAMETERS: dict[str, Hyperparameter] = {
    "depth": _H(2, "int", "convolution stages (cnn) or hidden layers (mlp)", 1, 32, structural=True),
    "width": _H(32, "int", "filters of the first stage (cnn) or units a layer (mlp)", 1, 8192, structural=True),
    "kernel": _H(3, "int", "side of the convolution window in pixels", 1, 15, structural=True),
    "batch_norm": _H(True, "bool", "batch normalization after each layer", structural=True),
    "batch_size": _H(64, "int", "examples a training step", 1, 65536, structural=True),
    "optimizer": _H("adam", "choice", "update rule", choices=OPTIMIZERS, structural=True),
    "ema": _H(False, "bool", "evaluate and keep the moving average of the weights", structural=True),
    "learning_rate": _H(1e-3, "float", "peak of the schedule", 0, above=True),
    "schedule": _H("constant", "choice", "how the learning rate moves over all epochs", choices=SCHEDULES),
    "warmup": _H(0.0, "float", "share of all steps over which the rate rises from 0", 0, 0.5),
    "momentum": _H(0.9, "float", "Nesterov momentum of sgd", 0, 1, below=True),
    "weight_decay": _H(0.0, "float", "decay of kernels: decoupled for sgd and adamw, in the gradient for adam", 0),
    "dropout": _H(0.0, "float", "share of units dropped before the output; mlp: after each layer", 0, 1, below=True),
    "l2": _H(0.0, "float", "L2 penalty on kernels, added to the loss", 0),
    "label_smoothing": _H(0.0, "float", "probability mass spread over all classes", 0, 1, below=True),
    "clip_norm": _H(None, "float", "largest global norm of the gradient", 0, above=True),
    "augmentation": _H(None, "float", "strength of shift, rotation, zoom, flip and cutout", 0, 1),
    "flip": _H(0.5, "float", "probability of a left-right flip at full augmentation strength", 0, 1),
    "ema_decay": _H(0.99, "float", "decay of the moving average, with ema", 0, 1, below=True),
    "patience": _H(None, "int", "early stopping: epochs without improvement before the trial ends", 1),
}  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A model family: where its builder lives, which data it reads, which parameters it ignores."""

    module: str
    kind: str
    task: str
    ignores: frozenset[str] = frozenset()


FAMILIES: dict[str, Family] = {
    "cnn": Family("autotrain.training.models.cnn", "image", "image_classification"),
    "mlp": Family(
        "autotrain.training.models.mlp",
        "tabular",
        "tabular_classification",
        frozenset({"kernel", "augmentation", "flip"}),
    ),
}
TASKS = tuple(family.task for family in FAMILIES.values())

METRICS: dict[str, str] = {
    "val_accuracy": "maximize",
    "val_loss": "minimize",
    "accuracy": "maximize",
    "loss": "minimize",
    "parameters": "minimize",
}


def resolve(params: Params) -> dict[str, Any]:
    """All hyperparameters of a configuration, defaults filled in."""
    defaults = {name: info.default for name, info in HYPERPARAMETERS.items()}
    return {**defaults, **params}


def structure_of(model: str, params: Params) -> tuple[tuple[str, Any], ...]:
    """What identifies the compiled program of a configuration: equal keys share one program.

    Augmentation takes part in the program only when the space searches over it or sets it, so
    that others do not pay for it.
    """
    full = resolve(params)
    ignored = FAMILIES[model].ignores
    parts = {n: full[n] for n, i in HYPERPARAMETERS.items() if i.structural and n not in ignored}
    augmented = full["augmentation"] is not None and "augmentation" not in ignored
    return (("model", model), *sorted(parts.items()), ("augmented", augmented))


def check_space(space: Space) -> None:
    """Whether the training core can run every configuration of a space.

    Raises:
        SpaceError: for an unknown model, task, metric or parameter, one that the family does not
            have, or a range beyond what is allowed; all of them are listed.
    """
    problems = [*_family_problems(space), *_objective_problems(space)]
    family = FAMILIES.get(space.model or "")
    for name, parameter in space.parameters.items():
        problems += _parameter_problems(space, family, name, parameter)
    if problems:
        raise SpaceError(problems)


def _family_problems(space: Space) -> list[Problem]:
    if space.model not in FAMILIES:
        rule = f"'model' is one of {', '.join(FAMILIES)}"
        return [
            Problem(space.locate("model"), rule, repr(space.model), nearest(space.model, FAMILIES))
        ]
    task = FAMILIES[space.model].task
    if space.task not in (None, task):
        rule = f"'task' of the model '{space.model}' is {task}"
        return [Problem(space.locate("task"), rule, repr(space.task), nearest(space.task, TASKS))]
    return []


def _objective_problems(space: Space) -> list[Problem]:
    rule = f"a metric of the training core is one of {', '.join(METRICS)}"
    return [
        Problem(space.locate("objective"), rule, repr(o.metric), nearest(o.metric, METRICS))
        for o in space.objectives
        if o.metric not in METRICS
    ]


def _parameter_problems(
    space: Space, family: Family | None, name: str, parameter: Parameter
) -> list[Problem]:
    where = space.locate("parameters", name)
    info = HYPERPARAMETERS.get(name)
    known = [n for n in HYPERPARAMETERS if family is None or n not in family.ignores]
    if info is None or name not in known:
        rule = f"the model '{space.model}' has the parameters {', '.join(known)}"
        return [Problem(where, rule, repr(name), nearest(name, known))]
    wrong = [value for value in extreme_values(parameter) if not info.allows(value)]
    if not wrong:
        return []
    return [Problem(where, f"'{name}' is {info.rule()}", ", ".join(map(repr, wrong)))]


def extreme_values(parameter: Parameter) -> tuple[Any, ...]:
    """The values that decide whether a whole range is allowed."""
    if isinstance(parameter, (Int, Float)):
        return (parameter.low, parameter.high)
    if isinstance(parameter, Choice):
        return tuple(parameter.values)
    assert isinstance(parameter, Fixed)
    return (parameter.value,)


def structural_names(model: str) -> tuple[str, ...]:
    """Names of the structural parameters of a family."""
    ignored = FAMILIES[model].ignores
    return tuple(n for n, i in HYPERPARAMETERS.items() if i.structural and n not in ignored)


def values_of(params: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that go into the program's variables for one configuration."""
    full = resolve(params)
    clip = full["clip_norm"]
    return {
        "dropout": full["dropout"],
        "l2": full["l2"],
        "label_smoothing": full["label_smoothing"],
        "clip_norm": 3.0e38 if clip is None else clip,  # larger than any finite gradient norm
        "augmentation": full["augmentation"] or 0.0,
        "flip": full["flip"],
        "ema_decay": full["ema_decay"],
        "momentum": full["momentum"],
        "weight_decay": full["weight_decay"],
    }
