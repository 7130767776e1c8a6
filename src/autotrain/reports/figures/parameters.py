"""Figures of the parameters: which matter, and how the objective depends on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from autotrain.reports.figures.base import BLUE, Figure, Sources, plot_of

_FEWEST_OF_SLICES, _FEWEST_OF_CONTOUR = 4, 8  # complete trials
_MOST_OF_SLICES, _MOST_OF_CONTOUR = 300, 100
_FEW = 6  # values of a number, and signs of each, that get a tick


def importances(sources: Sources) -> Figure | None:
    """How much each parameter decides about a trial being among the best."""
    import plotly.graph_objects as go

    if not sources.importances:
        return None
    items = sorted(sources.importances.items(), key=lambda item: item[1])
    figure = go.Figure(go.Bar(x=[v for _, v in items], y=[k for k, _ in items], orientation="h",
                              marker={"color": BLUE}))  # fmt: skip
    what = "The longer the bar, the more the parameter decides whether a trial is good (PED-ANOVA)."
    what += sources.complete_left_out
    plot = plot_of(figure, xaxis_title="importance, of 1 in all", yaxis={"automargin": True})
    return Figure("Importance of parameters", what, plot, 120 + 26 * len(items))


def parallel(sources: Sources) -> Figure | None:
    """All parameters of all trials side by side."""
    import plotly.graph_objects as go

    trials = sources.valued
    if len(sources.params) < 2 or len(trials) < 2:
        return None
    values = [trial.values[0] for trial in trials]
    axes = [_axis(sources, name, [t.params.get(name) for t in trials]) for name in sources.params]
    up = sources.study.objective.sign > 0
    line = {"color": values, "colorscale": "Viridis", "reversescale": not up, "showscale": True}
    figure = go.Figure(
        go.Parcoords(line=line, dimensions=[*axes, {"label": sources.metric, "values": values}])
    )
    what = (
        "Each line is a trial: follow it from parameter to parameter to its value on the right. Drag "
        "along an axis to keep only the trials of a range; - stands for a parameter that was not active."
        f"{sources.left_out}"
    )
    plot = plot_of(figure, top=60)
    return Figure("Parallel coordinates", what, plot, 480, 95 * len(axes))


def _axis(sources: Sources, name: str, values: Sequence[Any]) -> dict[str, Any]:
    """One axis: numbers as they are or as powers of ten, choices and what is absent as places."""
    parameter = sources.study.settings.space.parameters[name]
    known = [value for value in values if value is not None]
    numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in known)
    if numeric and len(known) == len(values):
        if not getattr(parameter, "log", False):
            distinct = sorted(set(values))
            plain = len(distinct) <= _FEW and all(len(repr(value)) <= _FEW for value in distinct)
            few = {"tickvals": distinct} if plain else {}
            return {"label": name, "values": values, **few}
        powers = [float(np.log10(value)) for value in values]
        ticks = list(range(math.floor(min(powers)), math.ceil(max(powers)) + 1))
        texts = [f"1e{tick}" for tick in ticks]
        return {"label": name, "values": powers, "tickvals": ticks, "ticktext": texts}
    shown = [_short(value) for value in values]
    names = sorted(set(shown), key=lambda text: (text == "-", len(text), text))
    places = list(range(len(names)))
    return {"label": name, "values": [names.index(text) for text in shown], "tickvals": places,
            "ticktext": names}  # fmt: skip


def _short(value: object) -> str:
    return "-" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)[:30]


def slices(sources: Sources) -> Figure | None:
    """The value over each parameter."""
    import optuna.visualization as draw

    if not sources.params or len(sources.complete) < _FEWEST_OF_SLICES:
        return None
    few = replace(sources, most=_MOST_OF_SLICES)
    names = _known(sources, few, 6)
    figure = draw.plot_slice(few.optuna, names, target_name=sources.metric)
    figure.update_traces(marker={"colorscale": "Viridis"}, selector={"type": "scatter"})
    figure.update_xaxes(nticks=4, tickangle=0)
    what = (
        f"Each dot is a complete trial: {sources.metric} over one parameter at a time; light ones "
        f"are later.{few.complete_left_out}"
    )
    return Figure("Slices", what, plot_of(figure), 420, 150 * len(names))


def _known(sources: Sources, few: Sources, count: int) -> list[str]:
    """The most important parameters that some trial of the few has."""
    names = (name for name in sources.params if any(name in t.params for t in few.complete))
    return list(islice(names, count))


def contour(sources: Sources) -> Figure | None:
    """The value over the two most important parameters."""
    import optuna.visualization as draw

    if len(sources.complete) < _FEWEST_OF_CONTOUR:
        return None
    few = replace(sources, most=_MOST_OF_CONTOUR)  # its grid has a cell for each two trials
    two = _known(sources, few, 2)
    if len(two) < 2:
        return None
    figure = draw.plot_contour(few.optuna, two, target_name=sources.metric)
    what = (
        f"{sources.metric} over {two[0]} and {two[1]} together; dots are complete trials."
        f"{few.complete_left_out}"
    )
    return Figure("Contour of the two most important parameters", what, plot_of(figure), 480)
