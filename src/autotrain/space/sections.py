"""What a space says besides its parameters: objective, budget and data."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from autotrain.errors import nearest
from autotrain.space.base import Part
from autotrain.space.messages import NOTHING, Mistake, broken, refuse
from autotrain.space.scalars import LARGEST_INT, parse_duration

_CONFIG = ConfigDict(extra="forbid", loc_by_alias=False)
_FRACTION: Any = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
_DIRECTIONS = ("maximize", "minimize")
_USUAL_METRICS = ("val_accuracy", "val_loss", "accuracy", "loss")
# A metric belongs here if its last word says which way is better, as in `val_f1` or `aux_loss`.
_LAST_WORD = {
    "maximize": "accuracy acc auc f1 precision recall iou r2 score",
    "minimize": "loss error mae mse rmse mape crossentropy latency seconds params parameters size "
    "bytes flops",
}


def _text_rule(value: Any) -> str:
    if not isinstance(value, str):
        return "{name} must be a string"
    readable = value.strip() and value.isprintable()
    return "" if readable else "{name} must be readable text and not empty"


def readable(text: str | None) -> str | None:
    """The text, if a person can read it; raises the mistake of the field that has it."""
    if text is not None and (rule := _text_rule(text)):
        raise broken(rule)
    return text


def _column(value: Any) -> Any:
    """A position in a table as text, like a name."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def usual_direction(metric: str) -> Literal["maximize", "minimize", ""]:
    """The direction in which a metric of this name is better; empty where the name is silent."""
    word = metric.rpartition("_")[2]
    if word in _LAST_WORD["maximize"].split():
        return "maximize"
    return "minimize" if word in _LAST_WORD["minimize"].split() else ""


@dataclass(frozen=True, config=_CONFIG)
class Objective(Part):
    """A metric and the direction in which it is better.

    Args:
        metric: a name the training reports, such as `val_accuracy`.
        direction: `maximize` or `minimize`; may be left out where the name says it (`accuracy`,
            `auc`, `f1` ... maximize; `loss`, `error`, `mae`, `latency` ... minimize).

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    words: ClassVar[str] = "an objective"
    metric: str = Field(strict=True)
    direction: Literal["maximize", "minimize", ""] = Field(default="", validate_default=True)

    _text = field_validator("metric")(readable)

    @field_validator(
        "direction", mode="plain", json_schema_input_type=Literal["maximize", "minimize"]
    )
    @classmethod
    def _check_direction(cls, direction: Any, info: ValidationInfo) -> str:
        metric = info.data.get("metric", "loss")
        if direction in _DIRECTIONS:
            return str(direction)
        if direction is not None and direction != "":
            hint = nearest(direction, _DIRECTIONS)
            raise broken("direction must be maximize or minimize", hint)
        if not (usual := usual_direction(metric)):
            similar = nearest(metric, _USUAL_METRICS)
            hint = f"add direction: maximize or minimize; {similar}".rstrip("; ")
            rule = "an objective with a metric that autotrain does not know needs a direction"
            raise broken(rule, hint, value=metric, at="metric")
        return usual

    @property
    def name(self) -> str:
        """The metric without `val_`, which says on what part of the data it is measured."""
        return self.metric.removeprefix("val_")

    @property
    def sign(self) -> float:
        """What makes a value the larger, the better it is: 1.0, or -1.0 to minimize."""
        return 1.0 if self.direction == "maximize" else -1.0

    def better(self, a: float, b: float) -> bool:
        """Whether the value `a` is better than `b`; never where one of them is NaN."""
        return self.sign * a > self.sign * b


@dataclass(frozen=True, config=_CONFIG)
class Budget(Part):
    """How much a search may spend; None means that nothing is said about it.

    Args:
        epochs: epochs of a trial that is never stopped early.
        trials: the study's total number of trials.
        timeout: seconds, or a duration such as `2h`; kept as seconds.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    words: ClassVar[str] = "budget"
    epochs: int | None = Field(default=None, strict=True, ge=1, le=LARGEST_INT)
    trials: int | None = Field(default=None, strict=True, ge=1, le=LARGEST_INT)
    timeout: float | None = None

    @field_validator("timeout", mode="plain", json_schema_input_type=float | str | None)
    @classmethod
    def _check_timeout(cls, timeout: Any) -> float | None:
        try:
            return None if timeout is None else parse_duration(timeout)
        except ValueError as error:
            raise broken(f"timeout: {error}", value=NOTHING) from None


@dataclass(frozen=True, config=_CONFIG)
class DataSpec(Part):
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
        decimal: the decimal mark of a table's numbers; None finds it out.
        split_text: into tokens by `whitespace` or by `character`; `auto` decides by the script.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    words: ClassVar[str] = "data"
    source: str | None = Field(default=None, strict=True)
    image_size: int | None = Field(default=None, strict=True, ge=1, le=LARGEST_INT)
    validation: float = Field(
        default=0.2, strict=True, allow_inf_nan=False, json_schema_extra=_FRACTION
    )
    test: float = Field(default=0.2, strict=True, allow_inf_nan=False, json_schema_extra=_FRACTION)
    target: str | tuple[str, ...] | None = None
    text: str | None = Field(default=None, strict=True)
    ignore: str | tuple[str, ...] | None = None
    header: bool | None = Field(default=None, strict=True)
    decimal: Literal[".", ","] | None = None
    split_text: Literal["auto", "whitespace", "character"] = "auto"

    _position = field_validator("text", mode="before", json_schema_input_type=str | int | None)(
        _column
    )
    _text = field_validator("source", "text")(readable)

    @field_validator("validation", "test")
    @classmethod
    def _check_fraction(cls, value: float, info: ValidationInfo) -> float:
        if not 0 < value < 1:
            raise broken("{name} is a fraction and must lie between 0 and 1, both excluded")
        held_out = info.data.get("validation", 0.0) + value
        if held_out >= 1:
            rule = "validation and test together must leave something to train on"
            raise broken(rule, "make their sum smaller than 1", value=held_out)
        return value

    @field_validator(
        "target", "ignore", mode="plain",
        json_schema_input_type=str | int | list[str | int] | None,
    )  # fmt: skip
    @classmethod
    def _check_columns(cls, value: Any) -> str | tuple[str, ...] | None:
        several = isinstance(value, (list, tuple))
        columns = [_column(item) for item in (value if several else [value])]
        if not columns:
            raise broken("{name} must name a column", value=[])
        if value is None:
            return None
        checked = [((i,) if several else (), _text_rule(c), c) for i, c in enumerate(columns)]
        refuse(Mistake(path, rule, column) for path, rule, column in checked if rule)
        return tuple(columns) if several else str(columns[0])
