"""What is shown of a study at the end of a search and by `autotrain show`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import rich.table
from rich.text import Text

from autotrain.analysis.stored_study import StoredStudy
from autotrain.files import JsonObject, size_of
from autotrain.reports.text_tables import Table, table_of
from autotrain.reports.units import (
    bytes_text,
    duration,
    number,
    params_line,
)
from autotrain.space import Objective
from autotrain.storage.settings import StudySettings
from autotrain.tasks import task_named
from autotrain.tasks.class_metrics import meant
from autotrain.trial import INDEPENDENT, Trial, TrialStatus


def ranking(study: StoredStudy, rows: int = 10) -> Table:
    """The top of the ranking by validation."""
    names = [objective.metric for objective in study.settings.space.objectives]
    copies = any(trial.parent is not None for trial in study.trials)
    origin = ["from"] if copies else []
    heads = ["rank", "trial", *origin, "state", *names, "epochs", "best at", "configuration"]
    ranked = enumerate(study.ranking()[:rows], 1)
    return Table(heads, [[str(rank), *_cells(trial, copies)] for rank, trial in ranked])


def ranking_table(study: StoredStudy, rows: int = 10) -> rich.table.Table:
    """The same for a terminal, as wide as that."""
    table = ranking(study, rows)
    return table_of(table.heads, [[*row[:-1], Text(row[-1])] for row in table.rows])


def lineage(study: StoredStudy, trial: Trial) -> str:
    """The trials that a copy goes back to, as `1 until 3, 7 until 9`; empty where it is none."""
    by_number = {other.number: other for other in study.trials}
    steps: list[str] = []
    while trial.parent is not None:
        parent = by_number[trial.parent]
        steps.insert(0, f"{parent.number} until {trial.start_epoch}")
        trial = parent
    return ", ".join(steps)


def _cells(trial: Trial, copies: bool) -> list[str]:
    copied = trial.parent is not None
    origin = [f"{trial.parent} at {trial.start_epoch}" if copied else ""]
    values = [number(value) for value in trial.values]
    best = str(trial.best_epoch or "")
    configuration = params_line(trial.params)
    first = [str(trial.number), *(origin if copies else [])]
    return [*first, str(trial.status), *values, str(trial.last_epoch), best, configuration]


def failures(study: StoredStudy) -> dict[str, list[int]]:
    """Numbers of the failed trials by cause."""
    causes: dict[str, list[int]] = {}
    for trial in study.trials:
        if trial.status is TrialStatus.FAIL:
            causes.setdefault(trial.cause or "unknown", []).append(trial.number)
    return causes


def summary_dict(study: StoredStudy) -> JsonObject:
    """The study for machines."""
    names = [objective.metric for objective in study.settings.space.objectives]
    best = study.leader
    return {
        "study": study.name,
        "folder": str(study.paths.root),
        "storage": study.storage_url,
        "counts": study.counts,
        "best": None
        if best is None
        else {
            "trial": best.number,
            "values": dict(zip(names, best.values, strict=True)),
            "params": dict(best.params),
        },
        "pareto": [t.number for t in study.best_trials] if best and len(names) > 1 else None,
        "failures": failures(study),
        "best_model": str(study.paths.best_model) if study.paths.best_model.exists() else None,
    }


def time_line(seconds: float, train_seconds: float, workers: int) -> str:
    """Wall time, and how much of the workers' time went into training."""
    share = train_seconds / (seconds * workers) if seconds > 0 else 0.0
    return (
        f"{duration(seconds)} on {workers} worker{'s' if workers > 1 else ''}; "
        f"{share:.0%} of their time in training steps, the rest start-up, compiling and evaluation"
    )


def facts(study: StoredStudy, size: bool = True) -> list[tuple[str, str]]:
    """Label and text of what `show` prints above the table.

    Args:
        size: with the folder's size, for which all of it is walked.
    """
    settings = study.settings
    objectives = ", ".join(_objective_text(o, settings) for o in settings.space.objectives)
    counts = study.counts_text or "none"
    rows = [("study", study.name), ("objective", objectives), ("trials", counts)]
    if settings.space.threshold is not None:
        rows.append(("threshold", f"of exports: by {settings.space.threshold}"))
    if settings.data is not None:
        from autotrain.data import describe

        rows.append(("data", describe(settings.data)))
    rows += [
        ("training", f"{settings.epochs} epochs, {settings.backend}, seed {settings.seed}"),
        _who_goes_on(settings),
        *([("teacher", str(settings.teacher))] if settings.teacher else []),
        (
            "folder",
            f"{study.paths.root}{f' ({bytes_text(size_of(study.paths.root))})' if size else ''}",
        ),
        ("storage", study.storage_url),
    ]
    best = next(iter(study.ranking()), None)
    if best is not None and best.parent is not None:
        rows.append(("lineage", f"trial {best.number} goes on from {lineage(study, best)}"))
    if study.paths.best_model.exists():
        rows.append(("best model", str(study.paths.best_model)))
        weakest = weakest_outputs(study)
        if weakest:
            rows.append(("weakest", weakest))
    return rows


def _objective_text(objective: Objective, settings: StudySettings) -> str:
    """Metric and direction, and the class that is meant where none is named."""
    info, of = settings.data, ""
    if info is not None and objective.metric.startswith("val_") and task_named(info.task).exclusive:
        of = meant(objective.name, [str(name) for name in info.class_names])
    return f"{objective.metric} ({objective.direction}{f', of the class {of!r}' if of else ''})"


def _who_goes_on(settings: StudySettings) -> tuple[str, str]:
    if settings.strategy != INDEPENDENT:
        text = f"{settings.strategy}, {settings.population} members compared every {settings.interval} epochs"
        return "strategy", text
    return "pruner", settings.pruner


def weakest_outputs(study: StoredStudy, count: int = 3) -> str:
    """What the best model gets wrong most: classes by f1, or numbers to predict by r2.

    On the validation part, from the model's card; empty where it says nothing of several.
    """
    try:
        card = json.loads(study.paths.best_card.read_text("utf-8"))
        table = card["by_class"]
        return weakest_of(table, card["classes"], count)
    except (OSError, ValueError, KeyError):
        return ""


def weakest_of(table: Mapping[str, Any], classes: Sequence[str], count: int = 3) -> str:
    """The same of a table from `training.metrics.by_class`."""
    score = "f1" if "f1" in table else "r2"
    known = range(len(table[score]))
    names: Sequence[Any] = classes if len(classes) == len(known) else known
    support = table.get("support", [1] * len(known))  # cards of before have 0 without examples
    seen = [i for i in known if support[i] and table[score][i] is not None]
    if len(seen) < 2:
        return ""
    worst = sorted(seen, key=lambda i: table[score][i])[:count]
    others = [name for name in table if name != score]

    def text(i: int) -> str:
        rest = ", ".join(f"{name} {number(table[name][i])}" for name in others)
        return f"{names[i]}: {score} {number(table[score][i])} ({rest})"

    return "; ".join(map(text, worst))
