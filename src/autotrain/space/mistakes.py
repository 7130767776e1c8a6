"""What pydantic finds in a space, in our words: the rule, the value seen, and a way out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pydantic import AliasPath, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from autotrain.errors import Problem, nearest
from autotrain.space.scalars import LARGEST_INT, shown

Path: TypeAlias = tuple[str | int, ...]
Places: TypeAlias = Mapping[str, Path]  # of fields in the YAML form

NOTHING: Any = object()  # stands for "there is no value to show"; None is a value
THE_FIELDS: Any = object()  # stands for the value of the field that has the mistake


@dataclass(frozen=True)
class Mistake:
    """A broken rule at a path of keys; `{name}` at its beginning stands for the last of them."""

    path: Path
    rule: str
    value: Any = NOTHING
    hint: str = ""

    def below(self, *path: str | int, prefix: str = "") -> Mistake:
        """The same, as part of something larger."""
        return replace(self, path=(*path, *self.path), rule=prefix + self.rule)

    def problem(self, where: str) -> Problem:
        """The mistake as it is shown, at a place in words."""
        seen = "" if self.value is NOTHING else shown(self.value)
        return Problem(where, self.named("a key").rule, seen, self.hint)

    def named(self, name: str) -> Mistake:
        """With a name for what is mistaken, if it has none yet."""
        rest = self.rule.removeprefix("{name} ")
        return self if rest == self.rule else replace(self, rule=f"{name} {rest}")


def broken(
    rule: str, hint: str = "", *, value: object = THE_FIELDS, at: str = ""
) -> PydanticCustomError:
    """What a validator of one field raises.

    Args:
        rule: `{name}` at its beginning stands for the field.
        hint: a way out.
        value: the one to show, if not the field's.
        at: the field that is mistaken, if not this one.
    """
    mistake = Mistake((), rule, value, hint)
    return PydanticCustomError("mistake", "mistake", {"mistake": mistake, "at": at})


def unknown(key: object, rule: str, known: Iterable[str], what: str = "known keys") -> Mistake:
    """A key that there is none of, with the nearest that there is, or all of them."""
    names = list(dict.fromkeys(known))
    return Mistake((str(key),), rule, key, nearest(key, names) or f"{what}: {', '.join(names)}")


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raises what was found within one value, if anything; pydantic adds it to the rest.

    Raises:
        ValidationError: there are mistakes.
    """
    errors = [PydanticCustomError("mistake", "mistake", {"mistake": m}) for m in mistakes]
    if errors:
        lines: Any = [{"type": error, "input": None} for error in errors]
        raise ValidationError.from_exception_data("space", lines)


def mistakes_of(
    error: ValidationError, owner: str = "", places: Places | None = None
) -> list[Mistake]:
    """What pydantic found in one part of a space.

    Args:
        owner: what to call the part.
        places: of its fields.
    """
    return [_in_words(found, owner, places or {}) for found in error.errors(include_url=False)]


def places_of(fields: Mapping[str, FieldInfo]) -> dict[str, Path]:
    """Where the fields of a model stand in the YAML form: what their aliases say."""
    aliases = {name: info.validation_alias for name, info in fields.items()}
    return {
        name: tuple(alias.path) if isinstance(alias, AliasPath) else (str(alias or name),)
        for name, alias in aliases.items()
    }


_UNKNOWN_KEY = ("extra_forbidden", "invalid_key", "unexpected_keyword_argument")
_RULES = {  # by pydantic's type of error
    "bool_type": "{name} must be true or false",
    "dataclass_type": "{name} must be a mapping of keys to values",
    "finite_number": "{name} must be a finite number",
    "float_type": "{name} must be a number",
    "greater_than": "{name} must be above zero",
    "greater_than_equal": "{name} must be at least {ge}",
    "int_type": "{name} must be a whole number",
    "less_than_equal": "{name} must be at most {le}",
    "literal_error": "{name} must be one of {expected}",
    "string_too_long": "{name} must not be longer than {max_length} characters",
    "string_type": "{name} must be a string",
    "string_unicode": "{name} must be readable text and not empty",
    "unexpected_positional_argument": "further arguments must be given by their names",
}


def _in_words(found: ErrorDetails, owner: str, places: Places) -> Mistake:
    path, context = found["loc"], found.get("ctx", {})
    if path and isinstance(path[0], int) and path[0] < len(places):  # an argument by position
        path = (list(places)[path[0]], *path[1:])
    if found["type"] in _UNKNOWN_KEY:
        known = [str(place[0]) for place in places.values()]
        return unknown(path[-1], f"{owner} has no such key", known)
    if found["type"] == "missing":
        place = places[str(path[0])]
        return Mistake(place, f"{owner} must have the key '{place[0]}'")
    mistake: Mistake = context.get("mistake") or _explained(found)
    if mistake.value is THE_FIELDS:
        mistake = replace(mistake, value=found["input"])
    path = (*path[:-1], context["at"]) if context.get("at") else (*path, *mistake.path)
    if not path or path[0] not in places:
        return replace(mistake, path=path)
    name = ".".join(str(step) for step in path[-2 if isinstance(path[-1], int) else -1 :])
    return replace(mistake.named(name), path=(*places[str(path[0])], *path[1:]))


def _explained(found: ErrorDetails) -> Mistake:
    """An error of pydantic's own."""
    kind, value, hint = found["type"], found["input"], ""
    context = {"name": "{name}", **found.get("ctx", {})}
    if kind == "literal_error":
        names = re.findall("'(.*?)'", context["expected"])
        context["expected"], hint = ", ".join(names), nearest(value, names)
    elif kind == "int_type" and isinstance(value, float) and value.is_integer():
        hint = f"write {int(value)}" if abs(value) < LARGEST_INT else ""
    elif kind == "float_type" and isinstance(value, int) and not isinstance(value, bool):
        kind = "finite_number"  # it is too large for a float
    elif kind == "float_type":
        hint = _number_hint(value)
    rule = _RULES.get(kind, "{name} must be right: {msg}").format(msg=found["msg"], **context)
    if LARGEST_INT in (context.get("le"), -context.get("ge", 0)):
        rule = "{name} must lie within ±2**53"
    return Mistake((), rule, value, hint)


def _number_hint(value: object) -> str:
    """The number that a string was perhaps meant to be."""
    text = value.replace("_", "").strip() if isinstance(value, str) and len(value) < 50 else ""
    try:
        return f"write {text} without quotes or '_'" if math.isfinite(float(text)) else ""
    except ValueError:
        return ""
