"""Pieces that pages are made of. Dash escapes every text; none of them is HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from autotrain.analysis.stored_study import StoredStudy
from autotrain.dashboard.state import Watched
from autotrain.reports.figures.base import Figure

_LONGEST = 80  # characters of a name in a table or a heading


def short(text: str, most: int = _LONGEST) -> str:
    """A name of any length in a few characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def rounded(value: object) -> Any:
    """A number in the digits that are shown; other values as they are."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def study_url(watched: Watched, page: str = "") -> str:
    """Of a study's page; ids, not names, stand in addresses."""
    return f"/study/{watched.study.settings.id}" + (f"/{page}" if page else "")


def trial_url(watched: Watched, number: int) -> str:
    """Of a trial's page."""
    return study_url(watched, f"trial/{number}")


def query(path: str, **values: str) -> str:
    """A path with a query."""
    return f"{path}?{urlencode(values)}"


def badge(state: str) -> Component:
    """A state, in its colour."""
    return html.Span(state, className=f"state {state}")


def facts(rows: Iterable[tuple[str, Any]]) -> Component:
    """Labels and values."""
    cells = [part for label, value in rows for part in (html.Dt(label), html.Dd(value))]
    return html.Dl(cells)


def table(heads: Sequence[object], rows: Iterable[Sequence[Any]], id: str = "") -> Component:
    """A plain table, which scrolls when it is too wide."""
    head = html.Thead(html.Tr([html.Th(cell, scope="col") for cell in heads]))
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])
    return html.Div(html.Table([head, body], **({"id": id} if id else {})), className="wide")


def drawing(figure: Figure) -> Component:
    """A figure with its title and what to see in it."""
    plot = {"data": figure.plot["data"], "layout": {**figure.plot["layout"], "uirevision": 1}}
    style = {"height": f"{figure.height}px", "minWidth": f"{figure.least_width}px"}
    graph = dcc.Graph(figure=plot, style=style, responsive=True, config={"displaylogo": False})
    alt = {"role": "img", "aria-label": f"{figure.title}. {figure.what}"}
    return html.Figure(
        [
            html.H3(figure.title),
            html.Figcaption(figure.what),
            html.Div(graph, className="wide plot", **alt),
        ]
    )


def bar(study: StoredStudy) -> Component:
    """How far a study is: a strip with the share of each state."""
    counts, total = study.counts, study.total
    whole = max(total or 0, sum(counts.values()), 1)
    strips = [
        html.Span(className=f"strip {state}", style={"width": f"{100 * count / whole:.2f}%"})
        for state, count in counts.items()
    ]
    words = study.counts_text or "no trials"
    goal = f" of {total}" if total else ""
    label = f"{sum(counts.values())}{goal}: {words}"
    return html.Div(
        [html.Div(strips, className="bar", role="img", **{"aria-label": label}), html.Small(label)]
    )


def nothing(words: str) -> Component:
    """What stands where there is nothing to show."""
    return html.P(words, className="nothing")
