"""The four kinds of parameter: `Int`, `Float`, `Choice` and `Fixed`, and their YAML forms.

All are immutable and equal by content. A mistake raises `SpaceError` where the parameter is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import AliasPath, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from autotrain.space.base import BaseParameter, Part, unfit
from autotrain.space.messages import NOTHING, Mistake, broken, refuse
from autotrain.space.scalars import (
    LARGEST_INT,
    Scalar,
    flow_yaml,
    is_number,
    plain,
    same,
    scalar_rule,
    scalar_yaml,
)

_GRID_TOLERANCE = 1e-6  # of a step; sums of steps do not hit decimal numbers exactly
# In Python arguments have names; the YAML form, with `low` in `{int: [low, high]}`, is by alias.
_CONFIG = ConfigDict(
    extra="forbid", loc_by_alias=False, validate_by_name=True, validate_by_alias=False
)


def _as_written(number: float) -> float:
    """The number for a message: 1.0 was most likely written 1."""
    return int(number) if float(number).is_integer() and abs(number) < LARGEST_INT else number


def _check_ends(high: Any, info: ValidationInfo) -> Any:
    low = info.data.get("low")
    if low is not None and low > high:
        ends = [_as_written(low), _as_written(high)]
        hint = f"swap them: {flow_yaml(ends[::-1])}"
        raise broken("low must not be above high", hint, value=ends, at="low")
    return high


def _check_log(log: bool, info: ValidationInfo) -> bool:
    low = info.data.get("low", 1)
    if log and low <= 0 and isinstance(low, int):
        raise broken("low must be at least 1 where log is true", value=low, at="low")
    if log and low <= 0:
        hint = "a logarithm has no zero: begin at a small number such as 1e-6"
        rule = "low must be above zero where log is true"
        raise broken(rule, hint, value=_as_written(low), at="low")
    return log


def _check_step(step: Any, info: ValidationInfo) -> Any:
    whole = isinstance(step, int)
    if step is None or (whole and step == 1):
        return step
    if info.data.get("log"):
        rule = f"step must {'be 1' if whole else 'not be given'} where log is true"
        raise broken(rule, "remove step or log")
    low, high = info.data.get("low"), info.data.get("high")
    # A step that goes in exactly once is larger by rounding: 0.9 - 0.8 is below 0.1.
    slack = 1.0 if whole else 1.0 + _GRID_TOLERANCE
    if low is not None and high is not None and low < high and step > (high - low) * slack:
        raise broken("step must not be larger than high - low")
    return step


def _repeated(items: Sequence[Any]) -> Iterable[Mistake]:
    """Mistakes where a choice stands a second time; 1, 1.0 and True are the same here."""
    first: dict[Scalar, int] = {}
    for index, item in enumerate(items):
        if scalar_rule(item, ""):
            continue  # it may be a list, which has no hash
        other = items[first.setdefault(item, index)]
        if first[item] != index:
            alike = "" if repr(other) == repr(item) else f"it equals {flow_yaml(other)}"
            yield Mistake((index,), "choices must differ from one another", item, alike)


@dataclass(frozen=True, eq=False, repr=False, config=_CONFIG)
class Int(BaseParameter, Part):
    """A whole number from `low` to `high`, both included.

    Args:
        low: smallest value.
        high: largest value.
        log: sample the logarithm evenly, for ranges over several powers of ten; needs low >= 1.
        step: only low, low + step, low + 2 step ... up to high.
        when: other parameters' names with the value, or list of values, that make this one active.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    kind: ClassVar[str] = "int"
    words: ClassVar[str] = "a parameter with 'int'"
    low: int = Field(
        strict=True, ge=-LARGEST_INT, le=LARGEST_INT, validation_alias=AliasPath("int", 0)
    )
    high: int = Field(
        strict=True, ge=-LARGEST_INT, le=LARGEST_INT, validation_alias=AliasPath("int", 1)
    )
    log: bool = Field(default=False, strict=True, kw_only=True)
    step: int = Field(default=1, strict=True, ge=1, le=LARGEST_INT, kw_only=True)
    when: Mapping[str, Any] | None = Field(default=None, kw_only=True)

    _ends = field_validator("high")(_check_ends)
    _log = field_validator("log")(_check_log)
    _step = field_validator("step")(_check_step)

    def _range(self) -> str:
        steps = f" in steps of {self.step}" if self.step != 1 else ""
        return f"a whole number from {self.low} to {self.high}{steps}"

    def _held(self, value: Any) -> Any:
        whole = is_number(value) and isinstance(value, int) and self.low <= value <= self.high
        return value if whole and not (value - self.low) % self.step else NOTHING


