"""One of several classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from autotrain.errors import DataError
from autotrain.serving.table_reader import BOOLEANS
from autotrain.tasks.base import Cells, Encoded, Task, unknown_class
from autotrain.tasks.labels import encode_labels
from autotrain.tasks.metrics import SLOW, areas, by_output, log_of, log_softmax

_MANY_CLASSES = 20  # whole numbers of more values are likely to be measurements


class Classification(Task):
    """One class for each example; outputs are logits [n, classes]."""

    name = "classification"
    words = "one class for each example"
    plural = "classes"
    metrics = {
        "loss": "minimize",
        "accuracy": "maximize",
        "balanced_accuracy": "maximize",
        "macro_f1": "maximize",
        "auc": "maximize",
        "pr_auc": "maximize",
    }
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
        classes = sorted(set(present), key=None if numbers is None else _size)
        position = {label: i for i, label in enumerate(classes)}
        return known, np.array([position[label] for label in present], np.int64), classes

    def truth(
        self, where: str, columns: Mapping[str, Cells], names: Sequence[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        """The model's number of the class that each cell names."""
        if len(columns) > 1:
            raise DataError(f"{where}: classification has one target, got {', '.join(columns)}")
        labels = next(iter(columns.values())).labels
        positions = {name: i for i, name in enumerate(names)}
        found = []
        for row, label in enumerate(labels):
            if label is None:
                continue
            spelling = next((s for s in _spellings(label) if s in positions), None)
            if spelling is None:
                raise unknown_class(f"{where}, example {row:,}", label, names)
            found.append(positions[spelling])
        return np.array([label is not None for label in labels]), np.array(found, np.int64)

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

    def counts(self, y: np.ndarray, outputs: int) -> tuple[int, ...]:
        """Examples of each class."""
        return tuple(int(count) for count in np.bincount(y, minlength=outputs))

    def ordered(self, y: np.ndarray, places: np.ndarray, outputs: int) -> np.ndarray:
        """The model's numbers of the same classes."""
        return np.asarray(places[y])

    def evaluate(
        self, outputs: np.ndarray, targets: np.ndarray, wanted: Iterable[str] = ()
    ) -> dict[str, float]:
        """See `Task`."""
        logits, labels = outputs.astype("float64"), np.asarray(targets)
        logs = log_softmax(logits)
        hits, true, said = _counts(logits, labels)
        seen, either = true > 0, true + said > 0  # scikit-learn averages over labels that occur
        found = {
            "loss": float(-logs[np.arange(len(labels)), labels].mean()),
            "accuracy": float(hits.sum() / len(labels)),
            "balanced_accuracy": float((hits[seen] / true[seen]).mean()),
            "macro_f1": float((2 * hits[either] / (true + said)[either]).mean()),
        }
        slow = [name for name in SLOW if name in wanted]
        return {**found, **_areas(np.exp(logs), labels, slow)} if slow else found

    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float]]:
        """Precision, recall, F1 and support of each class."""
        return by_output(*_counts(outputs.astype("float64"), np.asarray(targets)))

    def each(self, metric: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """Of the accuracy: whether each example is right."""
        if metric != "accuracy":
            return None
        hits: np.ndarray = (outputs.argmax(axis=1) == targets).astype("float64")
        return hits

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
        same = found.argmax(axis=1) == wanted.argmax(axis=1)
        return float(np.abs(found - wanted).max()), float(same.mean())

    def predicted(self, names: Sequence[str], answers: np.ndarray) -> dict[str, np.ndarray]:
        """The class named."""
        return {"predicted class": np.array(names, object)[answers.argmax(axis=1)]}


def _size(label: str) -> tuple[float, int, str]:
    """What puts numbers in the order of their size, also those beyond the precision of floats."""
    return float(label), int(label) if label.lstrip("+-").isdecimal() else 0, label


def _spellings(label: str) -> list[str]:
    """How the class of a cell may be called: as it is, as a whole number, or as a truth value."""
    whole = label.partition(".")[0] if label.rstrip("0").endswith(".") else label
    return [label, whole, BOOLEANS.get(label, label)]


def _counts(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per class: examples found, examples that have it, examples said to have it."""
    classes = logits.shape[1]
    counts = np.bincount(labels * classes + logits.argmax(axis=1), minlength=classes**2)
    confusion = counts.reshape(classes, classes)
    return np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)


def _areas(scores: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> Mapping[str, float]:
    """Each class against the rest; with two classes it is that of the second."""
    truth = np.eye(scores.shape[1])[labels]
    if scores.shape[1] == 2:
        truth, scores = truth[:, 1:], scores[:, 1:]
    return areas(scores, truth, names)


CLASSIFICATION = Classification()
