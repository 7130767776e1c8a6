"""What a model does with labelled data, as a table, as JSON and as a page."""

from __future__ import annotations

from typing import Any

import numpy as np

from autotrain.analysis.measurements import Outcome
from autotrain.analysis.statistics import interval, resampled
from autotrain.reports.figures.predictions import (
    calibration_error,
    class_rows,
    confusion_counts,
    figures_of,
)
from autotrain.reports.html import render, section
from autotrain.reports.tables import Table
from autotrain.reports.units import number

_MOST_CLASSES = 20  # of a confusion matrix as text


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Metrics, the interval of the first, the table by class, and the confusion matrix."""
    first = outcome.task.first_metric
    heads, rows = class_rows(outcome)
    facts: dict[str, Any] = {
        "examples": len(outcome.targets),
        "metrics": outcome.task.evaluate(outcome.outputs, outcome.targets),
        "interval": {first: list(interval(_draws(outcome)))},
        "by_class": [dict(zip(heads, row, strict=True)) for row in rows],
    }
    if outcome.task.exclusive:
        facts["calibration_error"] = calibration_error(outcome)
        facts["confusion"] = {
            "classes": list(outcome.names),
            "counts": confusion_counts(outcome).tolist(),
        }
    return facts


def as_table(title: str, outcome: Outcome) -> str:
    """For a terminal."""
    facts = as_json(outcome)
    first, interval_text = _interval_text(facts)
    rows = [
        [name, number(value), f"95 %: {interval_text}" if name == first else ""]
        for name, value in facts["metrics"].items()
    ]
    if "calibration_error" in facts:
        rows.append(["calibration error", f"{facts['calibration_error']:.3f}", ""])
    tables = [Table([], rows), Table(*class_rows(outcome))]
    if "confusion" in facts and len(outcome.names) <= _MOST_CLASSES:
        names = [str(name) for name in outcome.names]
        counts = zip(names, facts["confusion"]["counts"], strict=True)
        tables.append(Table(["true \\ said", *names], [[n, *map(str, row)] for n, row in counts]))
    head = f"{title}: {facts['examples']:,} examples"
    return "\n\n".join([head, *(table.text() for table in tables)])


def as_page(title: str, outcome: Outcome) -> str:
    """One self-contained HTML file."""
    facts = as_json(outcome)
    first, interval_text = _interval_text(facts)
    metrics = section(
        "Metrics",
        "evaluation/metrics.html",
        examples=f"{facts['examples']:,}",
        metrics=Table(["metric", "value"], [[k, number(v)] for k, v in facts["metrics"].items()]),
        first=first,
        interval=interval_text,
    )
    classes = section(
        "Class by class" if outcome.task.has_classes else "Number by number",
        "evaluation/classes.html",
        by_class=Table(*class_rows(outcome)),
        figures=figures_of(outcome),
    )
    return render(title, [metrics, classes])


def _interval_text(facts: dict[str, Any]) -> tuple[str, str]:
    """The first metric's name, and its interval in words."""
    ((name, (low, high)),) = facts["interval"].items()
    return name, f"{low:.4g} to {high:.4g}"


def _draws(outcome: Outcome) -> np.ndarray:
    return resampled(outcome.task, outcome.task.first_metric, outcome.outputs, outcome.targets)
