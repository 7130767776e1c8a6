"""Collects mistakes, so that all of them are answered at once and in the order of the file."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from autotrain.errors import Problem, SpaceError
from autotrain.space.scalars import shown

Path: TypeAlias = tuple[str | int, ...]
NOTHING: Any = object()  # stands for "there is no value to show"; None is a value
_LARGEST_INT = 2**53  # samplers compute in double precision: beyond it neighbours merge


@dataclass(frozen=True)
class Mistake:
    """A broken rule at a path of keys; who raises it turns the path into a place."""

    path: Path
    rule: str
    value: str = ""
    hint: str = ""

    def at(self, where: str) -> Problem:
        """The problem to show."""
        return Problem(where, self.rule, self.value, self.hint)


class PartError(SpaceError):
    """Mistakes in one part (a parameter, an objective ...) made before it belongs to a space.

    In Python it is an ordinary `SpaceError`; the reader of a file takes `mistakes` and gives
    each the line that it comes from.
    """

    def __init__(self, where: str, mistakes: Iterable[Mistake]) -> None:
        self.where = where
        self.mistakes = tuple(mistakes)
        super().__init__([mistake.at(where) for mistake in self.mistakes])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where, self.mistakes)


class Mistakes:
    """A list of mistakes with the checks that every part needs.

    A check returns the accepted value, or None after noting what is wrong.
    """

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def add(self, path: Path, rule: str, value: Any = NOTHING, hint: str = "") -> None:
        """Notes a broken rule; `value` is shown as YAML would write it."""
        self.found.append(Mistake(path, rule, "" if value is NOTHING else shown(value), hint))

    def absorb(self, error: PartError, move: Callable[[Path], Path], prefix: str = "") -> None:
        """Takes over the mistakes of a part, at the paths that they have in the whole."""
        for item in error.mistakes:
            self.found.append(Mistake(move(item.path), prefix + item.rule, item.value, item.hint))

    def integer(self, path: Path, value: Any, least: int | None = None) -> int | None:
        """A whole number; 2.0 is refused, for who writes it expects fractions."""
        name = path[-1]
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            hint = ""
            if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_INT:
                hint = f"write {int(value)}"
            self.add(path, f"{name} must be a whole number", value, hint)
            return None
        number = int(value)
        if least is not None and number < least:
            self.add(path, f"{name} must be at least {least}", number)
            return None
        if abs(number) > _LARGEST_INT:
            self.add(path, f"{name} must lie within ±2**53", number)
            return None
        return number

    def number(self, path: Path, value: Any) -> float | None:
        """A finite number."""
        name = path[-1]
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            self.add(path, f"{name} must be a number", value, _number_hint(value))
            return None
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.add(path, f"{name} must be a finite number", value)
            return None
        return number

    def flag(self, path: Path, value: Any) -> bool | None:
        """True or false and nothing that merely resembles them."""
        if isinstance(value, bool):
            return value
        self.add(path, f"{path[-1]} must be true or false", value)
        return None

    def text(self, path: Path, value: Any, *, lines: bool = False) -> str | None:
        """A string with something in it; `lines` allows several lines."""
        name = ".".join(str(step) for step in path) or "it"
        if not isinstance(value, str):
            self.add(path, f"{name} must be a string", value)
            return None
        one_line = "".join(value.split("\n")) if lines else value
        if not value.strip() or not one_line.isprintable():
            self.add(path, f"{name} must be readable text and not empty", value)
            return None
        return value

    def scalar(self, path: Path, value: Any, name: str) -> bool:
        """Whether the value may be a choice, a fixed value or a condition's value."""
        if value is not None and not isinstance(value, (str, int, float, bool)):
            self.add(path, f"{name} must be a string, a number, true, false or null", value)
        elif isinstance(value, float) and not math.isfinite(value):
            self.add(path, f"{name} must be finite", value)
        elif isinstance(value, int) and abs(value) > _LARGEST_INT:
            self.add(path, f"{name} must lie within ±2**53", value)
        elif isinstance(value, str) and not _is_unicode(value):
            self.add(path, f"{name} must be valid Unicode", value)
        else:
            return True
        return False

    def raise_in(self, where: str) -> None:
        """Raises what was found in one part, if anything."""
        if self.found:
            raise PartError(where, self.found)

    def raise_at(self, locate: Callable[[Path], tuple[int, str]]) -> None:
        """Raises what was found, sorted by line; `locate` gives line and place of a path."""
        if self.found:
            placed = [(*locate(item.path), item) for item in self.found]
            placed.sort(key=lambda entry: entry[0])  # stable: within a line as they were found
            raise SpaceError([item.at(where) for _, where, item in placed])


def _number_hint(value: Any) -> str:
    """The number that a string was perhaps meant to be."""
    if not isinstance(value, str) or len(value) > 50:
        return ""
    try:
        number = float(value)
    except ValueError:
        return ""
    plain = value.replace("_", "").strip()
    return f"write {plain} without quotes or '_'" if math.isfinite(number) else ""


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
