"""Figures of a study, as Plotly draws them; each with a title, units and what to see in it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from autotrain.results.study import Study
from autotrain.study.pruners import default_rungs
from autotrain.trial import Trial, TrialState

if TYPE_CHECKING:
    import optuna
    import plotly.graph_objects as go

COLOURS = {"COMPLETE": "#2a78c8", "PRUNED": "#b9772d", "FAIL": "#c0392b", "RUNNING": "#7f8c8d"}
_MOST_CURVES = 150
_MOST_PARAMS = 12  # in one figure; the most important ones
_FEWEST = 8  # complete trials, below which importances would be guesses


@dataclass(frozen=True)
class Figure:
    """One figure of a page.

    Attributes:
        plot: Plotly's data and layout.
        what: one sentence that tells what to see, which is its alternative text too.
    """

    title: str
    what: str
    plot: Mapping[str, Any]
    height: int = 420
    least_width: int = 0  # pixels, below which it scrolls


@dataclass(frozen=True)
class Sources:
    """What figures are drawn from: our study, and the same one as Optuna has it."""

    study: Study
    optuna: optuna.Study
    importances: Mapping[str, float] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """The first objective."""
        return self.study.settings.space.objectives[0].metric

    @property
    def params(self) -> list[str]:
        """Parameters that varied, the most important first."""
        seen: dict[str, set[str]] = {}
        for trial in self.study.trials:
            for name, value in trial.params.items():
                seen.setdefault(name, set()).add(repr(value))
        varied = [name for name, values in seen.items() if len(values) > 1]
        return sorted(varied, key=lambda name: -self.importances.get(name, 0.0))[:_MOST_PARAMS]

    def target(self, trial: Any) -> float:
        """The first objective of one of Optuna's trials."""
        return float(trial.values[0])


def sources_of(study: Study) -> Sources:
    """A study with the importances of its parameters (PED-ANOVA, Watanabe et al. 2023)."""
    import optuna

    from autotrain.study.storage import open_storage

    loaded = optuna.load_study(study_name=study.name, storage=open_storage(study.storage_url))
    found = Sources(study, loaded)
    if sum(t.state is TrialState.COMPLETE for t in study.trials) < _FEWEST:
        return found
    try:
        with silent():
            importances = optuna.importance.get_param_importances(
                loaded,
                evaluator=optuna.importance.PedAnovaImportanceEvaluator(),
                target=found.target,
            )
    except (ValueError, RuntimeError):  # too few trials, or all alike
        return found
    return Sources(study, loaded, importances)


