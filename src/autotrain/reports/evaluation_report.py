"""What a model does with labelled data, as a table, as JSON and as a page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from autotrain.analysis.measurements import Predictions
from autotrain.analysis.statistics import interval, resampled
from autotrain.reports.figures.predictions import (
    calibration_error,
    class_rows,
    confusion_counts,
    figures_of,
)
from autotrain.reports.html import fragment, render, section
from autotrain.reports.tables import Table
from autotrain.reports.units import number

_MOST_CLASSES = 20  # of a confusion matrix as text


@dataclass(frozen=True)
class Evaluation:
    """How good a model is on labelled data; a notebook shows it as tables.

    Attributes:
        title: which model on what.
        predictions: the model's outputs with the truth.
        notes: what should be known of the data, a sentence each.
    """

    title: str
    predictions: Predictions
    notes: tuple[str, ...] = ()

    @property
    def metrics(self) -> dict[str, float]:
        """All metrics of the task, by name; NaN where one is undefined."""
        found = self.predictions
        metrics = found.task.evaluate(found.outputs, found.targets)
        return {**metrics, **dict.fromkeys(self.undefined, math.nan)}

    @property
    def undefined(self) -> dict[str, str]:
        """Metrics that these examples leave undefined, and why."""
        return self.predictions.task.undefined(self.predictions.targets)

    @property
    def all_notes(self) -> list[str]:
        """The notes, and what the examples lack."""
        task, count = self.predictions.task, len(self.predictions.targets)
        lacking = [f"{name} is undefined: {why}" for name, why in self.undefined.items()]
        if task.exclusive:
            there = np.unique(self.predictions.targets)
            if len(there) < len(self.predictions.names):
                said = ", ".join(str(self.predictions.names[i]) for i in there[:5])
                lacking.append(
                    f"only {len(there)} of {len(self.predictions.names)} classes occur ({said}): the "
                    "metrics are of these alone; recall of the others, and areas under curves, are "
                    "undefined"
                )
        if count == 1:
            lacking.append("one example has no interval, and says next to nothing")
        return [*self.notes, *lacking]

    def to_dict(self) -> dict[str, Any]:
        """Metrics, the interval of the first, the table by class, and the confusion matrix."""
        task, heads_rows = self.predictions.task, class_rows(self.predictions)
        facts: dict[str, Any] = {
            "examples": len(self.predictions.targets),
            "metrics": {k: None if math.isnan(v) else v for k, v in self.metrics.items()},
            "interval": {task.first_metric: list(interval(self._draws()))},
            "notes": self.all_notes,
            "by_class": [dict(zip(heads_rows[0], row, strict=True)) for row in heads_rows[1]],
        }
        if task.exclusive:
            facts["calibration_error"] = calibration_error(self.predictions)
            facts["confusion"] = {
                "classes": list(self.predictions.names),
                "counts": confusion_counts(self.predictions).tolist(),
            }
        return facts

    def tables(self) -> list[Table]:
        """Metrics, classes, and the confusion matrix of a few classes."""
        facts = self.to_dict()
        first, interval_text = _interval_text(facts)
        rows = [
            [name, _said(value), f"95 %: {interval_text}" if name == first else ""]
            for name, value in facts["metrics"].items()
        ]
        if "calibration_error" in facts:
            rows.append(["calibration error", f"{facts['calibration_error']:.3f}", ""])
        found = [Table([], rows), Table(*class_rows(self.predictions))]
        if "confusion" in facts and len(self.predictions.names) <= _MOST_CLASSES:
            names = [str(name) for name in self.predictions.names]
            counts = zip(names, facts["confusion"]["counts"], strict=True)
            heads = ["true \\ said", *names]
            found.append(Table(heads, [[name, *map(str, row)] for name, row in counts]))
        return found

    def to_text(self) -> str:
        """For a terminal."""
        head = "\n".join([self._head, *self.all_notes])
        return "\n\n".join([head, *(table.text() for table in self.tables())])

    def to_html(self) -> str:
        """One self-contained HTML file, with figures."""
        facts, task = self.to_dict(), self.predictions.task
        first, interval_text = _interval_text(facts)
        rows = [[name, _said(value)] for name, value in facts["metrics"].items()]
        rows += [["note", note] for note in facts["notes"]]
        metrics = section(
            "Metrics",
            "evaluation/metrics.html",
            examples=f"{facts['examples']:,}",
            metrics=Table(["metric", "value"], rows),
            first=first,
            interval=interval_text,
        )
        classes = section(
            "Class by class" if task.has_classes else "Number by number",
            "evaluation/classes.html",
            by_class=Table(*class_rows(self.predictions)),
            figures=figures_of(self.predictions),
        )
        return render(self.title, [metrics, classes])

    def _repr_html_(self) -> str:
        return fragment(
            "notebook.html", title=self._head, tables=self.tables(), notes=self.all_notes
        )

    @property
    def _head(self) -> str:
        return f"{self.title}: {len(self.predictions.targets):,} examples"

    def _draws(self) -> np.ndarray:
        task = self.predictions.task
        return resampled(
            task, task.first_metric, self.predictions.outputs, self.predictions.targets
        )


def _said(value: float | None) -> str:
    return "undefined" if value is None else number(value)


def _interval_text(facts: dict[str, Any]) -> tuple[str, str]:
    """The first metric's name, and its interval in words."""
    ((name, (low, high)),) = facts["interval"].items()
    return name, f"{low:.4g} to {high:.4g}"
