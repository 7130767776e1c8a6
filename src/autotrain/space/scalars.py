"""Scalars of the space language: text to value and back, and values as they appear in messages.

Only what YAML 1.2's core schema calls a number, a boolean or null is one: `1e-3` is a number and
`on`, `off`, `yes` and `no` are strings (YAML 1.1, which PyYAML follows, has both the other way).
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
LARGEST_INT = 2**53  # samplers compute in double precision: beyond it neighbours merge

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False}
_BOOLEANS["FALSE"] = False
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = {"0o": (re.compile(r"0o[0-7]+"), 8), "0x": (re.compile(r"0x[0-9a-fA-F]+"), 16)}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})
_MOST_DIGITS = 100  # far beyond any hyperparameter; int() is quadratic and refuses 4,300 of them

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*")
_OLD_BOOLEANS = frozenset({"y", "n", "yes", "no", "on", "off"})  # YAML 1.1 tools misread these
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([smhd])\s*")
_LONGEST_SHOWN = 80


def resolve(text: str) -> Scalar:
    """The value of an unquoted YAML scalar.

    Raises:
        ValueError: the text is a whole number of absurd length.
    """
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            raise ValueError(f"a number has at most {_MOST_DIGITS} digits")
        return int(text)
    pattern, base = _BASED.get(text[:2], (None, 0))
    if pattern and len(text) <= _MOST_DIGITS and pattern.fullmatch(text):
        return int(text[2:], base)
    if _FLOAT.fullmatch(text):
        return float(text)
    if infinite := _INFINITY.fullmatch(text):
        return -math.inf if infinite[1] == "-" else math.inf
    return math.nan if text in _NAN else text


def parse_scalar(text: str) -> Scalar:
    """The value of a scalar typed on a command line; quotes make it a string.

    Raises:
        ValueError: the text is a whole number of absurd length.
    """
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return resolve(text)


def scalar_yaml(value: Scalar) -> str:
    """The shortest YAML text that reads back as this very value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_yaml(value)
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _OLD_BOOLEANS and resolve(value) == value:
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


def _float_yaml(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, mark, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa


def _escaped(character: str) -> str:
    plain = character if character.isprintable() else f"\\U{ord(character):08x}"
    return _ESCAPES.get(character, plain)


def flow_yaml(value: object, scalar: Callable[[Any], str] = scalar_yaml) -> str:
    """Plain data as one line of YAML in flow style, with scalars written by a function."""
    if isinstance(value, Mapping):
        entries = (f"{scalar_yaml(str(k))}: {flow_yaml(v, scalar)}" for k, v in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow_yaml(item, scalar) for item in value) + "]"
    return scalar(value)


def shown(value: object) -> str:
    """The value as a message shows it: short, and strings always in quotes."""
    text = flow_yaml(value, _shown_scalar)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."


def _shown_scalar(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 400:
        return "a number of more than a hundred digits"  # str() refuses those of 4,300
    return scalar_yaml(value) if value is None or isinstance(value, (bool, float)) else repr(value)


def plain(value: object) -> Any:
    """Numpy's scalars and the like as Python's own; anything else as it is."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    try:
        return float(value) if isinstance(value, numbers.Real) else value
    except OverflowError:  # a fraction beyond all floats
        return value


def scalar_rule(value: object, what: str) -> str:
    """The rule that a value breaks which must be a scalar; empty if it breaks none."""
    if value is not None and not isinstance(value, (str, int, float, bool)):
        return f"{what} must be a string, a number, true, false or null"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{what} must be finite"
    if isinstance(value, int) and abs(value) > LARGEST_INT:
        return f"{what} must lie within ±2**53"
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        return f"{what} must be valid Unicode"
    return ""


def is_number(value: object) -> bool:
    """Whether the value is an int or a float; a boolean is neither here."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(first: object, second: object) -> bool:
    """Equality that keeps booleans apart from numbers: 1 is 1.0, but neither is `true`."""
    if is_number(first) and is_number(second):
        return first == second
    return type(first) is type(second) and first == second


def parse_duration(value: str | float) -> float:
    """Seconds of a duration such as `90s`, `30m`, `2h`, `1d`, `1h 30m`, or of a number of seconds.

    Raises:
        ValueError: the text is no duration, or it is not above zero.
    """
    seconds: Any = parse_scalar(value) if isinstance(value, str) else value
    text = seconds if isinstance(seconds, str) and len(seconds) < _MOST_DIGITS else ""
    if re.fullmatch(f"({_DURATION.pattern})+", text):
        seconds = sum(float(n) * _SECONDS[unit] for n, unit in _DURATION.findall(text))
    # Beyond 400 bits an int is no float.
    huge = isinstance(seconds, int) and seconds.bit_length() > 400
    if huge or not is_number(seconds) or not 0 < seconds < math.inf:
        rule = (
            "a duration is a number with s, m, h or d, such as 90s, 30m, 2h or 1d, and above zero"
        )
        raise ValueError(f"{rule}, got {shown(value)}")
    return float(seconds)


def duration_text(seconds: float) -> str | float:
    """The duration in its largest whole unit (`2h`), or in seconds if there is none."""
    for unit in "dhms":
        count = seconds / _SECONDS[unit]
        if count >= 1 and count == int(count) and count < 1e15:
            return f"{int(count)}{unit}"
    return seconds
