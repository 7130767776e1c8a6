"""What cannot be trained, known without building anything; free of Keras.

A rule is a function of the facts about data and search and of the hyperparameters that it names as
arguments; it answers with the rule, the value seen and what would fit, or with None. The table at
the end has them all, so a new rule is one function and its name there.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrain.catalog.families import model_of
from autotrain.catalog.hyperparameters import resolve
from autotrain.data import DataInfo
from autotrain.errors import ConfigurationError
from autotrain.space import Choice, Fixed, Float, Int, Parameter, Space
from autotrain.tasks import Task, task_named
from autotrain.trial import Params

_MOST_COMBINATIONS = 10_000


@dataclass(frozen=True)
class Facts:
    """What rules may know.

    Attributes:
        modality, input_shape: of the data, as in `DataInfo`.
        task: what is predicted.
        outputs: classes, labels or numbers to predict.
        class_counts: training examples per class; empty for numbers.
        categories: names of a table's columns that are no numbers.
        train_size: training examples.
        epochs: the full length of a trial.
        has_teacher: whether a teacher's outputs are at hand.
    """

    modality: str
    task: Task
    input_shape: tuple[int, ...]
    outputs: int
    class_counts: tuple[int, ...]
    train_size: int
    epochs: int
    categories: tuple[str, ...] = ()
    has_teacher: bool = False


def facts_of(info: DataInfo, epochs: int, has_teacher: bool = False) -> Facts:
    """The facts of prepared data and of the length of a trial."""
    return Facts(
        modality=info.modality,
        task=task_named(info.task),
        input_shape=tuple(info.input_shape),
        outputs=info.classes,
        class_counts=tuple(info.class_counts.get("train", ())),
        train_size=info.sizes["train"],
        epochs=epochs,
        categories=tuple(column.name for column in info.columns if column.kind == "category"),
        has_teacher=has_teacher,
    )


def problems(model: str, params: Params, facts: Facts) -> list[str]:
    """Why a configuration cannot be trained; empty where nothing speaks against it."""
    full = {**resolve(params), "model": model}
    found = (_broken(rule, full, facts) for rule in RULES)
    return [text for text in found if text]


def check_feasible(space: Space, facts: Facts) -> None:
    """Refuse a space of which no configuration can be trained.

    Raises:
        ConfigurationError: some rule is broken whatever the values of the space; names each.
    """
    found = (_always_broken(rule, space, facts) for rule in RULES)
    causes = [text for text in found if text]
    if causes:
        raise ConfigurationError(
            f"no configuration of the space '{space.name}' can be trained on this data:\n  "
            + "\n  ".join(causes)
        )


Rule = Callable[..., str | None]


def _broken(rule: Rule, full: Mapping[str, object], facts: Facts) -> str | None:
    return rule(facts, **{name: full[name] for name in _reads(rule)})


def _reads(rule: Rule) -> tuple[str, ...]:
    """The hyperparameters that a rule depends on."""
    return tuple(inspect.signature(rule).parameters)[1:]


def _always_broken(rule: Rule, space: Space, facts: Facts) -> str | None:
    """The answer for one combination of values if the rule is broken for all."""
    answer = None
    for given in _combinations(space, _reads(rule)):
        full = {**resolve(given), "model": model_of(space, given)}
        answer = _broken(rule, full, facts)
        if answer is None:
            return None
    return answer


def _combinations(space: Space, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """All combinations of values of some parameters, absent ones left out; none for too many."""
    sides: list[list[dict[str, Any]]] = []
    count = 1
    for name in names:
        parameter = space.parameters.get(name)
        values = [] if parameter is None else _values(parameter)
        absent = parameter is None or bool(parameter.when)
        sides.append([{name: value} for value in values] + ([{}] if absent else []))
        count *= len(sides[-1])
    for chosen in itertools.product(*sides) if count <= _MOST_COMBINATIONS else ():
        yield {name: value for side in chosen for name, value in side.items()}


def _values(parameter: Parameter) -> Sequence[Any]:
    """The values that a parameter can have; of a range without steps, two from within.

    No rule holds at single points of such a range only, and its limits are next to never drawn.
    """
    if isinstance(parameter, Choice):
        return parameter.values
    if isinstance(parameter, Fixed):
        return (parameter.value,)
    if isinstance(parameter, Int):
        return range(parameter.low, parameter.high + 1, parameter.step)
    assert isinstance(parameter, Float)
    low, width = parameter.low, parameter.high - parameter.low
    if parameter.step is None:
        return (low + width / 3, low + 2 * width / 3)
    count = int(width / parameter.step + 1e-9) + 1
    return [low + i * parameter.step for i in range(min(count, _MOST_COMBINATIONS + 1))]


# The rules.


def uneven_pieces(batch_size: int, accumulation: int, train_size: int) -> str | None:
    """Why a batch cannot be cut into equal pieces; it is never larger than the data."""
    batch = min(batch_size, train_size)
    if batch % min(accumulation, batch) == 0:
        return None
    fitting = [n for n in range(1, batch + 1) if batch % n == 0]
    near = sorted(sorted(fitting, key=lambda n: abs(n - accumulation))[:4])
    return (
        f"accumulation divides the batch into equal pieces, got accumulation={accumulation} for "
        f"{batch} examples: use {', '.join(map(str, near))}, or another batch_size"
    )


def _accumulation(facts: Facts, batch_size: int, accumulation: int) -> str | None:
    return uneven_pieces(batch_size, accumulation, facts.train_size)


def _cycles(facts: Facts, schedule: str, cycles: int) -> str | None:
    """Each cycle is twice as long as the one before; metrics come once an epoch."""
    needed = 2**cycles - 1
    if schedule != "cosine_restarts" or needed <= facts.epochs:
        return None
    most = (facts.epochs + 1).bit_length() - 1
    return (
        f"cosine_restarts with cycles={cycles} lasts at least {needed} epochs, got {facts.epochs}: "
        f"use cycles of at most {most}, or more epochs"
    )


def _loss(facts: Facts, loss: str) -> str | None:
    if loss == "auto" or not facts.task.has_classes:
        return None
    return f"loss={loss} measures numbers, and this data has classes: use loss=auto"


def _label_smoothing(facts: Facts, label_smoothing: float) -> str | None:
    return _needs_classes(facts, "label_smoothing", label_smoothing, 0.0)


def _focal_gamma(facts: Facts, focal_gamma: float | None) -> str | None:
    return _needs_classes(facts, "focal_gamma", focal_gamma, None)


def _quantile(facts: Facts, quantile: float | None, loss: str) -> str | None:
    if quantile is None:
        return None
    if facts.task.has_classes:
        return f"quantile={quantile:g} is of numbers, and this data has classes: leave it out"
    if loss != "auto":
        return f"quantile={quantile:g} has a loss of its own, got loss={loss}: use loss=auto"
    return None


def _class_weights(facts: Facts, class_weights: str) -> str | None:
    return _needs_classes(facts, "class_weights", class_weights, "none")


def _needs_classes(facts: Facts, name: str, value: object, absent: object) -> str | None:
    if value == absent or facts.task.has_classes:
        return None
    shown = f"{value:g}" if isinstance(value, float) else value
    way_out = f"--set {name}={absent}" if absent is not None else "leave it out"
    return f"{name} needs classes, and this data has numbers, got {name}={shown}: {way_out}"


def _sampling(facts: Facts, sampling: str) -> str | None:
    if sampling == "none":
        return None
    if not facts.task.exclusive:
        return (
            f"sampling={sampling} needs one class per example, and this data is for "
            f"{facts.task.name}: use sampling=none"
        )
    if sampling != "smote":
        return None
    if facts.modality != "tabular":
        return f"sampling=smote needs a table, and this data is {facts.modality}: use sampling=over"
    if facts.categories:
        return (
            "sampling=smote makes examples between others, which only numbers have, got the category "
            f"{facts.categories[0]!r}: use sampling=over, or leave such columns out"
        )
    rarest = min((count for count in facts.class_counts if count), default=0)
    if rarest < 2:
        return (
            "sampling=smote needs two training examples of every class, and one has "
            f"{rarest}: use sampling=over"
        )
    return None


def _soft_weight(facts: Facts, soft_weight: float | None, sampling: str) -> str | None:
    if soft_weight is None:
        return None
    if not facts.has_teacher:
        return _needs_teacher("soft_weight", soft_weight)
    if sampling == "smote":
        return "sampling=smote makes examples that the teacher never answered: use sampling=over"
    return None


def _temperature(facts: Facts, temperature: float) -> str | None:
    if temperature != 3.0 and not facts.has_teacher:
        return _needs_teacher("temperature", temperature)
    return _needs_classes(facts, "temperature", temperature, 3.0)


def _needs_teacher(name: str, value: float) -> str:
    return (
        f"{name} needs a teacher, got {name}={value:g} without one: use autotrain distill STUDY, or "
        "leave it out"
    )


def _weights(facts: Facts, model: str, weights: str) -> str | None:
    if (
        model != "transfer"
        or weights in ("imagenet", "none")
        or Path(weights).expanduser().is_file()
    ):
        return None
    return f"weights is imagenet, none or a file of weights, and there is no file {weights}"


RULES: tuple[Rule, ...] = (
    _accumulation,
    _cycles,
    _loss,
    _label_smoothing,
    _focal_gamma,
    _quantile,
    _class_weights,
    _sampling,
    _soft_weight,
    _temperature,
    _weights,
)
