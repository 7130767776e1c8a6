"""Any of several labels at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from autotrain.errors import DataError
from autotrain.tasks import class_metrics as ours
from autotrain.tasks.base import Encoded, Task
from autotrain.tasks.metrics import by_output, log_of, mean_of, sigmoid
from autotrain.tasks.outputs import Cells, first_text, named, stacked

_YES_NO = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}
_SPLITS = 3  # examples that a group needs, one for each split


class LabelAnswers:
    """What a model says to many examples, with the truth.

    Args:
        logits: [n, labels]; truth: [n, labels] of 0 and 1.
    """

    def __init__(self, logits: np.ndarray, truth: np.ndarray) -> None:
        self._logits, self._truth = logits, np.asarray(truth) > 0
        self.total = len(logits)

    @cached_property
    def true(self) -> np.ndarray:
        """[labels] examples that have each."""
        return self._truth.sum(axis=0)

    @cached_property
    def counts(self) -> ours.Counts:
        """Of the labels."""
        said = self._logits > 0
        hits = (said & self._truth).sum(axis=0)
        return ours.Counts(hits, self.true, said.sum(axis=0), self.total)

    @cached_property
    def losses(self) -> np.ndarray:
        """[n] the binary cross-entropy, the mean over labels."""
        logits = self._logits.astype("float64")
        return np.asarray((np.logaddexp(0.0, logits) - self._truth * logits).mean(axis=1))

    @cached_property
    def right(self) -> np.ndarray:
        """[n, labels] whether each is as said."""
        return (self._logits > 0) == self._truth

    def one(self, position: int) -> tuple[np.ndarray, np.ndarray]:
        """See `class_metrics.Answers`."""
        return self._truth[:, position], sigmoid(self._logits[:, position].astype("float64"))


class MultiLabel(Task):
    """Any of several labels for each example; outputs are logits [n, labels]."""

    name = "multilabel"
    words = "any of several labels for each example"
    plural = "labels"
    output = "label"
    plain = {
        "loss": mean_of("minimize", lambda answers: answers.losses),
        "accuracy": mean_of("maximize", lambda answers: answers.right.mean(axis=1)),
        "exact_accuracy": mean_of(
            "maximize", lambda answers: answers.right.all(axis=1).astype("float64")
        ),
        "macro_f1": ours.of_counts(ours.macro_f1(occurring=False)),
        "weighted_f1": ours.of_counts(ours.weighted_f1(occurring=False)),
        "log_loss": mean_of("minimize", lambda answers: answers.losses),
        "auc": ours.area("auc"),
        "pr_auc": ours.area("pr_auc"),
    }
    forms = (*ours.OF_ONE, ours.averages("macro|weighted|micro", occurring=False))
    quick = ("loss", "accuracy", "exact_accuracy", "macro_f1")
    training_metric = "accuracy"
    first_metric = "macro_f1"
    loss_name = "binary"
    answer = "labels"
    takes_all = True

    def encode(self, where: str, splits: Mapping[str, np.ndarray], names: Sequence[str]) -> Encoded:
        """[n, labels] float32 of 0 and 1."""
        encoded = {}
        for split, y in splits.items():
            key = f"{where}: y_{split}"
            if y.ndim != 2 or y.shape[1] == 0 or y.dtype.kind not in "biuf":
                raise DataError(
                    f"{key}: several labels at once must be numbers of the shape [n, labels], got dtype "
                    f"{y.dtype} and shape {list(y.shape)}; for one class per example set a task "
                    "such as tabular_classification"
                )
            odd = y[~np.isin(y, (0, 1))]
            if odd.size:
                raise DataError(
                    f"{key}: a label must be 0 or 1, got {odd.flat[0]}; write 1 where it holds"
                )
            encoded[split] = y.astype(np.float32)
        return encoded, named(where, encoded, names, "label")

    def read(
        self, where: str, columns: Mapping[str, Cells]
    ) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
        """A column for each label, of 0 and 1, false and true, or no and yes."""
        return stacked({name: _yes_or_no(where, name, cells) for name, cells in columns.items()})

    def target_shape(self, outputs: int) -> tuple[int, ...]:
        """A number for each label."""
        return (outputs,)

    def strata(self, y: np.ndarray) -> np.ndarray:
        """For each example the rarest of its labels, counted from 1, and 0 where it has none."""
        order = np.argsort(-y.sum(axis=0), kind="stable")
        strata = np.zeros(len(y), np.int64)
        for label in order:  # the rarest comes last and overwrites the others
            strata[y[:, label] == 1] = label + 1
        few = np.bincount(strata) < _SPLITS
        strata[few[strata]] = 0
        if 0 < (strata == 0).sum() < _SPLITS:  # such a group cannot be split: join the largest
            strata[strata == 0] = np.argmax(np.bincount(strata))
        return strata

    def check_training(self, y: np.ndarray, names: Sequence[str]) -> None:
        """Every label needs a positive."""
        lacking = np.flatnonzero(y.sum(axis=0) == 0)
        if lacking.size:
            said = ", ".join(repr(names[i]) for i in lacking[:5])
            raise DataError(
                f"every label must hold for some training examples, and for none holds {said}; add "
                "such examples, or leave the label out"
            )

    def counts(self, y: np.ndarray, outputs: int) -> tuple[int, ...]:
        """Positives of each label."""
        return tuple(int(count) for count in y.sum(axis=0))

    def ordered(self, y: np.ndarray, places: np.ndarray, outputs: int) -> np.ndarray:
        """The labels in the model's order; what is not among them does not hold."""
        found = np.zeros((len(y), outputs), y.dtype)
        found[:, places] = y
        return found

    def answers(self, outputs: np.ndarray, targets: np.ndarray) -> LabelAnswers:
        """See `Task`."""
        return LabelAnswers(outputs, targets)

    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float | None]]:
        """Precision, recall, F1 and support of each label."""
        counts = self.answers(outputs, targets).counts
        return by_output(counts.hits, counts.true, counts.said)

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """The sigmoid, label by label."""
        return sigmoid(outputs)

    def logits(self, answers: np.ndarray) -> np.ndarray:
        """log(p / (1 - p))."""
        return log_of(answers) - log_of(1.0 - answers.astype("float64"))

    def blend(self, members: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """log(p / (1 - p)) of the mean probability p."""
        logs = np.log(shares)[:, None, None]
        yes, no = -np.logaddexp(0.0, -members), -np.logaddexp(0.0, members)
        found: np.ndarray = np.logaddexp.reduce(yes + logs, axis=0)
        return found - np.logaddexp.reduce(no + logs, axis=0)

    def difference(self, found: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
        """Of probabilities, and how often a label is said of an example by both or by neither."""
        same = (found > 0.5) == (wanted > 0.5)
        return float(np.abs(found - wanted).max()), float(same.mean())

    def predicted(self, names: Sequence[str], answers: np.ndarray) -> dict[str, np.ndarray]:
        """Yes or no for each label."""
        said = np.where(answers > 0.5, "yes", "no").astype(object)
        return {f"predicted {name}": said[:, i] for i, name in enumerate(names)}

    def describe(self, names: Sequence[str]) -> str:
        """How many labels."""
        return f"{len(names):,} {'label' if len(names) == 1 else 'labels'}"


def _yes_or_no(where: str, name: str, cells: Cells) -> np.ndarray:
    """[n] 0 or 1, NaN where one is missing."""
    numbers = cells.numbers
    if numbers is None:
        words = [None if label is None else label.lower() for label in cells.labels]
        if set(words) <= {None, *_YES_NO}:
            numbers = np.array([_YES_NO.get(word or "", np.nan) for word in words])
    if numbers is None or not np.isin(numbers[~np.isnan(numbers)], (0, 1)).all():
        odd = first_text(cells) if numbers is None else numbers[~np.isin(numbers, (0, 1))][0]
        raise DataError(
            f"{where}: each label of several must be 0 or 1 (or false and true), and the target "
            f"{name!r} holds {odd!s}; one column of classes is classification"
        )
    return numbers


MULTILABEL = MultiLabel()
