"""A leaderboard for programs, spreadsheets and pages."""

from __future__ import annotations

import csv
import html
import io
import json
from typing import Any

import numpy as np
from rich.table import Table

from autotrain.analysis.leaderboard import Leaderboard
from autotrain.reports.units import bytes_text, duration, number

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet knows one


def as_table(board: Leaderboard, width: int) -> Table:
    """For a terminal: as many columns as its width has room for, the first ones first."""
    rows = [dict(zip(board.table.columns, cells, strict=True)) for cells in plain_rows(board)]
    several = len({row["study"] for row in rows}) > 1
    test = next((c for c in board.table.columns if c.startswith("test_")), None)
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
    table = Table(box=None, pad_edge=False, header_style="bold")
    room = width
    for head, cells in columns.items():
        room -= max(map(len, (head, *cells))) + 2
        if room < -2:
            break
        table.add_column(head, justify="left" if head == "study" else "right", no_wrap=True)
    for line in zip(*columns.values(), strict=True):
        table.add_row(*line[: len(table.columns)])
    return table


def _means(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Columns of what was confirmed, where anything was."""
    if not any(row["seeds"] for row in rows):
        return {}
    return {
        "mean": [_text(row["mean"]) for row in rows],
        "seeds": [_text(row["seeds"], lambda count: f"{count:.0f}") for row in rows],
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
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(board.table.columns)
    writer.writerows([_defused(cell) for cell in row] for row in plain_rows(board))
    return out.getvalue()


def _defused(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_json(board: Leaderboard) -> str:
    """An object with `metric`, `notes` and `entries`."""
    entries = [dict(zip(board.table.columns, row, strict=True)) for row in plain_rows(board)]
    facts = {"metric": board.metric, "notes": board.notes, "entries": entries}
    return json.dumps(facts, indent=2, ensure_ascii=False)


def as_markdown(board: Leaderboard) -> str:
    """A table for a README."""

    def text(cell: Any) -> str:
        shown = "" if cell is None else f"{cell:.4g}" if isinstance(cell, float) else str(cell)
        return shown.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")

    names = list(board.table.columns)
    lines = [names, ["---"] * len(names), *([text(c) for c in row] for row in plain_rows(board))]
    notes = [f"\n{note}" for note in board.notes]
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), *notes]) + "\n"


def as_html(board: Leaderboard) -> str:
    """A page of its own."""

    def text(cell: Any) -> str:
        return (
            ""
            if cell is None
            else html.escape(f"{cell:.4g}" if isinstance(cell, float) else str(cell))
        )

    head = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in board.table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>"
        for row in plain_rows(board)
    )
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in board.notes)
    return _PAGE.format(head=head, rows=rows, notes=notes)


def plain_rows(board: Leaderboard) -> list[list[Any]]:
    """Rows of plain Python values, None where there is none."""

    def plain(cell: Any) -> Any:
        value = cell.item() if isinstance(cell, np.generic) else cell
        return None if isinstance(value, float) and np.isnan(value) else value

    return [[plain(cell) for cell in row] for row in board.table.itertuples(index=False)]


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Leaderboard</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem }}
div {{ overflow-x: auto }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: .3rem .7rem; text-align: right; border-bottom: 1px solid #8884 }}
td:nth-child(2), th:nth-child(2) {{ text-align: left }}
</style></head><body><h1>Leaderboard</h1><div><table><thead><tr>{head}</tr></thead>
<tbody>{rows}</tbody></table></div>{notes}</body></html>
"""
