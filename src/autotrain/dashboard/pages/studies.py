"""The first page: all studies, how far they are, and the best of each."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from autotrain.dashboard.components import bar, nothing, query, short, study_url, table, trial_url
from autotrain.dashboard.state import Watched, Watcher
from autotrain.reports.units import number

_MOST = 200  # studies in the table


def show(watcher: Watcher) -> Component:
    """The table of studies."""
    studies = watcher.all()
    parts: list[Any] = []
    if not studies and not watcher.broken:
        parts.append(nothing(
            f"No studies in {watcher.runs} yet. Start one with  autotrain search --space digits_cnn"
        ))  # fmt: skip
    if studies:
        heads = ["study", "now", "trials", "best", "trial", "objective", "data"]
        parts.append(table(heads, map(_row, studies[:_MOST]), id="studies"))
    if len(studies) > _MOST:
        parts.append(html.P(f"The latest {_MOST} of {len(studies)} studies are shown."))
    if len(studies) > 1:
        ids = ",".join(watched.study.settings.id for watched in studies[:10])
        parts.append(html.P([
            dcc.Link("Compare studies", href=query("/compare", studies=ids)), " · ",
            dcc.Link("Leaderboard of the best of each", href="/leaderboard"),
        ]))  # fmt: skip
    for folder, why in watcher.broken.items():
        parts.append(html.P([html.B(short(folder)), f" cannot be shown: {why}"], className="error"))
    return parts


def _row(watched: Watched) -> list[Component]:
    study = watched.study
    settings = study.settings
    best = study.leader
    objective = settings.space.objectives[0]
    data = short(settings.data.source, 40) if settings.data else "a function's own"
    owner = watched.owner
    return [
        dcc.Link(short(study.name), href=study_url(watched)),
        html.Span("searching", className="live", title=owner) if owner else "at rest",
        bar(study),
        number(best.values[0]) if best else "",
        dcc.Link(str(best.number), href=trial_url(watched, best.number)) if best else "",
        f"{objective.metric} ({objective.direction})",
        data,
    ]
