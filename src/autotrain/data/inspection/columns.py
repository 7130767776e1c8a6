"""What each column of a table holds, and what is odd about it by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from autotrain.data.inspection.records import ColumnFacts, Finding, are, counted, percent
from autotrain.data.tables import TableColumn

_FEW = 20  # levels that are categories, however few rows there are
_LEAST_ROWS = 10  # fewer say nothing about whether all differ
_TEXT_LENGTH, _TEXT_WORDS = 20, 3  # on average, from which on different cells are texts
_TRIED = 200  # levels that are looked at
_NEARLY_ALL = 0.98
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]+\d{1,2}:\d{2}.*)?|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4}.*"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4}.*|\d{1,2}:\d{2}(:\d{2}.*)?"
)
_ID = re.compile(r"(.*[ _.-])?(id|ids|uid|uuid|guid|key|identifier)|.*[a-z](Id|ID)", re.ASCII)
_LEAST_CODES = 2  # of one extreme value that stands for something else


def column_facts(name: str, column: TableColumn) -> ColumnFacts:
    """What a column is by its cells."""
    codes, levels = _factorize(column.values)
    n, missing = len(codes), int((codes < 0).sum())
    known = n - missing
    numeric = column.values.dtype.kind == "f"
    timed = "time" in (column.form or {})
    kind, reason = (
        ("empty", "no cell has a value")
        if not known
        else ("constant", f"all cells are {_shown(levels[0])}")
        if len(levels) == 1 and not missing
        else _of_numbers(name, column.values, levels, known)
        if numeric
        else _of_words(levels, known, timed)
    )
    return ColumnFacts(name, kind, reason, missing, len(levels), missing / max(n, 1))


def column_findings(facts: ColumnFacts, column: TableColumn) -> Iterator[Finding]:
    """What a column's own cells give reason to ask."""
    name = facts.name
    if facts.kind in ("row number", "identifier"):
        text = f"{facts.reason}: it tells rows apart, and is no property of them"
        yield Finding("warning", facts.kind, text, name, leave_out=True)
    elif facts.kind == "free text":
        text = f"a space whose models read texts takes it with text: {name}"
        yield Finding("note", "free text", text, name)
    elif facts.kind in ("constant", "empty"):
        yield Finding("note", facts.kind, facts.reason, name)
    if facts.share > 0.5 and facts.kind != "empty":
        yield Finding(
            "note",
            "missing",
            f"{percent(facts.missing, len(column.values))} of the cells have no value",
            name,
        )
    if column.values.dtype.kind == "f":
        yield from _odd_numbers(name, column.values)


def same_columns(
    columns: Mapping[str, TableColumn], facts: Mapping[str, ColumnFacts]
) -> list[Finding]:
    """Columns whose values correspond one to one, each told once."""
    seen: dict[bytes, str] = {}
    found = []
    for name, column in columns.items():
        if not 1 < facts[name].distinct < _NEARLY_ALL * len(column.values):
            continue
        key = _factorize(column.values)[0].tobytes()
        if key in seen:
            text = f"it says the same as {seen[key]!r}, in other words"
            found.append(Finding("note", "same column", text, name))
        seen.setdefault(key, name)
    return found


def _factorize(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[n] positions among the different values in the order of the rows, -1 for a missing one."""
    import pandas as pd

    codes, levels = pd.factorize(values)
    return codes, np.asarray(levels)


def _of_numbers(name: str, values: np.ndarray, levels: np.ndarray, known: int) -> tuple[str, str]:
    finite = levels[np.isfinite(levels)]
    if not finite.size:
        return "number", "all cells are infinite"
    whole = bool((finite % 1 == 0).all())
    low, high = _shown(finite.min()), _shown(finite.max())
    if whole and len(levels) == known == len(values) >= _LEAST_ROWS:
        if (np.diff(values) == 1).all():
            return "row number", f"it counts the rows, {low} to {high}"
        return "identifier", "all cells are different whole numbers"
    if whole and _is_identifier(name) and len(levels) > max(_FEW, known / 2):
        return (
            "identifier",
            f"{len(levels):,} different whole numbers under the name of an identifier",
        )
    return "number", f"{'whole ' if whole else ''}numbers from {low} to {high}"


def _of_words(levels: np.ndarray, known: int, timed: bool) -> tuple[str, str]:
    some = [str(level) for level in levels[:_TRIED]]
    example = repr(some[0][:30])
    if timed or sum(_DATE.fullmatch(cell) is not None for cell in some) >= 0.9 * len(some):
        return "date", f"cells are dates or times, such as {example}"
    if len(levels) <= max(_FEW, known / 2):
        more = ", …" if len(levels) > 3 else ""
        shown = ", ".join(cell[:20] for cell in some[:3])
        return "category", f"text, {counted(len(levels), 'level')}: {shown}{more}"
    length = np.mean([len(cell) for cell in some])
    words = np.mean([len(cell.split()) for cell in some])
    if length >= _TEXT_LENGTH or words >= _TEXT_WORDS:
        return "free text", f"{percent(len(levels), known)} of the texts differ, such as {example}"
    if len(levels) >= _NEARLY_ALL * known:
        return "identifier", f"nearly all cells are different short texts, such as {example}"
    return "category", f"text, {counted(len(levels), 'level')}, many for {known:,} cells"


def _is_identifier(name: str) -> bool:
    return any(_ID.fullmatch(text) is not None for text in (name, name.lower()))


def _odd_numbers(name: str, values: np.ndarray) -> Iterator[Finding]:
    infinite = int(np.isinf(values).sum())
    if infinite:
        yield Finding(
            "alarm", "infinite", f"{counted(infinite, 'cell')} {are(infinite)} infinite", name
        )
    different, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if len(different) < _LEAST_ROWS:
        return
    for i, rest in ((0, different[1:]), (-1, different[:-1])):
        value, count = different[i], int(counts[i])
        gap = np.abs(rest - value).min()
        zero = value == 0 and gap >= _middle_half(different, counts) / 2
        if count >= _LEAST_CODES and count < counts.sum() / 2 and (zero or gap > np.ptp(rest)):
            near = rest[np.abs(rest - value).argmin()]
            yield Finding(
                "warning",
                "stands for missing?",
                f"{counted(count, 'cell')} {are(count)} {_shown(value)}, and the next value is {_shown(near)}: "
                "if that stands for something else, empty these cells",
                name,
            )


def _middle_half(different: np.ndarray, counts: np.ndarray) -> float:
    """The range of the middle half of all values but the first."""
    steps = np.cumsum(counts[1:]) / counts[1:].sum()
    low, high = (min(int(np.searchsorted(steps, q)), len(steps) - 1) for q in (0.25, 0.75))
    return float(different[1 + high] - different[1 + low])


def _shown(value: object) -> str:
    if not isinstance(value, float):
        return repr(value)[:40]
    return f"{value:.15g}" if value.is_integer() else f"{value:.7g}"
