"""What a metric is, and the arithmetic that those of several tasks share; in float64, NumPy alone.

Names and definitions are scikit-learn's; tests compare them. Where the data leaves a metric
undefined (recall of a class without examples), it has no value, and the reason is said. Where only the
answers do (precision of a class never said), it is 0, as in scikit-learn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autotrain.errors import ConfigurationError, nearest

LEAST = 1e-12  # probability, whose logarithm is taken


def defined(answers: Any) -> str:
    """Of a metric that any data has."""
    return ""


@dataclass(frozen=True)
class Metric:
    """A number that says how good answers are.

    Attributes:
        direction: `maximize` or `minimize`.
        whole: from a task's answers with the truth (`Task.answers`).
        each: [n] what each example adds, of a metric that is their mean.
        undefined: why the truth alone leaves it undefined; empty where it does not.
        at_thresholds: of one that depends on which class is said: from counts [classes, thresholds]
            its values [thresholds]; -1 where a condition does not hold.
        bare: why no threshold can be chosen by this metric alone, of one that depends on it.
    """

    direction: str
    whole: Callable[[Any], float]
    each: Callable[[Any], np.ndarray] | None = None
    undefined: Callable[[Any], str] = defined
    at_thresholds: Callable[[Any], np.ndarray] | None = None
    bare: str = ""

    @property
    def sign(self) -> float:
        """What makes a value the larger, the better it is, as of `Objective`."""
        return 1.0 if self.direction == "maximize" else -1.0


def mean_of(
    direction: str, each: Callable[[Any], np.ndarray], undefined: Callable[[Any], str] = defined
) -> Metric:
    """A metric that is the mean of what each example adds."""
    return Metric(direction, lambda answers: float(each(answers).mean()), each, undefined)


# From the numbers in a name, the position of an output or None, and the output's name.
Make: TypeAlias = Callable[[Sequence[str], "int | None", str], Metric]


@dataclass(frozen=True)
class Form:
    """Metrics with a number or an output in their name.

    Attributes:
        shown: how it is written, for messages.
        pattern: a regular expression of the name without `val_` and the output.
        make: see `Make`.
        of_one: whether it is of one output, named as in `recall:churned`.
        examples: names of this form, by which misspelt ones are found.
    """

    shown: str
    pattern: str
    make: Make
    of_one: bool
    examples: tuple[str, ...]


def formed(
    forms: Sequence[Form], name: str, what: str, outputs: Sequence[str]
) -> tuple[Form, Metric] | None:
    """The metric of a name such as `f2:churned`, and its form; None where none fits.

    Args:
        what: the word for an output; outputs: their names, empty where they are not known.

    Raises:
        ConfigurationError: there is no such output.
    """
    head, colon, output = name.partition(":")
    for form in forms:
        said = re.fullmatch(form.pattern, head)
        if said is None or (colon and not (form.of_one and output)):
            continue
        position = position_of(what, output, outputs) if colon and outputs else None
        return form, form.make(said.groups(), position, output)
    return None


def nearest_of(metric: str, plain: Iterable[str], forms: Sequence[Form]) -> str:
    """The hint at the metric of a trial that is written most like this one."""
    head, colon, output = metric.partition(":")
    fitting = [form for form in forms if form.of_one or not colon]
    known = [f"val_{name}" for form in fitting for name in form.examples]
    hint = nearest(head, known if colon else [*plain, *known])
    return f"{hint[:-2]}{colon}{output}'?" if hint else ""


@dataclass(frozen=True)
class Threshold:
    """Of two classes: one of them is said from this probability on, and the other below.

    Attributes:
        position: of the class among the outputs.
    """

    position: int
    value: float


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Logarithms of the probabilities [n, classes] of logits [n, classes]."""
    z = logits - logits.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def log_of(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities, of which none counts as less than 1e-12."""
    return np.log(np.clip(probabilities.astype("float64"), LEAST, 1.0))


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole`, 0 where there is nothing."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)


def by_output(
    hits: np.ndarray, true: np.ndarray, said: np.ndarray
) -> dict[str, list[float | None]]:
    """Precision, recall, F1 and support of each class or label; None where no example has it.

    Args:
        hits: examples found; true: examples that have it; said: examples said to have it.
    """
    ratios = {
        "precision": share(hits, said),
        "recall": share(hits, true),
        "f1": share(2.0 * hits, true + said),
    }
    known = {name: known_only(values, true > 0) for name, values in ratios.items()}
    return {**known, "support": true.astype(int).tolist()}


def known_only(values: np.ndarray, known: np.ndarray) -> list[float | None]:
    """Values [n] as a list, with None where they are undefined."""
    return [float(v) if there else None for v, there in zip(values, known, strict=True)]


def position_of(what: str, wanted: str, names: Sequence[str]) -> int:
    """Where an output's name stands among those there are.

    Args:
        what: the word for one, as in "the class".

    Raises:
        ConfigurationError: there is none of this name.
    """
    if wanted in names:
        return names.index(wanted)
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    hint = nearest(wanted, names)
    raise ConfigurationError(
        f"the {what} of a metric must be one of {shown}, got {wanted!r}"
        + (f" ({hint})" if hint else "")
    )
