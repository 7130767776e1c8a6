"""What a model does with labelled data, as a table, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autotrain.analysis.measurements import Predictions
from autotrain.analysis.statistics import interval, resampled
from autotrain.files import JsonObject
from autotrain.reports.figures.predictions import (
    calibration_error,
    class_rows,
    confusion_counts,
    figures_of,
)
from autotrain.reports.html import fragment, render, section
from autotrain.reports.text_tables import Table
from autotrain.reports.units import number

_MOST_CLASSES = 20  # of a confusion matrix as text


@dataclass(frozen=True)
class Evaluation:
    """How good a model is on labelled data; a notebook shows it as tables.

    Attributes:
        title: which model on what.
        predictions: the model's outputs with the truth.
        wanted: metrics beside those of any such task, which have an interval as well.
    """

    title: str
    predictions: Predictions
    wanted: Sequence[str] = ()

    @property
    def metrics(self) -> dict[str, float]:
        """All metrics that are defined on this data, by name."""
        known = self.predictions
        return known.task.evaluate(known.outputs, known.targets, self._names)

    @property
    def undefined(self) -> dict[str, str]:
        """Why the others are not, by name."""
        return self.predictions.task.undefined(self.predictions.targets, self._names)

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.predictions.task.metrics, *self.wanted)

    def to_dict(self) -> JsonObject:
        """Metrics, intervals of the first and the wanted, the table by class, the confusion matrix.

        What is undefined is None, and `undefined` says why.
        """
        task, heads_rows = self.predictions.task, class_rows(self.predictions)
        facts: JsonObject = {
            "examples": len(self.predictions.targets),
            "metrics": {**self.metrics, **dict.fromkeys(self.undefined)},
            "undefined": self.undefined,
            "interval": self._intervals(),
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
        rows = [[*row, _note(row[0], facts)] for row in _metric_rows(facts)]
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
        return "\n\n".join([self._head, *(table.text() for table in self.tables())])

    def to_html(self) -> str:
        """One self-contained HTML file, with figures."""
        facts, task = self.to_dict(), self.predictions.task
        metrics = section(
            "Metrics",
            "evaluation/metrics.html",
            examples=f"{facts['examples']:,}",
            metrics=Table(["metric", "value"], _metric_rows(facts)),
            intervals=[(name, _interval_text(ends)) for name, ends in facts["interval"].items()],
            undefined=list(facts["undefined"].items()),
        )
        classes = section(
            "Class by class" if task.has_classes else "Number by number",
            "evaluation/classes.html",
            by_class=Table(*class_rows(self.predictions)),
            figures=figures_of(self.predictions),
        )
        return render(self.title, [metrics, classes])

    def _repr_html_(self) -> str:
        return fragment("notebook.html", title=self._head, tables=self.tables(), notes=[])

    @property
    def _head(self) -> str:
        return f"{self.title}: {len(self.predictions.targets):,} examples"

    def _intervals(self) -> dict[str, list[float]]:
        """Of the first metric and the wanted, those that are defined."""
        known = self.predictions
        names = [name for name in dict.fromkeys((known.task.first_metric, *self.wanted))
                 if name in self.metrics]  # fmt: skip
        draws = {n: resampled(known.task, n, known.outputs, known.targets) for n in names}
        return {name: list(interval(found)) for name, found in draws.items()}


def _metric_rows(facts: JsonObject) -> list[list[str]]:
    metrics = facts["metrics"].items()
    return [[name, "undefined" if value is None else number(value)] for name, value in metrics]


def _note(name: str, facts: JsonObject) -> str:
    """What stands beside a metric: its interval, or why it is undefined."""
    if name in facts["undefined"]:
        return str(facts["undefined"][name])
    return f"95 %: {_interval_text(facts['interval'][name])}" if name in facts["interval"] else ""


def _interval_text(ends: Sequence[float]) -> str:
    return f"{ends[0]:.4g} to {ends[1]:.4g}"
