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
from autotrain.reports.html import Section, render
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
    first = outcome.task.first_metric
    low, high = facts["interval"][first]
    lines = [f"{title}: {facts['examples']:,} examples", ""]
    for name, value in facts["metrics"].items():
        more = f"   95 %: {low:.4g} to {high:.4g}" if name == first else ""
        lines.append(f"{name:<18} {number(value)}{more}")
    if "calibration_error" in facts:
        lines.append(f"{'calibration error':<18} {facts['calibration_error']:.3f}")
    by_class = [list(row.values()) for row in facts["by_class"]]
    lines += ["", *_aligned([list(facts["by_class"][0]), *by_class])]
    if "confusion" in facts and len(outcome.names) <= _MOST_CLASSES:
        names = [str(name) for name in outcome.names]
        rows = [["true \\ said", *names]]
        rows += [
            [n, *map(str, row)] for n, row in zip(names, facts["confusion"]["counts"], strict=True)
        ]
        lines += ["", *_aligned(rows)]
    return "\n".join(lines)


def as_page(title: str, outcome: Outcome) -> str:
    """One self-contained HTML file."""
    facts = as_json(outcome)
    first = outcome.task.first_metric
    low, high = facts["interval"][first]
    whole = Section("Metrics")
    whole.text(f"{facts['examples']:,} examples.")
    whole.table(["metric", "value"], [[k, number(v)] for k, v in facts["metrics"].items()])
    whole.text(f"95 % interval of {first} (bootstrap over examples): {low:.4g} to {high:.4g}.")
    classes = Section("Class by class" if outcome.task.has_classes else "Number by number")
    classes.table(*class_rows(outcome))
    for figure in figures_of(outcome):
        classes.figure(figure)
    return render(title, [whole, classes])


def _draws(outcome: Outcome) -> np.ndarray:
    return resampled(outcome.task, outcome.task.first_metric, outcome.outputs, outcome.targets)


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    first, others = widths[0], widths[1:]
    return ["  ".join([row[0].ljust(first), *map(str.rjust, row[1:], others)]) for row in rows]
