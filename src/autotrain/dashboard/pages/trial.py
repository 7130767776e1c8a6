"""One trial's page: its configuration, curves, log, checkpoint, and why it ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from autotrain.analysis.measurements import measured, predictions_of
from autotrain.analysis.stored_study import StoredStudy
from autotrain.dashboard.components import (
    badge,
    drawing,
    facts,
    nothing,
    query,
    short,
    study_url,
)
from autotrain.dashboard.downloads import TRIAL_FILES
from autotrain.dashboard.state import Watched
from autotrain.reports.figures.predictions import figures_of
from autotrain.reports.figures.search import trial_curves
from autotrain.reports.summary import lineage
from autotrain.reports.units import bytes_text, number
from autotrain.trial import Trial, TrialStatus

_LOG = 20_000  # bytes of its end


def find(watched: Watched, number: str) -> Trial | None:
    """The trial of a number in an address."""
    trials = watched.study.trials
    return trials[int(number)] if number.isdigit() and int(number) < len(trials) else None


def show(watched: Watched, trial: Trial, live: Callable[[str], Any]) -> list[Component]:
    """The page."""
    study = watched.study
    others = [n for n in (trial.number - 1, trial.number + 1) if 0 <= n < len(study.trials)]
    links: list[Any] = [
        dcc.Link(f"trial {n}", href=study_url(watched, f"trial/{n}")) for n in others
    ]
    best = study.leader
    if best is not None and best.number != trial.number:
        both = ",".join(f"{study.settings.id}.{n}" for n in (best.number, trial.number))
        links.append(dcc.Link("Compare with the best", href=query("/compare", trials=both)))
    return [
        html.Div(
            [
                html.H1([dcc.Link(short(study.name, 40), href=study_url(watched)),
                         f" · trial {trial.number}"]),
                html.Nav(links),
            ],
            className="heading",
        ),
        live(f"trial:{trial.number}"),
        html.H2("Configuration"),
        facts((name, number(value)) for name, value in trial.params.items()),
        *_outputs(study, trial),
    ]  # fmt: skip


def progress(watched: Watched, trial: Trial) -> list[Component]:
    """What changes while it is trained."""
    study = watched.study
    names = [objective.metric for objective in study.settings.space.objectives]
    rows: list[tuple[str, Any]] = [("state", badge(trial.status))]
    rows += [(name, number(value)) for name, value in zip(names, trial.values, strict=False)]
    rows += [
        ("epochs", f"{trial.last_epoch} of {study.settings.epochs}"),
        ("why it ended", why_ended(trial, study)),
    ]
    if trial.best_epoch:
        rows.append(("best epoch", str(trial.best_epoch)))
    if lineage(study, trial):
        rows.append(("goes on from", lineage(study, trial)))
    if trial.began:
        rows.append(("began", f"{trial.began:%Y-%m-%d %H:%M:%S} UTC"))
    if trial.ended:
        rows.append(("ended", f"{trial.ended:%Y-%m-%d %H:%M:%S} UTC"))
    files = study.paths.trial(trial.number)
    rows += [("checkpoint", _kept(files.checkpoint)), ("weights", _kept(files.weights))]
    links = [
        html.A(kind, href=f"/files/{study.settings.id}/{trial.number}/{kind}", target="_blank")
        for kind in TRIAL_FILES
        if getattr(files, kind).exists()
    ]
    rows.append(("files", html.Span([part for link in links for part in (link, " ")])))
    parts: list[Any] = [facts(rows)]
    if trial.epochs:
        parts.append(drawing(trial_curves(trial)))
    else:
        parts.append(nothing("No epoch has been reported."))
    log = _tail(files.log)
    return [*parts, html.H2("Log"), html.Pre(log) if log else nothing("It said nothing.")]


def why_ended(trial: Trial, study: StoredStudy) -> str:
    """In words."""
    if trial.status is TrialStatus.FAIL:
        return trial.cause or "it failed"
    if trial.status is TrialStatus.PRUNED:
        return f"pruned by {study.settings.pruner} after epoch {trial.last_epoch}"
    if trial.status is TrialStatus.COMPLETE:
        stopped = trial.last_epoch < study.settings.epochs
        return "early stopping or a reached target" if stopped else "it was trained to its end"
    if trial.paused:
        return f"not yet: it rests after epoch {trial.last_epoch}, and may be promoted"
    return "not yet"


def _kept(path: Path) -> str:
    try:
        return bytes_text(path.stat().st_size)
    except OSError:
        return "none"


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOG))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _outputs(study: StoredStudy, trial: Trial) -> list[Component]:
    """Figures of the model on the validation part, where it was measured."""
    found = predictions_of(study, measured(study, [trial], test=False)[0])
    if found is None:
        return []
    return [html.H2("On the validation part"), *map(drawing, figures_of(found))]