@contextmanager
def silent() -> Iterator[None]:
    """Within, Optuna does not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is experimental, and what Optuna leaves out
        yield


def plot_of(figure: go.Figure, top: int = 20, **layout: Any) -> Mapping[str, Any]:
    """Data and layout as plain values, in the style of all figures."""
    figure.update_layout(width=None)
    figure.update_layout(template="none", title=None, margin={"l": 60, "r": 20, "t": top, "b": 50},
                         font={"size": 13}, legend={"orientation": "h", "y": -0.2}, **layout)  # fmt: skip
    plot: Mapping[str, Any] = json.loads(figure.to_json())
    return plot


def history(sources: Sources) -> Figure | None:
    """The value of each trial, and the best so far."""
    import plotly.graph_objects as go

    trials = [t for t in sources.study.trials if t.values]
    if not trials:
        return None
    figure = go.Figure()
    for state in ("COMPLETE", "PRUNED", "FAIL", "RUNNING"):
        mine = [t for t in trials if t.state == state]
        if mine:
            figure.add_scatter(
                x=[t.number for t in mine], y=[t.values[0] for t in mine], mode="markers",
                name=state, marker={"color": COLOURS[state]},
            )  # fmt: skip
    complete = [t for t in trials if t.state is TrialState.COMPLETE]
    if complete:
        best = _so_far([t.values[0] for t in complete], sources.study)
        figure.add_scatter(x=[t.number for t in complete], y=best, mode="lines", name="best so far",
                           line={"shape": "hv", "color": "#2a78c8"})  # fmt: skip
    plot = plot_of(figure, xaxis_title="trial", yaxis_title=sources.metric)
    what = f"Each dot is a trial; the line is the best {sources.metric} of a complete trial so far."
    return Figure("Optimization history", what, plot)


def _so_far(values: Sequence[float], study: Study) -> list[float]:
    up = study.settings.space.objectives[0].direction == "maximize"
    step = np.maximum if up else np.minimum
    return [float(value) for value in step.accumulate(np.array(values))]


def curves(sources: Sources) -> Figure | None:
    """The metric of each trial over its epochs, with the rungs at which trials were judged."""
    import plotly.graph_objects as go

    trials = [t for t in sources.study.ranking() if t.epochs]
    if not trials:
        return None
    shown = trials[:_MOST_CURVES]
    figure = go.Figure()
    for place, trial in enumerate(reversed(shown)):
        best = place == len(shown) - 1
        figure.add_scatter(
            x=[r.epoch for r in trial.epochs],
            y=[r.metrics.get(sources.metric) for r in trial.epochs],
            mode="lines+markers" if len(trial.epochs) == 1 else "lines",
            name=f"trial {trial.number}",
            line={"width": 3 if best else 1, "color": COLOURS[str(trial.state)]},
            opacity=1.0 if best else 0.45, showlegend=False,
        )  # fmt: skip
    settings = sources.study.settings
    if settings.pruner in ("asha", "hyperband"):
        for rung in default_rungs(settings.epochs, settings.first_rung):
            figure.add_vline(x=rung, line={"dash": "dot", "color": "#888888"})
    left = (
        f" Of {len(trials)} trials the best {len(shown)} are drawn."
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
    """When each trial ran."""
    import plotly.graph_objects as go

    rows: list[Any] = [t for t in sources.optuna.get_trials(deepcopy=False) if t.datetime_start]
    if not rows:
        return None
    begin = min(t.datetime_start for t in rows)
    figure = go.Figure()
    for state in ("COMPLETE", "PRUNED", "FAIL", "RUNNING"):
        mine = [t for t in rows if t.state.name == state]
        ends = [t.datetime_complete or max(r.datetime_start for r in rows) for t in mine]
        wide = [(end - t.datetime_start).total_seconds() for t, end in zip(mine, ends, strict=True)]
        trained = [t.user_attrs.get("seconds", 0.0) for t in mine]
        figure.add_bar(
            y=[t.number for t in mine], x=wide, orientation="h", name=state,
            base=[(t.datetime_start - begin).total_seconds() for t in mine],
            marker={"color": COLOURS[state]},
            customdata=trained, hovertemplate="trial %{y}: %{x:.1f} s, %{customdata:.1f} s of it in epochs",
        )  # fmt: skip
    what = (
        "Each bar is a trial from its start to its end, pauses included; its tip tells how much of "
        "that was spent in epochs, the rest is compiling, waiting and pausing."
    )
    plot = plot_of(figure, xaxis_title="seconds since the start", yaxis_title="trial",
                 yaxis_autorange="reversed", barmode="overlay")  # fmt: skip
    return Figure("Time line", what, plot, min(900, 200 + 9 * len(rows)))


def trial_curves(trial: Trial) -> Figure:
    """Loss and metrics of one trial over its epochs, training and validation."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    names = list(trial.epochs[0].metrics)
    pairs = [name for name in names if f"val_{name}" in names]
    figure = make_subplots(rows=1, cols=max(1, len(pairs)), subplot_titles=pairs)
    for column, name in enumerate(pairs, 1):
        for key, label, colour in (
            (name, "training", "#b9772d"),
            (f"val_{name}", "validation", "#2a78c8"),
        ):
            figure.add_trace(
                go.Scatter(
                    x=[r.epoch for r in trial.epochs], y=[r.metrics[key] for r in trial.epochs],
                    mode="lines", name=label, line={"color": colour}, showlegend=column == 1,
                ),
                row=1, col=column,
            )  # fmt: skip
    figure.update_xaxes(title_text="epoch")
    what = (
        "Training and validation over the epochs: validation that falls behind is overfitting. "
        "Training figures are taken with dropout and augmentation, so they may be the worse ones."
    )
    return Figure("Its learning curves", what, plot_of(figure), 380)
