"""How good an answer is: the part of a task that knows its metrics."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from autotrain.errors import ConfigurationError
from autotrain.tasks.metrics import Form, Metric, formed, nearest_of


class Scored(ABC):
    """Whatever has metrics.

    Attributes:
        output: what an output is: a class, a label, a number.
        plain: metrics by name, without those that have a number or an output in their name.
        forms: of these.
        quick: metrics that every epoch has; others are computed where they are asked for.
        names: of the outputs; empty where they are not known, and then no metric is of one of them.
        training_metric: the one of them that a training step keeps count of.
    """

    output: str
    plain: Mapping[str, Metric]
    forms: Sequence[Form]
    quick: Sequence[str]
    names: tuple[str, ...] = ()
    training_metric: str

    def of(self, names: Sequence[str]) -> Self:
        """The same task with outputs of these names."""
        found = copy.copy(self)
        found.names = tuple(str(name) for name in names)
        return found

    @property
    def metrics(self) -> dict[str, str]:
        """The direction of each metric that needs no output's name."""
        return {name: metric.direction for name, metric in self.plain.items()}

    @property
    def reported_metrics(self) -> dict[str, str]:
        """All metrics that a trial reports, with their directions."""
        mine = self.training_metric
        return {
            **{f"val_{name}": direction for name, direction in self.metrics.items()},
            mine: self.metrics[mine],
            "loss": "minimize",
            "parameters": "minimize",
        }

    @abstractmethod
    def answers(self, outputs: np.ndarray, targets: np.ndarray) -> Any:
        """What metrics are computed from; see `evaluate`."""

    def metric(self, name: str) -> Metric | None:
        """A metric by its name without `val_`, such as `macro_f1` or `recall:churned`.

        Returns:
            None where the task has none of this name, as far as that can be told without outputs.

        Raises:
            ConfigurationError: these outputs have no such metric; says why.
        """
        if name in self.plain:
            return self.plain[name]
        found = formed(self.forms, name, self.output, self.names)
        if found is None:
            return None
        form, metric = found
        if self.names and form.of_one and ":" not in name and not self._stands_alone:
            raise ConfigurationError(
                f"the metric {name} is of one {self.output}, and there are {len(self.names)}: "
                f"write {name}:{self.names[-1]}"
            )
        return metric

    @property
    def _stands_alone(self) -> bool:
        """Whether a metric of one output may be without its name."""
        return False

    def reports(self, metric: str) -> bool:
        """Whether a trial can report a metric, such as `val_recall:churned`."""
        if metric in self.reported_metrics:
            return True
        return metric.startswith("val_") and self.metric(metric.removeprefix("val_")) is not None

    def nearest_metric(self, metric: str) -> str:
        """The hint at the metric of a trial that is written most like this."""
        return nearest_of(metric, self.reported_metrics, self.forms)

    def evaluate(
        self, outputs: np.ndarray, targets: np.ndarray, wanted: Iterable[str] = ()
    ) -> dict[str, float]:
        """The metrics of a whole part of the data, in float64.

        Args:
            outputs: logits [n, outputs], or predicted numbers in the targets' own units.
            targets: [n, ...] as `encode` gives them.
            wanted: further metrics; what the task does not have is left out.

        Returns:
            By name; those that `undefined` names are left out.
        """
        answers, found = self.answers(outputs, targets), {}
        for name in dict.fromkeys((*self.quick, *wanted)):
            metric = self._measurable(name)
            if metric is not None and not metric.undefined(answers):
                found[name] = metric.whole(answers)
        return found

    def _measurable(self, name: str) -> Metric | None:
        assert self.names or ":" not in name, "a metric of one output needs the outputs' names"
        return self.metric(name)

    def undefined(
        self, targets: np.ndarray, wanted: Iterable[str], outputs: int | None = None
    ) -> dict[str, str]:
        """Which metrics these targets leave undefined, and why.

        Args:
            outputs: how many there are; as many as names by default.
        """
        shape = (len(targets), outputs or len(self.names))
        answers = self.answers(np.broadcast_to(np.float64(0), shape), targets)
        metrics = {name: self._measurable(name) for name in dict.fromkeys(wanted)}
        reasons = {name: m.undefined(answers) for name, m in metrics.items() if m is not None}
        return {name: reason for name, reason in reasons.items() if reason}

    def each(self, metric: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """[n] what each example adds to a metric that is their mean; None for others."""
        found, answers = self._measurable(metric), self.answers(outputs, targets)
        if found is None or found.each is None or found.undefined(answers):
            return None
        return found.each(answers)
