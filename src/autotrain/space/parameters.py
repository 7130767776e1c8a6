"""The four kinds of parameter: `Int`, `Float`, `Choice` and `Fixed`.

All are immutable and equal by content. A mistake raises `SpaceError` where the parameter is made.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, TypeAlias

from autotrain.space.mistakes import Mistakes
from autotrain.space.parameter_checks import check_choices, check_range, check_when, plain
from autotrain.space.scalars import Scalar, same, scalar_yaml

_GRID_TOLERANCE = 1e-6  # of a step; sums of steps do not hit decimal numbers exactly


class _Parameter:
    """What all kinds share: conditions, equality and the text that makes them again."""

    kind: ClassVar[str]
    when: Mapping[str, Any] | None

    @property
    def conditions(self) -> dict[str, tuple[Scalar, ...]]:
        """For each parameter that this one depends on, the values that make it active."""
        return dict(self.when or {})

    @property
    def range_text(self) -> str:
        """What a value must be, to follow the words "must be"."""
        raise NotImplementedError

    def canonical(self, value: Any) -> Any:
        """The value as this parameter holds it (for instance a numpy integer as an int).

        Raises:
            ValueError: the parameter cannot take the value.
        """
        raise NotImplementedError

    def contains(self, value: object) -> bool:
        """Whether the parameter can take the value; never raises."""
        try:
            self.canonical(value)
        except (ValueError, TypeError, OverflowError):
            return False
        return True

    def _arguments(self) -> list[str]:
        raise NotImplementedError

    def __repr__(self) -> str:
        arguments = self._arguments()
        if self.when:
            plain = {name: v[0] if len(v) == 1 else list(v) for name, v in self.when.items()}
            arguments.append(f"when={plain!r}")
        return f"{type(self).__name__}({', '.join(arguments)})"

    def _key(self) -> str:
        # repr tells 1, 1.0 and True apart, which == does not.
        return f"{type(self).__name__}({self._arguments()}, {sorted(self.conditions.items())!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Parameter):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _set(self, **fields: Any) -> None:
        """Replaces fields by their accepted form, past the frozen dataclass."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False, repr=False)
class Int(_Parameter):
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
    low: int
    high: int
    _: KW_ONLY
    log: bool = False
    step: int = 1
    when: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        bad = Mistakes()
        low, high = bad.integer(("low",), self.low), bad.integer(("high",), self.high)
        step, log = bad.integer(("step",), self.step, least=1), bad.flag(("log",), self.log)
        check_range(bad, (self.low, self.high), low, high, step if step != 1 else None)
        if log and low is not None and low < 1:
            bad.add(("low",), "low must be at least 1 where log is true", low)
        if log and step is not None and step != 1:
            bad.add(("step",), "step must be 1 where log is true", step, "remove step or log")
        when = check_when(bad, self.when)
        bad.raise_in("Int(low, high)")
        self._set(low=low, high=high, step=step, when=when)

    @property
    def range_text(self) -> str:
        """What a value must be, to follow the words "must be"."""
        steps = f" in steps of {self.step}" if self.step != 1 else ""
        return f"a whole number from {self.low} to {self.high}{steps}"

    def canonical(self, value: Any) -> int:
        """The value as an int; 2.0 is refused."""
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if not whole or not self.low <= value <= self.high or (value - self.low) % self.step:
            raise ValueError(f"must be {self.range_text}")
        return int(value)

    def _arguments(self) -> list[str]:
        return [repr(self.low), repr(self.high), *_options(log=self.log, step=(self.step, 1))]


