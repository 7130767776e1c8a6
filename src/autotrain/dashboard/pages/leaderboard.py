"""The leaderboard: the best trials of a study, or the best of each of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from autotrain.analysis.leaderboard import Leaderboard, rank
from autotrain.analysis.measurements import measured
from autotrain.dashboard.components import nothing, rounded, short, trial_url
from autotrain.dashboard.pages.trials import grid, number_column, text_column
from autotrain.dashboard.state import Watched
from autotrain.errors import ConfigurationError
from autotrain.files import JsonObject

_MOST = 10


def show(studies: Sequence[Watched]) -> list[Component]:
    """The page; it shows what was measured before, and measures nothing."""
    title = html.H1("Leaderboard")
    entries = []
    for watched in studies:
        study = watched.study
        trials = study.complete_trials()[: _MOST if len(studies) == 1 else 1]
        known = measured(study, trials, test=study.paths.test.exists())
        entries += [(study, trial, what) for trial, what in zip(trials, known, strict=True)]
    if not entries:
        return [title, nothing("No trial is complete yet.")]
    try:
        board = rank(entries, test=any(entry[2].test for entry in entries))
    except ConfigurationError as error:
        return [title, nothing(str(error))]
    named = {watched.study.name: watched for watched in studies}
    notes = [html.P(note, className="note") for note in board.notes]
    command = "autotrain leaderboard"
    notes.append(
        html.P(["Empty cells are measured by ", html.Code(command), "."], className="note")
    )
    return [title, _grid(board, named), *notes]


def _grid(board: Leaderboard, named: dict[str, Watched]) -> Any:
    rows = []
    for i, entry in enumerate(board.entries):
        found: JsonObject = {f"c{k}": _short(cell) for k, cell in enumerate(entry.values())}
        url = trial_url(named[entry["study"]], entry["trial"])
        rows.append({**found, "id": str(i), "trial": entry["trial"], "href": url})
    columns = []
    for k, name in enumerate(board.columns):
        if all(row[f"c{k}"] is None for row in rows):
            continue  # nobody has it
        if name == "trial":
            columns.append(number_column("trial", name, cellRenderer="TrialLink", filter=False))
        elif name == "study":
            columns.append(text_column(f"c{k}", name, filter=False))
        else:
            columns.append(number_column(f"c{k}", name, filter=False))
    return grid(rows, columns, "board", large=False)


def _short(cell: object) -> Any:
    return short(cell) if isinstance(cell, str) else rounded(cell)