@dataclass(frozen=True, eq=False, repr=False, config=_CONFIG)
class Float(BaseParameter, Part):
    """A number from `low` to `high`, both included.

    Args:
        low: smallest value.
        high: largest value.
        log: sample the logarithm evenly, for ranges over several powers of ten; needs low > 0.
        step: only low, low + step, low + 2 step ... up to high; not together with log.
        when: other parameters' names with the value, or list of values, that make this one active.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    kind: ClassVar[str] = "float"
    words: ClassVar[str] = "a parameter with 'float'"
    low: float = Field(strict=True, allow_inf_nan=False, validation_alias=AliasPath("float", 0))
    high: float = Field(strict=True, allow_inf_nan=False, validation_alias=AliasPath("float", 1))
    log: bool = Field(default=False, strict=True, kw_only=True)
    step: float | None = Field(default=None, strict=True, gt=0, allow_inf_nan=False, kw_only=True)
    when: Mapping[str, Any] | None = Field(default=None, kw_only=True)

    _ends = field_validator("high")(_check_ends)
    _log = field_validator("log")(_check_log)
    _step = field_validator("step")(_check_step)

    def _range(self) -> str:
        steps = f" in steps of {scalar_yaml(self.step)}" if self.step is not None else ""
        return f"a number from {scalar_yaml(self.low)} to {scalar_yaml(self.high)}{steps}"

    def _held(self, value: Any) -> Any:
        slack = 0.0 if self.step is None else self.step * _GRID_TOLERANCE
        if not is_number(value) or not self.low - slack <= value <= self.high + slack:
            return NOTHING
        steps = 0.0 if self.step is None else (value - self.low) / self.step
        return float(value) if abs(steps - round(steps)) <= _GRID_TOLERANCE else NOTHING


@dataclass(frozen=True, eq=False, repr=False, config=_CONFIG)
class Choice(BaseParameter, Part):
    """One of several values, without an order among them.

    Values are strings, numbers, booleans or None. They must differ from one another, and `1`,
    `1.0` and `True` do not: storages compare values by `==`, so a trial could not tell them apart.

    Args:
        values: the choices, at least one.
        when: other parameters' names with the value, or list of values, that make this one active.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    kind: ClassVar[str] = "choice"
    words: ClassVar[str] = "a parameter with 'choice'"
    values: Sequence[Scalar] = Field(validation_alias=AliasPath("choice"))
    when: Mapping[str, Any] | None = Field(default=None, kw_only=True)

    @field_validator(
        "values", mode="plain",
        json_schema_input_type=Annotated[list[Scalar], Field(min_length=1)],
    )  # fmt: skip
    @classmethod
    def _check_values(cls, values: Any) -> tuple[Scalar, ...]:
        if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
            raise broken("the choices must be a list")
        items = tuple(plain(value) for value in values)
        if not items:
            raise broken("there must be at least one choice", value=[])
        refuse([*unfit(items, "a choice"), *_repeated(items)])
        return items

    def _range(self) -> str:
        names = [scalar_yaml(value) for value in self.values]
        if len(names) > 12:
            names = [*names[:12], "..."]
        return f"one of {', '.join(names)}" if len(names) > 1 else names[0]

    def _held(self, value: Any) -> Any:
        return next((choice for choice in self.values if same(choice, value)), NOTHING)


@dataclass(frozen=True, eq=False, repr=False, config=_CONFIG)
class Fixed(BaseParameter, Part):
    """A value that the search does not change.

    Args:
        value: a string, a number, a boolean or None.
        when: other parameters' names with the value, or list of values, that make this one active.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    kind: ClassVar[str] = "fixed"
    words: ClassVar[str] = "a parameter with 'value'"
    value: Scalar
    when: Mapping[str, Any] | None = Field(default=None, kw_only=True)

    @field_validator("value", mode="plain", json_schema_input_type=Scalar)
    @classmethod
    def _check_value(cls, value: Any) -> Scalar:
        fixed: Scalar = plain(value)
        if rule := scalar_rule(fixed, "a fixed value"):
            raise broken(rule)
        return fixed

    def _range(self) -> str:
        return f"{scalar_yaml(self.value)}, its fixed value"

    def _held(self, value: Any) -> Any:
        return self.value if same(self.value, value) else NOTHING


Parameter: TypeAlias = Int | Float | Choice | Fixed