@dataclass(frozen=True, eq=False, repr=False)
class Float(_Parameter):
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
    low: float
    high: float
    _: KW_ONLY
    log: bool = False
    step: float | None = None
    when: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        bad = Mistakes()
        low, high = bad.number(("low",), self.low), bad.number(("high",), self.high)
        log, step = bad.flag(("log",), self.log), self.step
        if step is not None:
            step = bad.number(("step",), step)
            if step is not None and step <= 0:
                bad.add(("step",), "step must be above zero", self.step)
                step = None
            if log:
                rule = "step must not be given where log is true"
                bad.add(("step",), rule, self.step, "remove step or log")
                step = None
        check_range(bad, (self.low, self.high), low, high, step)
        if log and low is not None and low <= 0:
            hint = "a logarithm has no zero: begin at a small number such as 1e-6"
            bad.add(("low",), "low must be above zero where log is true", self.low, hint)
        when = check_when(bad, self.when)
        bad.raise_in("Float(low, high)")
        self._set(low=low, high=high, step=step, when=when)

    @property
    def range_text(self) -> str:
        """What a value must be, to follow the words "must be"."""
        steps = f" in steps of {scalar_yaml(self.step)}" if self.step is not None else ""
        return f"a number from {scalar_yaml(self.low)} to {scalar_yaml(self.high)}{steps}"

    def canonical(self, value: Any) -> float:
        """The value as a float."""
        wrong = f"must be {self.range_text}"
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise ValueError(wrong)
        number = float(value)
        slack = 0.0 if self.step is None else self.step * _GRID_TOLERANCE
        if not self.low - slack <= number <= self.high + slack:
            raise ValueError(wrong)
        if self.step is not None:
            steps = (number - self.low) / self.step
            if abs(steps - round(steps)) > _GRID_TOLERANCE:
                raise ValueError(wrong)
        return number

    def _arguments(self) -> list[str]:
        return [repr(self.low), repr(self.high), *_options(log=self.log, step=(self.step, None))]


@dataclass(frozen=True, eq=False, repr=False)
class Choice(_Parameter):
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
    values: tuple[Scalar, ...]
    _: KW_ONLY
    when: Mapping[str, Any] | None = None

    def __init__(self, values: Iterable[Scalar], *, when: Mapping[str, Any] | None = None) -> None:
        bad = Mistakes()
        items = check_choices(bad, values)
        conditions = check_when(bad, when)
        bad.raise_in("Choice(values)")
        self._set(values=items, when=conditions)

    @property
    def range_text(self) -> str:
        """What a value must be, to follow the words "must be"."""
        names = [scalar_yaml(value) for value in self.values]
        if len(names) > 12:
            names = [*names[:12], "..."]
        return f"one of {', '.join(names)}" if len(names) > 1 else names[0]

    def canonical(self, value: Any) -> Scalar:
        """The choice that equals the value."""
        for choice in self.values:
            if same(choice, plain(value)):
                return choice
        raise ValueError(f"must be {self.range_text}")

    def _arguments(self) -> list[str]:
        return [repr(list(self.values))]


@dataclass(frozen=True, eq=False, repr=False)
class Fixed(_Parameter):
    """A value that the search does not change.

    Args:
        value: a string, a number, a boolean or None.
        when: other parameters' names with the value, or list of values, that make this one active.

    Raises:
        SpaceError: with every mistake in the arguments.
    """

    kind: ClassVar[str] = "fixed"
    value: Scalar
    _: KW_ONLY
    when: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        bad = Mistakes()
        value = plain(self.value)
        bad.scalar(("value",), value, "a fixed value")
        when = check_when(bad, self.when)
        bad.raise_in("Fixed(value)")
        self._set(value=value, when=when)

    @property
    def range_text(self) -> str:
        """What a value must be, to follow the words "must be"."""
        return f"{scalar_yaml(self.value)}, its fixed value"

    def canonical(self, value: Any) -> Scalar:
        """The fixed value."""
        if not same(self.value, plain(value)):
            raise ValueError(f"must be {self.range_text}")
        return self.value

    def _arguments(self) -> list[str]:
        return [repr(self.value)]


Parameter: TypeAlias = Int | Float | Choice | Fixed


def _options(log: bool, step: tuple[Any, Any]) -> list[str]:
    options = ["log=True"] if log else []
    value, default = step
    return options if value == default else [*options, f"step={value!r}"]
