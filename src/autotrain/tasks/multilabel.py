"""Any of several labels at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from autotrain.errors import DataError
from autotrain.tasks.base import Cells, Encoded, Task
from autotrain.tasks.metrics import SLOW, areas, by_output, log_of, share, sigmoid
from autotrain.tasks.outputs import first_text, named, stacked

_YES_NO = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}
_SPLITS = 3  # examples that a group needs, one for each split


class MultiLabel(Task):
    """Any of several labels for each example; outputs are logits [n, labels]."""

    name = "multilabel"
    words = "any of several labels for each example"
    plural = "labels"
    metrics = {
        "loss": "minimize",
        "accuracy": "maximize",
        "exact_accuracy": "maximize",
        "macro_f1": "maximize",
        "auc": "maximize",
        "pr_auc": "maximize",
    }
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

    def evaluate(
        self, outputs: np.ndarray, targets: np.ndarray, wanted: Iterable[str] = ()
    ) -> dict[str, float]:
        """See `Task`."""
        logits, truth = outputs.astype("float64"), np.asarray(targets).astype("float64")
        loss = np.logaddexp(0.0, logits) - truth * logits
        right = (logits > 0) == (truth > 0)
        hits, true, said = _counts(logits, truth)
        slow = [name for name in SLOW if name in wanted]
        return {
            "loss": float(loss.mean()),
            "accuracy": float(right.mean()),
            "exact_accuracy": float(right.all(axis=1).mean()),
            "macro_f1": float(share(2.0 * hits, true + said).mean()),
            **(areas(sigmoid(logits), np.asarray(targets), slow) if slow else {}),
        }

    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float]]:
        """Precision, recall, F1 and support of each label."""
        return by_output(*_counts(outputs.astype("float64"), np.asarray(targets)))

    def each(self, metric: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """Of the exact accuracy: whether all labels of an example are right."""
        if metric != "exact_accuracy":
            return None
        whole: np.ndarray = ((outputs > 0) == (targets > 0)).all(axis=1).astype("float64")
        return whole

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


def _counts(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per label: examples found, examples that have it, examples said to have it."""
    chosen, true = logits > 0, labels > 0
    return (chosen & true).sum(axis=0), true.sum(axis=0), chosen.sum(axis=0)


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
