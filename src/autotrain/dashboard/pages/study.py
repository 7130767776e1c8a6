"""A study's page: where it is, and its figures, which follow a search while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from autotrain.dashboard.components import (
    bar,
    drawing,
    facts,
    nothing,
    query,
    short,
    study_url,
    table,
)
from autotrain.dashboard.components import trial_url as url_of_trial
from autotrain.dashboard.state import Watched
from autotrain.reports.figures import search
from autotrain.reports.figures.base import Sources
from autotrain.reports.summary import facts as facts_of
from autotrain.reports.summary import failures
from autotrain.reports.units import number, params_line


def heading(watched: Watched, page: str) -> Any:
    """The study's name and the links to its pages."""
    ours = study_url(watched)
    links = {"": "Figures", "trials": "Trials"}
    items = [
        dcc.Link(text, href=f"{ours}/{key}".rstrip("/"), className="here" if key == page else "")
        for key, text in links.items()
    ]
    items.append(
        dcc.Link("Leaderboard", href=query("/leaderboard", studies=watched.study.settings.id))
    )
    if watched.study.paths.report.exists():
        report = f"/files/{watched.study.settings.id}/report"
        items.append(html.A("Report", href=report, target="_blank"))
    name = watched.study.name
    return html.Div([html.H1(short(name), title=name), html.Nav(items)], className="heading")


def summary(watched: Watched) -> Any:
    """Where the search is, the best trial, and what failed."""
    study = watched.study
    best = study.leader
    owner = watched.owner
    parts: list[Any] = [
        html.P([
            html.Span("searching" if owner else "at rest", className="live" if owner else "rest"),
            f" by {owner}" if owner else "",
        ]),
        bar(study),
    ]  # fmt: skip
    if best is not None:
        names = [objective.metric for objective in study.settings.space.objectives]
        values = ", ".join(f"{k} {number(v)}" for k, v in zip(names, best.values, strict=True))
        parts.append(html.P([
            "Best: ", dcc.Link(f"trial {best.number}", href=url_of_trial(watched, best.number)),
            f", {values}; ", html.Code(short(params_line(best.params), 400)),
        ]))  # fmt: skip
    failed = failures(study)
    if failed:
        rows = [
            [short(cause, 300), len(numbers), ", ".join(map(str, numbers[:12]))]
            for cause, numbers in failed.items()
        ]
        parts += [html.H3("Failures"), table(["cause", "trials", "numbers"], rows)]
    return parts


def asked(watched: Watched) -> Any:
    """What does not change: the settings."""
    rows = [(label, text) for label, text in facts_of(watched.study, size=False)
            if label not in ("trials", "weakest", "lineage")]  # fmt: skip
    return html.Details([html.Summary("What was asked"), facts(rows)])


def figure(watched: Watched, name: str) -> tuple[Any, int]:
    """One figure and its version; nothing where there is nothing to draw for it yet."""

    def draw(sources: Sources) -> Any:
        found = search.figure_of(sources, name)
        return [] if found is None else drawing(found)

    return watched.drawn(("figure", name), draw)


def show(watched: Watched, live: Callable[[str], Any]) -> list[Component]:
    """The page.

    Args:
        live: from the name of a part to what keeps it up to date.
    """
    if not watched.study.trials:
        return [heading(watched, ""), live("summary"), nothing("No trial has begun yet.")]
    return [
        heading(watched, ""),
        live("summary"),
        asked(watched),
        *(live(f"figure:{name}") for name in search.FIGURES),
    ]
