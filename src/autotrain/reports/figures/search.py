"""Figures of how a search went: values, learning curves, and what its workers did."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autotrain.analysis.stored_study import StoredStudy
from autotrain.reports.figures.base import (
    BLUE,
    BROWN,
    COLOURS,
    Figure,
    Sources,
    evenly,
    plot_of,
    silent,
)
from autotrain.reports.figures.parameters import contour, importances, parallel, slices
from autotrain.storage.timeline_csv import Segment, read_segments
from autotrain.trial import Trial, TrialStatus
from autotrain.tuner.schedulers.asha import default_rungs

_MOST_CURVES = 150
_BEST_CURVES = 50  # of them; the others are evenly spaced through the rest
_MOST_BARS = 1000
_SVG = 1000  # dots; more are drawn by WebGL


def figures_of(sources: Sources) -> list[Figure]:
    """All figures of a search that there is something to draw for."""
    found = [figure_of(sources, name) for name in FIGURES]
    return [one for one in found if one is not None]


def figure_of(sources: Sources, name: str) -> Figure | None:
    """One of `FIGURES`; None where there is nothing to draw for it yet."""
    with silent():
        return FIGURES[name](sources)


def history(sources: Sources) -> Figure | None:
    """The value of each trial, and the best so far."""
    import plotly.graph_objects as go

    trials = sources.valued
    if not trials:
        return None
    figure = go.Figure()
    dots = go.Scattergl if len(trials) > _SVG else go.Scatter
    for state in ("COMPLETE", "PRUNED", "FAIL", "RUNNING"):
        alike = (state, "PAUSED") if state == "RUNNING" else (state,)
        mine = [t for t in trials if t.status in alike]
        if mine:
            figure.add_trace(
                dots(x=[t.number for t in mine], y=[t.values[0] for t in mine], mode="markers",
                     name=state, marker={"color": COLOURS[state]})
            )  # fmt: skip
    numbers, best = best_so_far(sources.study)
    if numbers:
        figure.add_scatter(x=numbers, y=best, mode="lines", name="best so far",
                           line={"shape": "hv", "color": BLUE})  # fmt: skip
    plot = plot_of(figure, xaxis_title="trial", yaxis_title=sources.metric)
    what = (
        f"Each dot is a trial; the line is the best {sources.metric} of a complete trial so far."
        f"{sources.left_out}"
    )
    return Figure("Optimization history", what, plot)


def best_so_far(study: StoredStudy) -> tuple[list[int], list[float]]:
    """Numbers of the trials at which the best value rose, and of the last one, with the values."""
    complete = [t for t in study.trials if t.status is TrialStatus.COMPLETE]
    if not complete:
        return [], []
    step = np.maximum if study.objective.sign > 0 else np.minimum
    best = step.accumulate(np.array([t.values[0] for t in complete]))
    new = np.flatnonzero(np.diff(best, prepend=np.nan) != 0)
    kept = sorted({*new.tolist(), len(complete) - 1})
    return [complete[i].number for i in kept], [float(best[i]) for i in kept]


def curves(sources: Sources) -> Figure | None:
    """The metric of each trial over its epochs, with the rungs at which trials were judged."""
    import plotly.graph_objects as go

    trials = [t for t in sources.study.ranking() if t.last_epoch]
    if not trials:
        return None
    shown = trials[:_BEST_CURVES] + evenly(trials[_BEST_CURVES:], _MOST_CURVES - _BEST_CURVES)
    figure = go.Figure()
    for place, trial in enumerate(reversed(shown)):
        best = place == len(shown) - 1
        figure.add_scatter(
            x=[r.epoch for r in trial.epochs],
            y=[r.metrics.get(sources.metric) for r in trial.epochs],
            mode="lines+markers" if len(trial.epochs) == 1 else "lines",
            name=f"trial {trial.number}",
            line={"width": 3 if best else 1, "color": COLOURS[str(trial.status)]},
            opacity=1.0 if best else 0.45, showlegend=False,
        )  # fmt: skip
    settings = sources.study.settings
    if settings.pruner in ("asha", "hyperband"):
        for rung in default_rungs(settings.epochs, settings.first_rung):
            figure.add_vline(x=rung, line={"dash": "dot", "color": "#888888"})
    left = (
        f" Of {len(trials):,} trials the best {_BEST_CURVES} are drawn, and {len(shown) - _BEST_CURVES}"
        " spread evenly over the others."
        if len(trials) > len(shown)
        else ""
    )
    what = (
        "Each line is a trial, the thick one the best; blue ones are complete, brown ones were "
        f"pruned. Dotted lines are the rungs at which trials are judged.{left}"
    )
    plot = plot_of(figure, xaxis_title="epoch", yaxis_title=sources.metric)
    return Figure("Learning curves", what, plot)


def timeline(sources: Sources) -> Figure | None:
    """What each worker did when: training, against everything else."""
    import plotly.graph_objects as go

    segments = read_segments(sources.study.paths.segments)
    if not segments:
        return None
    start = min(s.begin for s in segments)
    every = -(-len(segments) // _MOST_BARS)
    bars = merged(segments, every)
    figure = go.Figure()
    parts = (
        ("compiling, evaluating, saving", "#c9b28a", [s.begin for s in bars], [s.end - s.begin for s in bars]),
        ("training steps", BLUE, [s.end - s.training for s in bars], [s.training for s in bars]),
    )  # fmt: skip
    texts = [f"trial {s.trial}" if every == 1 else f"{every} trials, to {s.trial}" for s in bars]
    for name, colour, base, width in parts:
        figure.add_bar(
            y=[f"worker {s.worker}" for s in bars], x=width, base=[b - start for b in base],
            orientation="h", name=name, marker={"color": colour, "line": {"width": 0}}, text=texts,
            textposition="none", hovertemplate="%{text}: %{x:.1f} s<extra>" + name + "</extra>",
        )  # fmt: skip
    whole = sum(s.end - s.begin for s in segments)
    share = sum(s.training for s in segments) / whole if whole else 0.0
    what = (
        f"Each bar is a worker's time with a trial, {share:.0%} of it in training steps, drawn at the "
        "bar's end; gaps are start-up, waiting, and the time between two runs of the search."
        + (f" Each bar stands for {every} trials in a row." if every > 1 else "")
    )
    workers = len({s.worker for s in segments})
    plot = plot_of(
        figure, xaxis_title="seconds since the start", barmode="overlay", bargap=0.35,
        yaxis={"autorange": "reversed", "automargin": True},
    )  # fmt: skip
    return Figure("Time line of the workers", what, plot, min(900, 170 + 40 * workers))


def merged(segments: Sequence[Segment], every: int) -> list[Segment]:
    """So many segments of a worker in a row as one."""
    found = []
    for worker in sorted({s.worker for s in segments}):
        mine = sorted((s for s in segments if s.worker == worker), key=lambda s: s.begin)
        for i in range(0, len(mine), every):
            part = mine[i : i + every]
            training = sum(s.training for s in part)
            found.append(Segment(worker, part[-1].trial, part[0].begin, part[-1].end, training))
    return found


def trial_curves(trial: Trial) -> Figure:
    """Loss and metrics of one trial over its epochs, training and validation."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    names = list(trial.epochs[0].metrics)
    pairs = [name for name in names if f"val_{name}" in names]
    alone = [name for name in names if not pairs and name != "train_seconds"]  # of a function
    shown = pairs or alone
    figure = make_subplots(rows=1, cols=max(1, len(shown)), subplot_titles=shown)
    for column, name in enumerate(shown, 1):
        lines = [(name, "training", BROWN), (f"val_{name}", "validation", BLUE)]
        for key, label, colour in lines if pairs else [(name, name, BLUE)]:
            figure.add_trace(
                go.Scatter(
                    x=[r.epoch for r in trial.epochs],
                    y=[r.metrics.get(key) for r in trial.epochs],
                    mode="lines" if len(trial.epochs) > 1 else "markers",
                    name=label, line={"color": colour}, showlegend=bool(pairs) and column == 1,
                ),
                row=1, col=column,
            )  # fmt: skip
    figure.update_xaxes(title_text="epoch")
    what = (
        "Training and validation over the epochs: validation that falls behind is overfitting. "
        "Training figures are taken with dropout and augmentation, so they may be the worse ones."
        if pairs
        else "What the function reported, over the epochs."
    )
    plot = plot_of(figure, top=70)
    plot["layout"]["legend"]["y"] = 1.12  # above the titles of the parts
    return Figure("Its learning curves", what, plot, 400)


FIGURES: dict[str, Callable[[Sources], Figure | None]] = {  # in the order of a page
    "history": history,
    "curves": curves,
    "importances": importances,
    "parallel": parallel,
    "slices": slices,
    "contour": contour,
    "timeline": timeline,
}
