"""One of several classes."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Self

import numpy as np

from autotrain.errors import DataError
from autotrain.tasks import class_metrics as ours
from autotrain.tasks.base import Encoded, Task
from autotrain.tasks.labels import encode_labels
from autotrain.tasks.metrics import Form, Metric, Threshold, by_output, log_of, log_softmax, mean_of
from autotrain.tasks.outputs import Cells

_MANY_CLASSES = 20  # whole numbers of more values are likely to be measurements


class ClassAnswers:
    """What a model says to many examples, with the truth.

    Args:
        logits: [n, classes]; labels: [n] class numbers.
        threshold: for which class is said; the likeliest by default.
    """

    def __init__(
        self, logits: np.ndarray, labels: np.ndarray, threshold: Threshold | None = None
    ) -> None:
        self.logits, self.labels = logits, np.asarray(labels)
        self.total, self.classes = logits.shape
        self._threshold = threshold

    @cached_property
    def true(self) -> np.ndarray:
        """[classes] examples of each."""
        return np.bincount(self.labels, minlength=self.classes)

    @cached_property
    def logs(self) -> np.ndarray:
        """[n, classes] logarithms of probabilities."""
        return log_softmax(self.logits.astype("float64"))

    @cached_property
    def said(self) -> np.ndarray:
        """[n] class numbers."""
        if self._threshold is None:
            return np.asarray(self.logits.argmax(axis=1))
        return said_at(self._threshold, np.exp(self.logs))

    @cached_property
    def counts(self) -> ours.Counts:
        """Of the classes."""
        classes = self.classes
        pairs = np.bincount(self.labels * classes + self.said, minlength=classes**2)
        table = pairs.reshape(classes, classes)
        return ours.Counts(np.diag(table), self.true, table.sum(axis=0), self.total)

    @cached_property
    def losses(self) -> np.ndarray:
        """[n] the cross-entropy."""
        return -self.logs[np.arange(self.total), self.labels]

    def one(self, position: int) -> tuple[np.ndarray, np.ndarray]:
        """See `class_metrics.Answers`."""
        return self.labels == position % self.classes, np.exp(self.logs[:, position])

    def among(self, most: int) -> np.ndarray:
        """[n] whether the true class is among the likeliest; equally likely ones as in scikit-learn."""
        order = np.argsort(self.logits, axis=1, kind="stable")[:, ::-1][:, :most]
        return (order == self.labels[:, None]).any(axis=1).astype("float64")


def said_at(threshold: Threshold, chances: np.ndarray) -> np.ndarray:
    """[n] class numbers, of probabilities [n, 2]."""
    i = threshold.position
    return np.where(chances[:, i] >= threshold.value, i, 1 - i)


def _top(said: Sequence[str], position: int | None, name: str) -> Metric:
    most = int(said[0])

    def undefined(answers: ClassAnswers) -> str:
        always = f"it is always 1 of {answers.classes} classes"
        return always if most >= answers.classes else ""

    return mean_of("maximize", lambda answers: answers.among(most), undefined)


class Classification(Task):
    """One class for each example; outputs are logits [n, classes].

    Attributes:
        threshold: of two classes; None says the likeliest.
    """

    name = "classification"
    words = "one class for each example"
    plural = "classes"
    output = "class"
    plain = {
        "loss": mean_of("minimize", lambda answers: answers.losses),
        "accuracy": Metric(
            "maximize",
            lambda answers: float(ours.accuracy(answers.counts)),
            lambda answers: (answers.said == answers.labels).astype("float64"),
            at_thresholds=ours.accuracy,
        ),
        "balanced_accuracy": ours.of_counts(ours.balanced_accuracy, ours.two_classes),
        "macro_f1": ours.of_counts(ours.macro_f1(occurring=True)),
        "weighted_f1": ours.of_counts(ours.weighted_f1(occurring=True)),
        "mcc": ours.of_counts(ours.mcc, ours.two_classes),
        "log_loss": mean_of("minimize", lambda answers: answers.losses),
        "auc": ours.area("auc"),
        "pr_auc": ours.area("pr_auc"),
    }
    forms = (
        *ours.OF_ONE,
        ours.averages("macro|weighted", occurring=True),
        Form("top_5_accuracy", r"top_([1-9]\d*)_accuracy", _top, False, ("top_5_accuracy",)),
    )
    quick = ("loss", "accuracy", "balanced_accuracy", "macro_f1")
    threshold: Threshold | None = None
    training_metric = "accuracy"
    first_metric = "accuracy"
    loss_name = "categorical"
    answer = "class"
    exclusive = True

    def encode(self, where: str, splits: Mapping[str, np.ndarray], names: Sequence[str]) -> Encoded:
        """[n] int32 positions in the list of class names."""
        return encode_labels(where, splits, names)

    def read(
        self, where: str, columns: Mapping[str, Cells]
    ) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
        """Classes are text or whole numbers, in the order of the alphabet or of their size."""
        if len(columns) > 1:
            raise DataError(
                f"{where}: classification has one target, got {', '.join(columns)}; for several "
                "labels at once set a task such as tabular_multilabel"
            )
        name, cells = next(iter(columns.items()))
        numbers = cells.numbers
        if numbers is not None and (odd := numbers[np.isfinite(numbers) & (numbers % 1 != 0)]).size:
            raise DataError(
                f"{where}: classes must be text or whole numbers, and the target {name!r} holds "
                f"{odd[0]}; measurements are regression: set a task such as tabular_regression"
            )
        known = np.array([label is not None for label in cells.labels])
        present = [label for label in cells.labels if label is not None]
        classes = sorted(set(present), key=None if numbers is None else float)
        position = {label: i for i, label in enumerate(classes)}
        return known, np.array([position[label] for label in present], np.int64), classes

    def target_shape(self, outputs: int) -> tuple[int, ...]:
        """A class number."""
        return ()

    def strata(self, y: np.ndarray) -> np.ndarray:
        """The classes."""
        return y

    def check_counts(self, y: np.ndarray, names: Sequence[str], splits: Sequence[str]) -> None:
        """Every class needs an example in each split."""
        counts = np.bincount(y, minlength=len(names))
        few = np.flatnonzero(counts < len(splits))
        if not few.size:
            return
        shown = ", ".join(f"{names[i]!r} has {counts[i]}" for i in few[:5])
        more = f" and {few.size - 5:,} classes more have too few" if few.size > 5 else ""
        measured = ""
        numbers = all(name.lstrip("-").isdecimal() for name in names)
        if few.size > len(counts) / 2 or (numbers and len(counts) > _MANY_CLASSES):
            measured = "; if the labels are measurements, set a task such as tabular_regression"
        raise DataError(
            f"every class needs at least {len(splits)} examples, one each for {', '.join(splits)}: "
            f"{shown}{more}; add examples, or leave such classes out{measured}"
        )

    def check_training(self, y: np.ndarray, names: Sequence[str]) -> None:
        """There is something to choose from."""
        if len(names) < 2:
            raise DataError(
                f"classification needs at least two classes, got only {names[0]!r}; add examples of "
                "another class"
            )

    def counts(self, y: np.ndarray, outputs: int) -> tuple[int, ...]:
        """Examples of each class."""
        return tuple(int(count) for count in np.bincount(y, minlength=outputs))

    def ordered(self, y: np.ndarray, places: np.ndarray, outputs: int) -> np.ndarray:
        """The model's numbers of the same classes."""
        return np.asarray(places[y])

    @property
    def _stands_alone(self) -> bool:
        """Of two classes the second is meant, as in scikit-learn."""
        return len(self.names) == 2

    def at(self, threshold: Threshold | None) -> Self:
        """See `Task`."""
        if len(self.names) != 2:
            return super().at(threshold)
        found = copy.copy(self)
        found.threshold = threshold
        return found

    def answers(self, outputs: np.ndarray, targets: np.ndarray) -> ClassAnswers:
        """See `Task`."""
        return ClassAnswers(outputs, targets, self.threshold)

    def said(self, outputs: np.ndarray) -> np.ndarray:
        """[n] the class numbers that are said."""
        if self.threshold is None:
            return super().said(outputs)
        return said_at(self.threshold, self.probabilities(outputs.astype("float64")))

    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float | None]]:
        """Precision, recall, F1 and support of each class."""
        counts = self.answers(outputs, targets).counts
        return by_output(counts.hits, counts.true, counts.said)

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Softmax."""
        return np.exp(log_softmax(outputs))

    def logits(self, answers: np.ndarray) -> np.ndarray:
        """Logarithms of the probabilities."""
        return log_of(answers)

    def blend(self, members: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """The logarithm of the mean probability."""
        logs = members - np.logaddexp.reduce(members, axis=-1, keepdims=True)
        found: np.ndarray = np.logaddexp.reduce(logs + np.log(shares)[:, None, None], axis=0)
        return found

    def difference(self, found: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
        """Of probabilities, and how often the class is the same."""
        same = self._chosen(found) == self._chosen(wanted)
        return float(np.abs(found - wanted).max()), float(same.mean())

    def _chosen(self, chances: np.ndarray) -> np.ndarray:
        """[n] class numbers, of probabilities."""
        if self.threshold is None:
            return np.asarray(chances.argmax(axis=1))
        return said_at(self.threshold, chances)

    def predicted(self, names: Sequence[str], answers: np.ndarray) -> dict[str, np.ndarray]:
        """The class named."""
        return {"predicted class": np.array(names, object)[self._chosen(answers)]}


CLASSIFICATION = Classification()
