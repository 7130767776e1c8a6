"""One or several numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from autotrain.errors import DataError
from autotrain.tasks.base import Cells, Encoded, Task
from autotrain.tasks.outputs import first_text, named, stacked

_MOST_GROUPS, _LEAST_OF_GROUP = 10, 6
_NEAR = 0.01  # of the spread: numbers that are no farther apart are the same answer


class Regression(Task):
    """Numbers; outputs are predictions [n, numbers] in the targets' own units."""

    name = "regression"
    words = "numbers"
    plural = "numbers"
    metrics = {
        "loss": "minimize",
        "mse": "minimize",
        "rmse": "minimize",
        "mae": "minimize",
        "r2": "maximize",
    }
    training_metric = "mae"
    first_metric = "rmse"
    loss_name = "numeric"
    answer = "numbers"
    has_classes = False

    def encode(self, where: str, splits: Mapping[str, np.ndarray], names: Sequence[str]) -> Encoded:
        """[n] or [n, outputs] float32."""
        encoded = {split: _numbers(f"{where}: y_{split}", y) for split, y in splits.items()}
        outputs = named(where, encoded, names, "number")
        constant = np.flatnonzero(np.ptp(encoded["train"].reshape(-1, len(outputs)), axis=0) == 0)
        if constant.size:
            raise DataError(
                f"{where}: regression needs a target that varies, and {outputs[constant[0]]!r} is "
                f"always {encoded['train'].flat[constant[0]]}"
            )
        return encoded, outputs

    def read(
        self, where: str, columns: Mapping[str, Cells]
    ) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
        """A column for each number."""
        for name, cells in columns.items():
            if cells.numbers is None:
                raise DataError(
                    f"{where}: regression predicts numbers, and the target {name!r} holds text such "
                    f"as {first_text(cells)!r}; for classes set a task such as tabular_classification"
                )
        return stacked({name: np.asarray(cells.numbers) for name, cells in columns.items()})

    def undefined(self, targets: np.ndarray) -> dict[str, str]:
        """No share of a spread that is not there."""
        alike = np.ptp(targets.reshape(len(targets), -1), axis=0) == 0
        return {"r2": "all targets are alike"} if alike.any() else {}

    def target_shape(self, outputs: int) -> tuple[int, ...]:
        """A single number has no axis of its own."""
        return () if outputs == 1 else (outputs,)

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Up to ten equally large groups by size of the first number, of six examples at least."""
        first = y.reshape(len(y), -1)[:, 0]
        ranks = np.argsort(np.argsort(first, kind="stable"), kind="stable")
        return ranks * min(_MOST_GROUPS, max(1, len(y) // _LEAST_OF_GROUP)) // len(y)

    def counts(self, y: np.ndarray, outputs: int) -> tuple[int, ...]:
        """Numbers have no classes."""
        return ()

    def ordered(self, y: np.ndarray, places: np.ndarray, outputs: int) -> np.ndarray:
        """[n, outputs], in their own order: columns of numbers are told apart by it."""
        return y.reshape(len(y), -1)

    def evaluate(
        self, outputs: np.ndarray, targets: np.ndarray, wanted: Iterable[str] = ()
    ) -> dict[str, float]:
        """See `Task`."""
        each = _errors(outputs.astype("float64"), np.asarray(targets))
        mse = float(np.square(each["rmse"]).mean())
        means = {name: float(values.mean()) for name, values in each.items()}
        return {"loss": mse, "mse": mse, **means}

    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float]]:
        """Rmse, mae and r2 of each number."""
        each = _errors(outputs.astype("float64"), np.asarray(targets))
        return {name: values.tolist() for name, values in each.items()}

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """The numbers as they are."""
        return outputs

    def logits(self, answers: np.ndarray) -> np.ndarray:
        """The numbers as they are."""
        return answers

    def blend(self, members: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """The mean."""
        return np.tensordot(shares, members, axes=1)

    def difference(self, found: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
        """As a share of the spread, and how often it is at most a hundredth of that."""
        spread = float(np.ptp(wanted)) or 1.0
        apart = np.abs(found - wanted)
        return float(apart.max()) / spread, float((apart <= _NEAR * spread).mean())

    def predicted(self, names: Sequence[str], answers: np.ndarray) -> dict[str, np.ndarray]:
        """The numbers."""
        return {f"predicted {name}": answers[:, i] for i, name in enumerate(names)}

    def describe(self, names: Sequence[str]) -> str:
        """The numbers by name, up to five."""
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        plural = "number" if len(names) == 1 else "numbers"
        return f"{plural} to predict: {', '.join(names[:5])}{more}"


def _numbers(key: str, y: np.ndarray) -> np.ndarray:
    """Checked targets of one split, as float32."""
    if y.dtype.kind not in "biuf":
        raise DataError(
            f"{key}: regression predicts numbers, got dtype {y.dtype}; for classes set a task "
            "such as tabular_classification"
        )
    if y.ndim not in (1, 2) or 0 in y.shape[1:]:
        raise DataError(
            f"{key}: numbers to predict must have the shape [n] or [n, outputs], got {list(y.shape)}"
        )
    with np.errstate(over="ignore"):  # what is too large becomes infinite and is refused
        numbers = y.astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(numbers.reshape(len(y), -1)).all(axis=1))
    if bad.size:
        raise DataError(
            f"{key}: {bad.size:,} targets are missing or infinite, first in example "
            f"{bad[0]:,}; remove these examples"
        )
    return numbers[:, 0] if y.ndim == 2 and y.shape[1] == 1 else numbers


def _errors(predictions: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """Per number to predict: rmse, mae and r2."""
    truth = targets.astype("float64").reshape(predictions.shape)
    errors = predictions - truth
    spread = np.square(truth - truth.mean(axis=0)).sum(axis=0)
    missed = np.square(errors).sum(axis=0)
    return {
        "rmse": np.sqrt(np.square(errors).mean(axis=0)),
        "mae": np.abs(errors).mean(axis=0),
        "r2": np.where(spread > 0, 1 - missed / np.where(spread > 0, spread, 1), 0.0),
    }


REGRESSION = Regression()
