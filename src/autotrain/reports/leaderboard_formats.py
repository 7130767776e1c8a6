"""A leaderboard for programs, spreadsheets and pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import rich.table
from rich.text import Text

from autotrain.analysis.leaderboard import Leaderboard
from autotrain.reports.html import render, section
from autotrain.reports.text_tables import Table
from autotrain.reports.units import bytes_text, duration, number

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet knows one


def as_table(board: Leaderboard, width: int) -> rich.table.Table:
    """For a terminal: as many columns as its width has room for, the first ones first."""
    rows = board.entries
    several = len({row["study"] for row in rows}) > 1
    test = next((c for c in board.columns if c.startswith("test_")), None)
    columns = {
        "rank": [str(row["rank"]) for row in rows],
        **({"study": [row["study"] for row in rows]} if several else {}),
        "trial": [str(row["trial"]) for row in rows],
        board.metric: [number(row[board.metric]) for row in rows],
        **_means(rows),
        "95 %": [_range(row["low"], row["high"]) for row in rows],
    }
    if test:
        columns[test] = [_text(row[test]) for row in rows]
        columns["95 % of it"] = [_range(row["test_low"], row["test_high"]) for row in rows]
    columns |= {
        "parameters": [_text(row["parameters"], lambda n: f"{n:,}") for row in rows],
        "ms for 1": [_text(row["latency_1_ms"], lambda ms: f"{ms:.2f}") for row in rows],
        "ms for 64": [_text(row["latency_64_ms"], lambda ms: f"{ms:.2f}") for row in rows],
        "trained": [_text(row["train_s"], duration) for row in rows],
        "size": [_text(row["bytes"], bytes_text) for row in rows],
        "flops": [_text(row["flops"], _short) for row in rows],
        "epochs": [str(row["epochs"]) for row in rows],
        "GPU time to find it": [
            _text(row["gpu_hours"], lambda h: duration(3600 * h)) for row in rows
        ],
        "pruned": [f"{row['pruned']:.0%}" for row in rows],
    }
    table = rich.table.Table(box=None, pad_edge=False, header_style="bold")
    room = width
    for head, cells in columns.items():
        room -= max(map(len, (head, *cells))) + 2
        if room < -2:
            break
        table.add_column(Text(head), justify="left" if head == "study" else "right", no_wrap=True)
    for line in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, line[: len(table.columns)]))
    return table


def _means(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Columns of what was confirmed, where anything was."""
    if not any(row["seeds"] for row in rows):
        return {}
    return {
        "mean": [_text(row["mean"]) for row in rows],
        "seeds": [_text(row["seeds"]) for row in rows],
    }


def _text(value: Any, form: Any = number) -> str:
    return "" if value is None else form(value)


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3g} to {high:.3g}"


def _short(count: float) -> str:
    for unit in ("", " k", " M", " G"):
        if count < 1000:
            return f"{count:.3g}{unit}"
        count /= 1000
    return f"{count:.3g} T"


def as_csv(board: Leaderboard) -> str:
    """Comma-separated values; a text that a spreadsheet would take for a formula is defused."""
    text: str = board.frame().map(_defused).to_csv(index=False, lineterminator="\n")
    return text


def _defused(cell: object) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_json(board: Leaderboard) -> str:
    """An object with `metric`, `notes` and `entries`."""
    facts = {"metric": board.metric, "notes": board.notes, "entries": board.entries}
    return json.dumps(facts, indent=2, ensure_ascii=False)


def as_markdown(board: Leaderboard) -> str:
    """A table for a README."""

    def escaped(cell: str) -> str:
        return cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")

    table = _texts(board)
    rows = [
        [*map(escaped, table.heads)],
        ["---"] * len(table.heads),
        *([*map(escaped, r)] for r in table.rows),
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, *(f"\n{note}" for note in board.notes)]) + "\n"


def as_html(board: Leaderboard) -> str:
    """A page of its own; columns of which nothing is known are left out."""
    table = _texts(board)
    known = [i for i in range(len(table.heads)) if any(row[i] for row in table.rows)]
    entries = Table([table.heads[i] for i in known], [[r[i] for i in known] for r in table.rows])
    body = section("", "leaderboard.html", entries=entries, notes=board.notes)
    return render("Leaderboard", [body], figures=False)


def _texts(board: Leaderboard) -> Table:
    """The entries as texts."""

    def text(value: object) -> str:
        return "" if value is None else number(value)

    return Table(board.columns, [[*map(text, entry.values())] for entry in board.entries])
