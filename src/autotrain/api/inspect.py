"""`autotrain data inspect`: what a search would do with data, before there is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrain.api.given_data import GivenData, as_source
from autotrain.catalog.compatibility import space_modality, space_task
from autotrain.data.inspection import Inspection, inspect, task_of
from autotrain.errors import ConfigurationError
from autotrain.reports.html import render, section
from autotrain.reports.tables import Table
from autotrain.space import DataSpec, load_space


@dataclass(frozen=True)
class InspectedData:
    """What was found out about data; it shows itself as a text, a page and a dictionary.

    Attributes:
        found: the facts.
    """

    found: Inspection

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return self.found.to_dict()

    def to_text(self) -> str:
        """For a terminal."""
        found = self.found
        parts = ["\n".join([self._head, *found.notes])]
        parts += [table.text() for table in self.tables()]
        if found.settings:
            parts.append("\n".join(["data:", *(f"  {line}" for line in found.settings)]))
        return "\n\n".join(parts)

    def to_html(self) -> str:
        """One self-contained HTML file."""
        notes = Table(["data"], [[line] for line in [self._head, *self.found.notes]])
        settings = Table(["as YAML"], [[line] for line in self.found.settings])
        parts = [notes, *self.tables(), *([settings] if self.found.settings else [])]
        sections = [section("", "drift.html", said="", columns=part) for part in parts]
        return render("Data", sections, figures=False)

    def tables(self) -> list[Table]:
        """Columns and classes."""
        heads = ["column", "kind", "why", "missing", "distinct", "such as"]
        rows = [
            [c.name, c.kind, c.reason, f"{c.missing:,}", f"{c.distinct:,}", ", ".join(c.examples)]
            for c in self.found.columns
        ]
        classes = [[name, f"{count:,}"] for name, count in self.found.classes.items()]
        found = [Table(heads, rows)] if rows else []
        return [*found, Table(["class", "examples"], classes)] if classes else found

    @property
    def _head(self) -> str:
        found = self.found
        dropped = found.rows - found.used
        rest = f", {dropped:,} of them without a target" if dropped else ""
        return f"{found.source}: {found.rows:,} rows{rest}; {found.modality}, {found.task}"


def inspect_data(
    data: GivenData,
    *,
    target: Any = None,
    ignore: Any = None,
    space: str | Path | None = None,
    runs: str | Path = "runs",
) -> InspectedData:
    """Look at data as a search would, without searching.

    Args:
        data: as of `search`.
        target: the column to predict, or several.
        ignore: columns to leave unread.
        space: a space whose models are to read it; by default rows for classes, or for numbers where
            the target has many.
        runs: the workspace, in which data given in Python is written down.

    Raises:
        ConfigurationError, DataError: it cannot be read, or not be learnt from.
    """
    source, target = as_source(data, runs, target)
    if source is None:
        raise ConfigurationError("no data given")
    chosen = load_space(space) if space is not None else None
    spec = (chosen.data if chosen and chosen.data else None) or DataSpec()
    values = {**vars(spec), "source": source}
    values |= {key: value for key, value in {"target": target, "ignore": ignore}.items() if value}
    spec = DataSpec(**{key: value for key, value in values.items() if not key.startswith("_")})
    task = space_task(chosen).name if chosen else task_of(spec)
    return InspectedData(inspect(spec, task, space_modality(chosen) if chosen else None))
