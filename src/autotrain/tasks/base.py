"""What is predicted: the contract of a task, and what its targets look like in a table.

A task is one object that knows its targets, its metrics and its words. It needs NumPy alone, so that
coordinator, worker and command line share it. Besides it, a new task needs its loss
(`training/losses.py`) and, where it wants any, its figures (`reports/figures/predictions.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np

from autotrain.errors import DataError, nearest

# Targets by split, and one name for each output of a model.
Encoded: TypeAlias = tuple[dict[str, np.ndarray], tuple[str, ...]]


class Cells(Protocol):
    """A column of a table."""

    @property
    def numbers(self) -> np.ndarray | None:
        """[n] float64 with NaN where one is missing; None where some cell is no number."""

    @property
    def labels(self) -> list[str | None]:
        """[n] the cells as text, None where one is missing; whole numbers without a fraction."""


def unknown_class(where: str, name: str, names: Sequence[str]) -> DataError:
    """The error about a class that a model does not know."""
    hint = nearest(name, names)
    return DataError(
        f"{where}: the model does not know the class {name!r}; it has {', '.join(names)}"
        f"{'; ' + hint if hint else ''}"
    )


class Task(ABC):
    """What is predicted, and how good an answer is.

    Attributes:
        name: as a space's `task` ends: `classification` in `image_classification`.
        words: what an example has, as in "the task predicts one class for each example".
        plural: what outputs are: classes, labels, numbers.
        metrics: the direction of each metric that `evaluate` knows.
        training_metric: the one of them that a training step keeps count of.
        first_metric: the one that is shown first.
        loss_name: which loss of `training/losses.py` it trains with.
        answer: how an exported model answers, a name of `serving.answers.ANSWERS`.
        has_classes: whether outputs are probabilities; numbers otherwise.
        exclusive: whether each example has exactly one class.
        takes_all: whether all columns of a table that have a usual name of a target are targets.
    """

    name: str
    words: str
    plural: str
    metrics: Mapping[str, str]
    training_metric: str
    first_metric: str
    loss_name: str
    answer: str
    has_classes = True
    exclusive = False
    takes_all = False

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

    def truth(
        self, where: str, columns: Mapping[str, Cells], names: Sequence[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Targets of labelled data for a model, which may hold fewer classes than it knows.

        Args:
            columns: those with the truth, by name.
            names: of the model's outputs.

        Returns:
            Which rows have a target, [rows] bool; and the targets of these as the model has them.

        Raises:
            DataError: columns that do not suit the task, or a class that the model does not know.
        """
        rows, y, own = self.read(where, columns)
        unknown = [name for name in own if name not in names]
        if self.has_classes and unknown:
            raise unknown_class(where, unknown[0], names)
        places = [list(names).index(name) for name in own] if self.has_classes else range(len(own))
        return rows, self.ordered(y, np.array(places), len(names))

    def undefined(self, targets: np.ndarray) -> dict[str, str]:
        """Metrics that such targets leave undefined, and why."""
        return {}

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

    # Outputs: logits [n, outputs], or numbers in the targets' units.

    @abstractmethod
    def evaluate(
        self, outputs: np.ndarray, targets: np.ndarray, wanted: Iterable[str] = ()
    ) -> dict[str, float]:
        """The metrics of a whole part of the data, in float64.

        Args:
            outputs: logits [n, outputs], or predicted numbers in the targets' own units.
            targets: [n, ...] as `encode` gives them.
            wanted: further metrics, of those that take long.
        """

    @abstractmethod
    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float]]:
        """What each class, label or number contributes, a list with an entry for each output."""

    def each(self, metric: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """[n] what each example adds to a metric that is their mean; None for others."""
        return None

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
