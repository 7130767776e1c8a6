"""What a space says besides its parameters: objective, budget and data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autotrain.errors import nearest
from autotrain.space.mistakes import Mistakes
from autotrain.space.scalars import parse_duration

DIRECTIONS = ("maximize", "minimize")
_USUAL_METRICS = ("val_accuracy", "val_loss", "accuracy", "loss")
KINDS = ("image", "tabular", "text")  # of data
GOALS = ("classification", "multilabel", "regression")  # one class, several labels, numbers
TASKS = tuple(f"{kind}_{goal}" for kind in KINDS for goal in GOALS)
_SPLITS = ("auto", "whitespace", "character")

# A metric belongs here if its last word says which way is better, as in `val_f1` or `aux_loss`.
_LAST_WORD = {
    "maximize": ("accuracy", "acc", "auc", "f1", "precision", "recall", "iou", "r2", "score"),
    "minimize": (
        "loss",
        "error",
        "mae",
        "mse",
        "rmse",
        "mape",
        "crossentropy",
        "latency",
        "seconds",
        "params",
        "parameters",
        "size",
        "bytes",
        "flops",
    ),
}


def known_direction(metric: str) -> str | None:
    """The direction in which a metric of this name is better, or None where the name is silent."""
    word = metric.rpartition("_")[2]
    return next((d for d, words in _LAST_WORD.items() if word in words), None)


@dataclass(frozen=True)
class Objective:
    """A metric and the direction in which it is better.

    Args:
        metric: a name the training reports, such as `val_accuracy`.
        direction: `maximize` or `minimize`; may be left out where the name says it (`accuracy`,
            `auc`, `f1` ... maximize; `loss`, `error`, `mae`, `latency` ... minimize).

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    metric: str
    direction: str = ""

    def __post_init__(self) -> None:
        bad = Mistakes()
        metric = bad.text(("metric",), self.metric)
        if self.direction == "" or self.direction is None:
            known = known_direction(metric) if metric else None
            if metric and known is None:
                rule = "an objective with a metric that autotrain does not know needs a direction"
                similar = nearest(metric, _USUAL_METRICS)
                hint = f"add direction: maximize or minimize; {similar}".rstrip("; ")
                bad.add(("metric",), rule, metric, hint)
            object.__setattr__(self, "direction", known)
        elif not isinstance(self.direction, str) or self.direction not in DIRECTIONS:
            hint = nearest(self.direction, DIRECTIONS)
            bad.add(("direction",), "direction must be maximize or minimize", self.direction, hint)
        bad.raise_in("Objective(metric, direction)")

    @property
    def name(self) -> str:
        """The metric without the part of the data that it is computed on."""
        return self.metric.removeprefix("val_")

    @property
    def sign(self) -> float:
        """What a value is multiplied with so that higher is better."""
        return 1.0 if self.direction == "maximize" else -1.0

    def better(self, value: float, than: float) -> bool:
        """Whether a value is better than another."""
        return self.sign * value > self.sign * than


@dataclass(frozen=True)
class Budget:
    """How much a search may spend; None means that nothing is said about it.

    Args:
        epochs: epochs of a trial that is never stopped early.
        trials: the study's total number of trials.
        timeout: seconds, or a duration such as `2h`; kept as seconds.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    epochs: int | None = None
    trials: int | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        bad = Mistakes()
        for name in ("epochs", "trials"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, bad.integer((name,), value, least=1))
        if self.timeout is not None:
            try:
                object.__setattr__(self, "timeout", parse_duration(self.timeout))
            except ValueError as error:
                bad.add(("timeout",), f"timeout: {error}")
        bad.raise_in("Budget(epochs, trials, timeout)")


@dataclass(frozen=True)
class DataSpec:
    """Where the data comes from and how it is split.

    Args:
        source: a built-in data set's name, or a path; None where it is named at search time.
        image_size: height and width in pixels to which images are brought; None keeps theirs.
        validation: fraction of the data that chooses among trials.
        test: fraction of the data that the search never sees.
        target: a table's column to predict, by name or by position from 1 (or -1 from the end);
            several as a list or as `a,b`; None finds it by its usual name.
        text: the column of texts, likewise; None takes the only one there is.
        ignore: columns to leave unread, written as `target` is.
        header: whether a table's first row holds names; None finds it out.
        split_text: into tokens by `whitespace` or by `character`; `auto` decides by the script.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    source: str | None = None
    image_size: int | None = None
    validation: float = 0.2
    test: float = 0.2
    target: str | tuple[str, ...] | None = None
    text: str | None = None
    ignore: str | tuple[str, ...] | None = None
    header: bool | None = None
    split_text: str = "auto"

    def __post_init__(self) -> None:
        bad = Mistakes()
        if self.source is not None:
            bad.text(("source",), self.source)
        if self.image_size is not None:
            size = bad.integer(("image_size",), self.image_size, least=1)
            object.__setattr__(self, "image_size", size)
        for name in ("target", "ignore"):
            object.__setattr__(self, name, self._columns(bad, name))
        object.__setattr__(self, "text", self._column(bad, ("text",), self.text))
        if self.header is not None:
            bad.flag(("header",), self.header)
        if self.split_text not in _SPLITS:
            rule = f"split_text is one of {', '.join(_SPLITS)}"
            bad.add(("split_text",), rule, self.split_text, nearest(self.split_text, _SPLITS))
        validation = self._fraction(bad, "validation")
        test = self._fraction(bad, "test")
        if validation and test and validation + test >= 1:
            rule = "validation and test together must leave something to train on"
            bad.add(("test",), rule, validation + test, "make their sum smaller than 1")
        bad.raise_in("DataSpec(source, image_size, validation, test, target, ...)")

    def _columns(self, bad: Mistakes, name: str) -> str | tuple[str, ...] | None:
        value: Any = getattr(self, name)
        if not isinstance(value, (list, tuple)):
            return self._column(bad, (name,), value)
        if not value:
            bad.add((name,), f"{name} must name a column", [])
        found = [self._column(bad, (name, i), item) for i, item in enumerate(value)]
        return tuple(item for item in found if item is not None)

    def _column(self, bad: Mistakes, path: tuple[str | int, ...], value: Any) -> str | None:
        """A name, or a position as text."""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return None if value is None and len(path) == 1 else bad.text(path, value)

    def _fraction(self, bad: Mistakes, name: str) -> float | None:
        value: Any = getattr(self, name)
        number = bad.number((name,), value)
        if number is not None and not 0 < number < 1:
            rule = f"{name} is a fraction and must lie between 0 and 1, both excluded"
            bad.add((name,), rule, value)
            return None
        object.__setattr__(self, name, number)
        return number
