"""One or several numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from autotrain.errors import DataError
from autotrain.tasks.base import Encoded, Task
from autotrain.tasks.metrics import Form, Metric, known_only, mean_of
from autotrain.tasks.outputs import Cells, first_text, named, stacked
from autotrain.tasks.precision import narrowed

_MOST_GROUPS, _LEAST_OF_GROUP = 10, 6
_NEAR = 0.01  # of the spread: numbers that are no farther apart are the same answer


class NumberAnswers:
    """Predicted numbers [n, outputs] with the true ones."""

    def __init__(self, predictions: np.ndarray, targets: np.ndarray) -> None:
        self._predictions = predictions
        self.truth = np.asarray(targets).astype("float64").reshape(predictions.shape)

    @cached_property
    def errors(self) -> np.ndarray:
        """[n, outputs] by how much predictions are too large."""
        return self._predictions.astype("float64") - self.truth

    @cached_property
    def spread(self) -> np.ndarray:
        """[outputs] the sum of squares around the mean."""
        return np.asarray(np.square(self.truth - self.truth.mean(axis=0)).sum(axis=0))


def _error(each: Callable[[NumberAnswers], np.ndarray]) -> Metric:
    """The mean over outputs of the mean of errors [n, outputs]."""
    return mean_of("minimize", lambda answers: each(answers).mean(axis=1))


def _rmse(answers: NumberAnswers) -> np.ndarray:
    """[outputs]"""
    return np.asarray(np.sqrt(np.square(answers.errors).mean(axis=0)))


def _r2(answers: NumberAnswers) -> np.ndarray:
    """[outputs], NaN where the truth does not vary."""
    missed, known = np.square(answers.errors).sum(axis=0), answers.spread > 0
    part = np.divide(missed, answers.spread, out=np.full(len(missed), np.nan), where=known)
    return np.asarray(1.0 - part)


def _constant(answers: NumberAnswers) -> str:
    return "" if (answers.spread > 0).all() else "all true values are the same"


def _zeros(answers: NumberAnswers) -> str:
    zeros = int((answers.truth == 0).any(axis=1).sum())
    return f"it divides by the true values, and {zeros:,} of them are 0" if zeros else ""


def _pinball(said: Sequence[str], position: int | None, name: str) -> Metric:
    """Of a quantile (Koenker and Bassett 1978)."""
    quantile = float(said[0])
    return _error(lambda a: np.maximum(-quantile * a.errors, (1 - quantile) * a.errors))


class Regression(Task):
    """Numbers; outputs are predictions [n, numbers] in the targets' own units."""

    name = "regression"
    words = "numbers"
    plural = "numbers"
    output = "number"
    plain = {
        "loss": _error(lambda a: np.square(a.errors)),
        "mse": _error(lambda a: np.square(a.errors)),
        "rmse": Metric("minimize", lambda a: float(_rmse(a).mean())),
        "mae": _error(lambda a: np.abs(a.errors)),
        "r2": Metric("maximize", lambda a: float(_r2(a).mean()), undefined=_constant),
        "mape": mean_of(
            "minimize", lambda a: np.abs(a.errors / a.truth).mean(axis=1), undefined=_zeros
        ),
    }
    forms = (
        Form("pinball_0.9 (of any quantile)", r"pinball_(0?\.\d*[1-9]\d*)", _pinball, False,
             ("pinball_0.9",)),
    )  # fmt: skip
    quick: tuple[str, ...] = ("loss", "mse", "rmse", "mae", "r2")
    training_metric = "mae"
    first_metric = "rmse"
    loss_name = "numeric"
    answer = "numbers"
    has_classes = False

    def encode(self, where: str, splits: Mapping[str, np.ndarray], names: Sequence[str]) -> Encoded:
        """[n] or [n, outputs] float32, or float64 where 32 bits would lose much."""
        encoded = {split: _numbers(f"{where}: y_{split}", y) for split, y in splits.items()}
        if any(y.dtype == np.float64 for y in encoded.values()):
            encoded = {split: _plain(splits[split].astype(np.float64)) for split in encoded}
        outputs = named(where, encoded, names, "number")
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

    def target_shape(self, outputs: int) -> tuple[int, ...]:
        """A single number has no axis of its own."""
        return () if outputs == 1 else (outputs,)

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Up to ten equally large groups by size of the first number, of six examples at least."""
        first = y.reshape(len(y), -1)[:, 0]
        ranks = np.argsort(np.argsort(first, kind="stable"), kind="stable")
        return ranks * min(_MOST_GROUPS, max(1, len(y) // _LEAST_OF_GROUP)) // len(y)

    def check_counts(self, y: np.ndarray, names: Sequence[str], splits: Sequence[str]) -> None:
        """Every number must vary, too."""
        super().check_counts(y, names, splits)
        constant = np.flatnonzero(np.ptp(y.reshape(len(y), -1), axis=0) == 0)
        if constant.size:
            raise DataError(
                f"regression needs a target that varies, and {names[constant[0]]!r} is always "
                f"{y.flat[constant[0]]}"
            )

    def counts(self, y: np.ndarray, outputs: int) -> tuple[int, ...]:
        """Numbers have no classes."""
        return ()

    def ordered(self, y: np.ndarray, places: np.ndarray, outputs: int) -> np.ndarray:
        """[n, outputs], in their own order: columns of numbers are told apart by it."""
        return y.reshape(len(y), -1)

    def answers(self, outputs: np.ndarray, targets: np.ndarray) -> NumberAnswers:
        """See `Task`."""
        return NumberAnswers(outputs, targets)

    def by_class(self, outputs: np.ndarray, targets: np.ndarray) -> dict[str, list[float | None]]:
        """Rmse, mae and r2 of each number; r2 is None where the truth does not vary."""
        answers = self.answers(outputs, targets)
        mae = np.abs(answers.errors).mean(axis=0)
        return {
            "rmse": _rmse(answers).tolist(),
            "mae": mae.tolist(),
            "r2": known_only(_r2(answers), answers.spread > 0),
        }

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
    """Checked targets of one split, as float32 or float64."""
    if y.dtype.kind not in "biuf":
        raise DataError(
            f"{key}: regression predicts numbers, got dtype {y.dtype}; for classes set a task "
            "such as tabular_classification"
        )
    if y.ndim not in (1, 2) or 0 in y.shape[1:]:
        raise DataError(
            f"{key}: numbers to predict must have the shape [n] or [n, outputs], got {list(y.shape)}"
        )
    numbers = narrowed(y)  # what is too large becomes infinite and is refused
    bad = np.flatnonzero(~np.isfinite(numbers.reshape(len(y), -1)).all(axis=1))
    if bad.size:
        raise DataError(
            f"{key}: {bad.size:,} targets are missing or infinite, first in example "
            f"{bad[0]:,}; remove these examples"
        )
    return _plain(numbers)


def _plain(numbers: np.ndarray) -> np.ndarray:
    """A single number has no axis of its own."""
    return numbers[:, 0] if numbers.ndim == 2 and numbers.shape[1] == 1 else numbers


REGRESSION = Regression()
