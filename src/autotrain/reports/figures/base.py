"""What all figures of a study have in common: where they come from, and how they look."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autotrain.analysis.stored_study import StoredStudy
from autotrain.trial import Trial, TrialStatus

if TYPE_CHECKING:
    import optuna
    import plotly.graph_objects as go

BLUE, BROWN, RED, GREY = "#2a78c8", "#b9772d", "#c0392b", "#7f8c8d"
COLOURS = {"COMPLETE": BLUE, "PRUNED": BROWN, "FAIL": RED, "RUNNING": GREY}  # as in style.css
MOST_TRIALS = 1000  # in one figure; more of them are a blot, and make a page slow
_BEST = 50  # of these are the best ones
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


def evenly(items: Sequence[object], most: int) -> list[Any]:
    """At most so many of the items, evenly spaced, the last one among them."""
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / (most - 1)
    return [items[round(i * step)] for i in range(most)]


@dataclass
class Sources:
    """What the figures of a study are drawn from.

    Attributes:
        most: trials in one figure.
    """

    study: StoredStudy
    most: int = MOST_TRIALS

    @property
    def metric(self) -> str:
        """The first objective."""
        return self.study.objective.metric

    @cached_property
    def valued(self) -> list[Trial]:
        """Trials with a value, by number: the best ones, and the others evenly spaced."""
        trials = [t for t in self.study.trials if t.values]
        if len(trials) <= self.most:
            return trials
        best = {t.number: t for t in self.study.ranking()[:_BEST]}
        others = evenly([t for t in trials if t.number not in best], self.most - len(best))
        return sorted([*best.values(), *others], key=lambda trial: trial.number)

    @property
    def left_out(self) -> str:
        """A sentence about what figures of `valued` leave out; empty where they draw all."""
        count, whole = len(self.valued), sum(bool(t.values) for t in self.study.trials)
        return (
            f" Of {whole:,} trials the best {_BEST} are drawn, and {count - _BEST:,} of the others, "
            "evenly spaced."
            if count < whole
            else ""
        )

    @cached_property
    def complete(self) -> list[Trial]:
        """Complete trials by number, thinned evenly."""
        return evenly(self._all_complete, self.most)

    @property
    def _all_complete(self) -> list[Trial]:
        return [t for t in self.study.trials if t.status is TrialStatus.COMPLETE]

    @property
    def complete_left_out(self) -> str:
        """A sentence about what figures of `complete` leave out; empty where they take all."""
        count, whole = len(self.complete), len(self._all_complete)
        return f" Of {whole:,} trials {count:,} are taken, evenly spaced." if count < whole else ""

    @cached_property
    def params(self) -> list[str]:
        """Parameters that varied, the most important first."""
        seen: dict[str, set[str]] = {}
        for trial in self.study.trials:
            for name, value in trial.params.items():
                seen.setdefault(name, set()).add(repr(value))
        varied = [name for name, values in seen.items() if len(values) > 1]
        return sorted(varied, key=lambda name: -self.importances.get(name, 0.0))[:_MOST_PARAMS]

    @cached_property
    def optuna(self) -> optuna.Study:
        """The complete trials as a study of Optuna's, in memory."""
        import optuna
        from optuna.trial import create_trial

        from autotrain.tuner.samplers.optuna import distribution

        parameters = self.study.settings.space.parameters
        found = {name: distribution(parameter) for name, parameter in parameters.items()}
        varied = {name: d for name, d in found.items() if d is not None}
        direction: Any = self.study.objective.direction
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(direction=direction)
        for trial in self.complete:
            params = {name: value for name, value in trial.params.items() if name in varied}
            mine = {name: varied[name] for name in params}
            study.add_trial(create_trial(params=params, distributions=mine, value=trial.values[0]))
        return study

    @cached_property
    def importances(self) -> Mapping[str, float]:
        """Of each parameter, by PED-ANOVA (Watanabe et al. 2023); empty for few trials."""
        import optuna

        if len(self.complete) < _FEWEST:
            return {}
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            with silent():
                return optuna.importance.get_param_importances(self.optuna, evaluator=evaluator)
        except (ValueError, RuntimeError):  # too few trials, or all alike
            return {}


@contextmanager
def silent() -> Iterator[None]:
    """Within, Optuna does not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is experimental, and what Optuna leaves out
        yield


def plot_of(figure: go.Figure, top: int = 20, **layout: object) -> Mapping[str, Any]:
    """Data and layout as plain values, in the style of all figures.

    Colours of texts and of the grid are those of the page (`assets/style.css`), light or dark.
    """
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    figure.update_layout(
        template="none", title=None, width=None, margin={"l": 60, "r": 20, "t": top, "b": 50},
        font={"size": 13, "family": "system-ui, sans-serif"},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", **layout,
    )  # fmt: skip
    plot: Mapping[str, Any] = json.loads(figure.to_json())
    return plot
