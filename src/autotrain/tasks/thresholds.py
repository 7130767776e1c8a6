"""Choosing the probability from which on one of two classes is said, by a metric on validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autotrain.errors import ConfigurationError, nearest
from autotrain.tasks.base import Task
from autotrain.tasks.class_metrics import Counts, counts_at
from autotrain.tasks.metrics import Metric, Threshold, position_of

_SUCH = "f1, f2, balanced_accuracy, mcc, accuracy or recall_at_precision_0.9"


@dataclass(frozen=True)
class Chosen:
    """A threshold and what it is good for.

    Attributes:
        metric: by which it was chosen; empty where it was given as a number.
        value: of the metric at the threshold; before: where the likelier class is said.
    """

    threshold: Threshold
    metric: str = ""
    value: float | None = None
    before: float | None = None


@dataclass(frozen=True)
class Wish:
    """What a user asks for, understood.

    Attributes:
        position: of the class that the threshold is of; number: the threshold, if it is given.
        name, metric: by which it is to be chosen otherwise.
    """

    position: int
    number: float | None = None
    name: str = ""
    metric: Metric | None = None


def understood(task: Task, wanted: str) -> Wish:
    """What a user asks for, checked as far as it can be without outputs.

    Args:
        task: with the names of its outputs, where they are known.
        wanted: a metric, such as `f1` or `f2:churned`; or a probability, `0.3` or `0.3:churned`.
            Without a class it is the second of the two.

    Raises:
        ConfigurationError: there are not two classes, or no threshold follows from what is asked.
    """
    if task.names or not task.exclusive:
        task.at(Threshold(1, 0.5))  # whether there can be one
    said, colon, output = wanted.removeprefix("val_").partition(":")
    position = position_of(task.output, output, task.names) if colon and task.names else 1
    number = _number(said)
    if number is not None:
        return Wish(position, number)
    name = f"{said}{colon}{output}"
    return Wish(position, None, name, _metric(task, name))


def chosen(task: Task, wanted: str, outputs: np.ndarray, targets: np.ndarray) -> Chosen:
    """The threshold that a user asks for; arguments and errors are those of `understood`.

    Args:
        outputs, targets: of the validation part, as for `Task.evaluate`.
    """
    wish = understood(task, wanted)
    position, metric = wish.position, wish.metric
    if metric is None or metric.at_thresholds is None:
        assert wish.number is not None
        return Chosen(Threshold(position, wish.number))
    answers = task.answers(outputs, targets)
    if reason := metric.undefined(answers):
        raise ConfigurationError(f"{wish.name} is undefined on the validation part: {reason}")
    counts, thresholds = counts_at(*answers.one(position))
    if position == 0:
        counts = Counts(counts.hits[::-1], counts.true[::-1], counts.said[::-1], counts.total)
    values = metric.at_thresholds(counts)
    if values.max() < 0:
        raise ConfigurationError(
            f"no threshold reaches {wish.name} on the validation part: ask for less"
        )
    best = np.flatnonzero(values >= values.max() - 1e-12)  # of equal ones the nearest to one half
    choice = best[np.abs(thresholds[best] - 0.5).argmin()]
    before = float(metric.at_thresholds(_columns(answers.counts))[0])
    nothing_won = before >= values[choice] - 1e-12
    threshold = Threshold(position, 0.5 if nothing_won else float(thresholds[choice]))
    return Chosen(threshold, wish.name, float(values[choice]), max(before, 0.0))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not 0 < number < 1:
        raise ConfigurationError(f"a threshold must lie between 0 and 1, both excluded, got {text}")
    return number


def _metric(task: Task, name: str) -> Metric:
    """A metric that a threshold can be chosen by."""
    metric = task.metric(name)
    if metric is None:
        hint = nearest(name, [*task.plain, *(n for form in task.forms for n in form.examples)])
        raise ConfigurationError(
            f"a threshold must be a number or be chosen by a metric such as {_SUCH}, got {name!r}"
            + (f" ({hint})" if hint else "")
        )
    if metric.at_thresholds is None:
        raise ConfigurationError(
            f"a threshold must be chosen by a metric that depends on it, such as {_SUCH}; {name} does not"
        )
    if metric.bare:
        raise ConfigurationError(f"no threshold can be chosen by {name}: {metric.bare}")
    return metric


def _columns(counts: Counts) -> Counts:
    """Counts [2] as of one threshold."""
    return Counts(counts.hits[:, None], counts.true[:, None], counts.said[:, None], counts.total)
