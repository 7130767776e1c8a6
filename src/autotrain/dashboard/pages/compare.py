"""Two or more trials, or studies, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from autotrain.dashboard.components import (
    drawing,
    nothing,
    query,
    short,
    study_url,
    table,
    trial_url,
)
from autotrain.dashboard.state import Watched
from autotrain.reports.figures.base import Figure, plot_of
from autotrain.reports.figures.search import best_so_far
from autotrain.reports.units import number
from autotrain.trial import Trial

MOST = 12
_COLOURS = ("#2a78c8", "#b9772d", "#3c9a5f", "#c0392b", "#8e5bb5", "#5c6b73",
            "#d1a300", "#d36ba6", "#1f9e9e", "#7a5230", "#6c8f3c", "#4453a6")  # fmt: skip


def show_trials(chosen: Sequence[tuple[Watched, Trial]]) -> list[Component]:
    """The page of several trials."""
    if len(chosen) < 2:
        return [html.H1("Compare trials"), nothing("Tick two trials or more in a study's table.")]
    several = len({watched.study.settings.id for watched, _ in chosen}) > 1
    names = [
        f"{short(watched.study.name, 30)} · {trial.number}" if several else f"trial {trial.number}"
        for watched, trial in chosen
    ]
    heads = [
        dcc.Link(name, href=trial_url(watched, trial.number))
        for name, (watched, trial) in zip(names, chosen, strict=True)
    ]
    rows: dict[str, list[str]] = {"state": [trial.status for _, trial in chosen]}
    metrics = dict.fromkeys(o.metric for w, _ in chosen for o in w.study.settings.space.objectives)
    for i, metric in enumerate(metrics):
        rows[metric] = [number(t.values[i]) if len(t.values) > i else "" for _, t in chosen]
    rows["epochs"] = [str(trial.last_epoch) for _, trial in chosen]
    for name in dict.fromkeys(name for _, trial in chosen for name in trial.params):
        rows[name] = [number(t.params[name]) if name in t.params else "-" for _, t in chosen]
    found = _curves(chosen, names, next(iter(metrics)))
    return [
        html.H1("Compare trials"),
        *([drawing(found)] if found else []),
        _side_by_side(heads, rows),
    ]


def _curves(
    chosen: Sequence[tuple[Watched, Trial]], names: list[str], metric: str
) -> Figure | None:
    import plotly.graph_objects as go

    figure = go.Figure()
    for (_, trial), name, colour in zip(chosen, names, _COLOURS, strict=False):
        if trial.epochs:
            figure.add_scatter(
                x=[r.epoch for r in trial.epochs], y=[r.metrics.get(metric) for r in trial.epochs],
                mode="lines+markers" if len(trial.epochs) == 1 else "lines", name=name,
                line={"color": colour},
            )  # fmt: skip
    if not figure.data:
        return None
    plot = plot_of(figure, xaxis_title="epoch", yaxis_title=metric, showlegend=True)
    return Figure("Learning curves", f"{metric} of each trial over its epochs.", plot)


def show_studies(chosen: Sequence[Watched], others: Sequence[Watched]) -> list[Component]:
    """The page of several studies.

    Args:
        others: which can be added.
    """
    import plotly.graph_objects as go

    if not chosen:
        return [html.H1("Compare studies"), nothing("Choose some:"), _choice(chosen, others)]

    metrics = {w.study.objective.metric for w in chosen}
    figure = go.Figure()
    for watched, colour in zip(chosen, _COLOURS, strict=False):
        numbers, best = best_so_far(watched.study)
        if numbers:
            figure.add_scatter(x=numbers, y=best, name=short(watched.study.name, 30),
                               mode="lines+markers", line={"shape": "hv", "color": colour})  # fmt: skip
    heads = [dcc.Link(short(w.study.name, 30), href=study_url(w)) for w in chosen]
    rows: dict[str, list[str]] = {}
    for i, watched in enumerate(chosen):
        for name, text in _facts(watched).items():
            rows.setdefault(name, [""] * len(chosen))[i] = text
    axis = next(iter(metrics)) if len(metrics) == 1 else "objective"
    plot = plot_of(figure, xaxis_title="trial", yaxis_title=axis, showlegend=True)
    what = "The best value of a complete trial so far." + (
        ""
        if len(metrics) == 1
        else " The studies have other objectives, so heights do not compare."
    )
    return [
        html.H1("Compare studies"),
        *([drawing(Figure("Best so far", what, plot))] if figure.data else []),
        _side_by_side(heads, rows),
        _choice(chosen, others),
    ]


def _choice(chosen: Sequence[Watched], others: Sequence[Watched]) -> Any:
    """Links that add a study to the page, or take one away."""

    def link(sign: str, watched: Watched, kept: Sequence[Watched]) -> Any:
        ids = ",".join(w.study.settings.id for w in kept)
        return dcc.Link(
            f"{sign} {short(watched.study.name, 30)}", href=query("/compare", studies=ids)
        )

    less = [link("without", w, [other for other in chosen if other is not w]) for w in chosen]
    more = [link("with", w, [*chosen, w]) for w in others[:50]] if len(chosen) < MOST else []
    return html.Nav([*less, *more])


def _facts(watched: Watched) -> dict[str, str]:
    study, settings = watched.study, watched.study.settings
    best = study.leader
    objective = settings.space.objectives[0]
    return {
        "best": number(best.values[0]) if best else "",
        "objective": f"{objective.metric} ({objective.direction})",
        "trials": study.counts_text,
        "space": settings.space.name,
        "data": short(settings.data.source, 40) if settings.data else "",
        "fingerprint": settings.data.fingerprint[:12] if settings.data else "",
        "epochs": str(settings.epochs),
        "pruner": settings.pruner,
        "strategy": settings.strategy,
        "backend": settings.backend,
        "seed": str(settings.seed),
        "hours in epochs": number(study.seconds / 3600),
    }


def _side_by_side(heads: list[Any], rows: Mapping[str, Sequence[str]]) -> Any:
    """A row for each fact; those in which the entries differ stand out."""
    body = []
    for name, cells in rows.items():
        differs = len(set(cells)) > 1
        body.append([html.B(name) if differs else name,
                     *(html.B(c) if differs else c for c in cells)])  # fmt: skip
    return table(["", *heads], body, id="compared")
