"""What is predicted: the contract of a task, and what its targets look like in a table.

A task is one object that knows its targets, its metrics and its words. It needs NumPy alone, so that
coordinator, worker and command line share it. Besides it, a new task needs its loss
(`training/losses.py`) and, where it wants any, its figures (`reports/figures/predictions.py`).
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, TypeAlias

import numpy as np

from autotrain.errors import ConfigurationError, DataError
from autotrain.tasks.metrics import Form, Metric, Threshold, formed, nearest_of
from autotrain.tasks.outputs import Cells

# Targets by split, and one name for each output of a model.
Encoded: TypeAlias = tuple[dict[str, np.ndarray], tuple[str, ...]]


class Task(ABC):
    """What is predicted, and how good an answer is.

    Attributes:
        name: as a space's `task` ends: `classification` in `image_classification`.
        words: what an example has, as in "the task predicts one class for each example".
        output, plural: what outputs are: a class, classes; a label; a number.
        plain: metrics by name, without those that have a number or an output in their name.
        forms: of these.
        quick: metrics that every epoch has; others are computed where they are asked for.
        names: of the outputs; empty where they are not known, and then no metric is of one of them.
        training_metric: the one of them that a training step keeps count of.
        first_metric: the one that is shown first.
        compared: further metrics of the table in which models stand beside baselines.
        loss_name: which loss of `training/losses.py` it trains with.
        answer: how an exported model answers, a name of `serving.answers.ANSWERS`.
        has_classes: whether outputs are probabilities; numbers otherwise.
        exclusive: whether each example has exactly one class.
        in_time: whether examples are windows of a series in time order.
        modalities: of data that it can be told from, by name; None for all.
        takes_all: whether all columns of a table that have a usual name of a target are targets.
    """

    name: str
    words: str
    plural: str
    output: str
    plain: Mapping[str, Metric]
    forms: Sequence[Form]
    quick: Sequence[str]
    names: tuple[str, ...] = ()
    training_metric: str
    first_metric: str
    compared: tuple[str, ...] = ()
    loss_name: str
    answer: str
    has_classes = True
    exclusive = False
    takes_all = False
    in_time = False
    modalities: tuple[str, ...] | None = None

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

    # Targets.

    @abstractmethod
    def encode(self, where: str, splits: Mapping[str, np.ndarray], names: Sequence[str]) -> Encoded:
        """Turn targets as they came into what training takes, and name the outputs.

        Args:
            where: the source's name, for messages.
            splits: targets by split, `train` first.
            names: of the outputs; empty where they name themselves.

        Returns:
            By split [n] int32, or [n] or [n, outputs] float32; and one name for each output.

        Raises:
            DataError: targets that do not suit the task.
        """

    @abstractmethod
    def read(
        self, where: str, columns: Mapping[str, Cells]
    ) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
        """Targets from a table.

        Args:
            columns: those to predict, by name.

        Returns:
            Which rows have a target, [rows] bool; the targets of these, for `encode`; and the names
            of the outputs.

        Raises:
            DataError: columns that do not suit the task.
        """

    @abstractmethod
    def target_shape(self, outputs: int) -> tuple[int, ...]:
        """Of one example's encoded target."""

    @abstractmethod
    def strata(self, y: np.ndarray) -> np.ndarray:
        """[n] groups that a split gives to each of its parts in equal shares."""

    def check_counts(self, y: np.ndarray, names: Sequence[str], splits: Sequence[str]) -> None:
        """Whether there are enough encoded targets for all `splits` that are taken from them.

        Raises:
            DataError: there are not.
        """
        if len(y) < len(splits):
            raise DataError(
                f"at least {len(splits)} examples are needed, one each for {', '.join(splits)}, got "
                f"{len(y)}; add examples"
            )

    def check_training(  # noqa: B027 (most tasks have nothing to say)
        self, y: np.ndarray, names: Sequence[str]
    ) -> None:
        """Whether the training part has what it takes to learn each output.

        Raises:
            DataError: it has not.
        """

    @abstractmethod
    def counts(self, y: np.ndarray, outputs: int) -> tuple[int, ...]:
        """Examples of each class, positives of each label; nothing for numbers."""

    @abstractmethod
    def ordered(self, y: np.ndarray, places: np.ndarray, outputs: int) -> np.ndarray:
        """Encoded targets as a model with other outputs has them.

        Args:
            places: [own outputs] where each own output is among those of the model.
            outputs: how many the model has.
        """

    # Of tasks over time.

    def learnt(self, where: str, values: np.ndarray) -> dict[str, Any]:
        """What the task must know of the training part of a series [rows], for `fitted`.

        Raises:
            DataError: nothing can be learnt from it.
        """
        return {}

    def fitted(self, series: Mapping[str, Any]) -> Self:
        """The task with what it has learnt; the same for one that learns nothing."""
        return self

    def references(
        self, values: np.ndarray, first: np.ndarray, series: Mapping[str, Any]
    ) -> dict[str, np.ndarray]:
        """By name the outputs [n, steps] of forecasts that need no training.

        Args:
            values: [rows] the whole series, NaN where a value is missing.
            first: [n] the row of each example's first target; only rows before it may be looked at.
            series: what is known of it, as in `learnt` and the data layer's record.
        """
        return {}

    # Outputs: logits [n, outputs], or numbers in the targets' units.

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

    def at(self, threshold: Threshold | None) -> Self:
        """The same task where a class is said from a probability on.

        Raises:
            ConfigurationError: it has not two classes to choose from.
        """
        if threshold is None:
            return self
        many = f"{len(self.names)} " if self.has_classes else ""
        raise ConfigurationError(
            f"a threshold is between two classes, and this model predicts {many}{self.plural}"
        )

    def said(self, outputs: np.ndarray) -> np.ndarray:
        """[n] which output is said of each example, where exactly one is."""
        return np.asarray(outputs.argmax(axis=1))

    @abstractmethod
    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float | None]]:
        """What each class, label or number contributes, a list with an entry for each output."""

    def each(self, metric: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """[n] what each example adds to a metric that is their mean; None for others."""
        found, answers = self._measurable(metric), self.answers(outputs, targets)
        if found is None or found.each is None or found.undefined(answers):
            return None
        return found.each(answers)

    @abstractmethod
    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """What a model with its last layers gives: probabilities, or the numbers as they are."""

    @abstractmethod
    def logits(self, answers: np.ndarray) -> np.ndarray:
        """Outputs whose `probabilities` these are, for models that give nothing else."""

    def mean(
        self, members: Sequence[np.ndarray], weights: Sequence[float] | None = None
    ) -> np.ndarray:
        """The outputs of several models together.

        Args:
            members: [n, outputs] each.
            weights: of the members, which sum to 1; equal ones by default.

        Returns:
            [n, outputs] float32; logits whose probabilities are the mean, or the mean of the numbers.
            One member's are as they are.
        """
        if len(members) == 1:
            return members[0].astype("float32")
        shares = np.full(len(members), 1 / len(members)) if weights is None else np.array(weights)
        return self.blend(np.stack(members).astype("float64"), shares).astype("float32")

    @abstractmethod
    def blend(self, members: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """[n, outputs] of the outputs [members, n, outputs] with their shares [members]."""

    @abstractmethod
    def difference(self, found: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
        """How far two models' answers are apart: the largest difference, and the share that agree.

        Args:
            found, wanted: [n, outputs] as from `probabilities`.
        """

    @abstractmethod
    def predicted(self, names: Sequence[str], answers: np.ndarray) -> dict[str, np.ndarray]:
        """What a model says to many examples, as columns: words [n], or numbers [n].

        Args:
            names: of the outputs; answers: [n, outputs] as from `probabilities`.
        """

    # Words.

    def describe(self, names: Sequence[str]) -> str:
        """The outputs in a few words, such as "10 classes"."""
        return f"{len(names):,} {self.plural}"
