"""Numbers as people write them: decimal commas, thousands, per cent, currencies.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple, TypedDict

# What stands for no value in a column of numbers, besides `table_reader.MISSING`, in any case.
NOTHING = frozenset(
    [
        "none",
        "na",
        "n/a",
        "n.a.",
        "n.d.",
        "nd",
        "nan",
        "-nan",
        "nat",
        "null",
        "nil",
        "missing",
        "unknown",
    ]
    + [
        "unk",
        "undefined",
        "empty",
        "not available",
        "not applicable",
        "no data",
        "keine angabe",
        "k.a.",
    ]
    + [
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
        ".",
        "..",
        "...",
        "*",
        "#",
        "s/d",
        "tbd",
        "\\n",
        "<na>",
    ]
    + [
        "(null)",
        "(none)",
        "(blank)",
        "#na",
        "#n/a",
        "#null!",
        "#div/0!",
        "#value!",
        "#ref!",
        "#num!",
    ]
    + ["#name?"]
)
PERCENT = {
    "%": 100.0,
    "\uff05": 100.0,
    "percent": 100.0,
    "per cent": 100.0,
    "pct": 100.0,
    "\u2030": 1000.0,
}
_CODES = frozenset(
    [
        "usd",
        "eur",
        "gbp",
        "jpy",
        "chf",
        "cny",
        "rmb",
        "inr",
        "aud",
        "cad",
        "nzd",
        "sek",
        "nok",
        "dkk",
    ]
    + [
        "pln",
        "czk",
        "huf",
        "rub",
        "brl",
        "mxn",
        "krw",
        "zar",
        "try",
        "ils",
        "sgd",
        "hkd",
        "kr",
        "zł",
    ]
    + ["kč", "ft", "fr", "sfr", "rs", "\u0440\u0443\u0431", "ron", "lei"]
)
_LONGEST = 60  # letters of a number
_LETTERS_BEFORE_SIGN = 3  # as in US$ or NZ$
_SPACES = " \u00a0\u202f\u2009"
_QUOTES = "'\u2019"
# Decimal mark and thousands separators, the likeliest first.
STYLES = (
    (".", ""),
    (",", ""),
    (".", ","),
    (",", "."),
    (".", _QUOTES),
    (".", _SPACES),
    (",", _SPACES),
)
_SHAPE = re.compile(
    rf"(?P<before>[^\d.,]*?)(?P<body>[\d.,](?:[\d.,{_SPACES}{_QUOTES}]*[\d.,])?(?:[eE][-+]?\d+)?)"
    r"(?P<after>\D*)",
    re.DOTALL,
)


class Form(TypedDict, total=False):
    """How the numbers of a column are written, where it is not as Python writes them.

    Attributes:
        decimal: the decimal mark; thousands: characters that may separate thousands.
        affixes: what stands before or after a number, empty for nothing.
        missing: other cells that stand for no value.
    """

    decimal: str
    thousands: str
    affixes: list[str]
    missing: list[str]


class Written(NamedTuple):
    """A number as it is written: its sign, what stands beside it, and its digits."""

    negative: bool
    affix: str
    body: str


def written(cell: str) -> Written | None:
    """The parts of a number, None where a cell is no number in any style."""
    found = _SHAPE.fullmatch(cell.strip()) if len(cell) <= _LONGEST else None
    if found is None or not any(map(str.isdigit, found["body"])):
        return None
    before, after = found["before"].strip(), found["after"].strip()
    negative = False
    if before.startswith("(") and after.endswith(")"):
        before, after, negative = before[1:].strip(), after[:-1].strip(), True
    for sign in ("-", "\u2212", "+"):
        for text in (before, after):
            if text.count(sign) > 1:
                return None
        if sign in before or after == sign:
            before, after = before.replace(sign, "").strip(), after.replace(sign, "").strip()
            negative = negative or sign != "+"
            break
    if before and after:
        return None
    affix = (before or after).casefold()
    return Written(negative, affix, found["body"]) if _is_affix(affix) else None


def _is_affix(text: str) -> bool:
    plain = text.rstrip(".")
    if not text or text in PERCENT or plain in _CODES:
        return True
    letters = "".join(c for c in text if unicodedata.category(c) != "Sc")
    return len(letters) < len(text) and len(letters) <= _LETTERS_BEFORE_SIGN and (
        not letters or letters.isalpha()
    )  # fmt: skip


def in_style(body: str, decimal: str, thousands: str) -> bool:
    """Whether digits can be read with a decimal mark and thousands separators."""
    return _pattern(decimal, thousands).fullmatch(body) is not None


@lru_cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    plain = rf"(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?"
    if not thousands:
        return re.compile(plain)
    return re.compile(rf"{plain}|\d{{1,3}}(?:[{re.escape(thousands)}]\d{{3}})+(?:{point}\d*)?")


def is_grouped(body: str, thousands: str) -> bool:
    """Whether digits have one of these thousands separators."""
    return any(mark in body for mark in thousands)


def as_number(cell: str, form: Form) -> float:
    """The number in a cell; 12 % is 0.12.

    Raises:
        ValueError: it is none in this form.
    """
    found = written(cell)
    decimal, thousands = form.get("decimal", "."), form.get("thousands", "")
    if (
        found is None
        or found.affix not in form.get("affixes", [""])
        or not in_style(found.body, decimal, thousands)
    ):
        raise ValueError(cell)
    digits = "".join(c for c in found.body if c not in thousands).replace(decimal, ".")
    value = float(digits) / PERCENT.get(found.affix, 1.0)
    return -value if found.negative else value


def spelled(value: float, form: Form) -> str:
    """A number as a column of this form has it."""
    share = next((a for a in form.get("affixes", []) if a in PERCENT), "")
    affix = share or next((a for a in form.get("affixes", []) if a), "")
    text = repr(value * PERCENT[share] if share else value)
    return text.replace(".", form.get("decimal", ".")) + affix
