"""What is predicted: the contract of a task, and what its targets look like in a table.

A task is one object that knows its targets, its metrics and its words. It needs NumPy alone, so that
coordinator, worker and command line share it. Besides it, a new task needs its loss
(`training/losses.py`) and, where it wants any, its figures (`reports/figures/predictions.py`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeAlias

import numpy as np

from autotrain.errors import ConfigurationError, DataError
from autotrain.tasks.metrics import Threshold
from autotrain.tasks.outputs import Cells
from autotrain.tasks.scores import Scored

# Targets by split, and one name for each output of a model.
Encoded: TypeAlias = tuple[dict[str, np.ndarray], tuple[str, ...]]


class Task(Scored):
    """What is predicted, and how good an answer is.

    Attributes:
        name: as a space's `task` ends: `classification` in `image_classification`.
        words: what an example has, as in "the task predicts one class for each example".
        plural: what outputs are: classes, labels, numbers.
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
    first_metric: str
    compared: tuple[str, ...] = ()
    loss_name: str
    answer: str
    has_classes = True
    exclusive = False
    takes_all = False
    in_time = False
    modalities: tuple[str, ...] | None = None

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

    def check_training(self, y: np.ndarray, names: Sequence[str]) -> None:
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
            [n, outputs] float32, or float64 where members are; logits whose probabilities are the
            mean, or the mean of the numbers.
            One member's are as they are.
        """
        kind = "float64" if members[0].dtype == np.float64 else "float32"
        if len(members) == 1:
            return members[0].astype(kind)
        shares = np.full(len(members), 1 / len(members)) if weights is None else np.array(weights)
        return self.blend(np.stack(members).astype("float64"), shares).astype(kind)

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
