"""What is in a source: as a text, as JSON, as a page and in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autotrain.data.inspection import Facts
from autotrain.data.inspection.records import counted, percent
from autotrain.reports.html import fragment, render, section
from autotrain.reports.tables import Table

_MOST_CLASSES = 50
_UNITS = {"image": "image", "text": "text"}
_SHORT = 60  # characters of a cell in a terminal


@dataclass(frozen=True)
class Inspection:
    """What was found in a source; a notebook shows it as tables."""

    facts: Facts

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `yaml` is the data section of a space that this inspection advises."""
        return self.facts.to_dict()

    def to_text(self) -> str:
        """For a terminal."""
        blocks = [self._head]
        for title, table in self._tables(short=True):
            blocks.append(f"{title}\n{table.text()}")
        notes = [f"- {note}" for note in self.facts.notes]
        blocks += ["\n".join(["How it was read", *notes])] if notes else []
        blocks.append(f"For a space, or --set data.…:\n{self.facts.yaml()}".rstrip())
        return "\n\n".join(blocks)

    def to_html(self) -> str:
        """One self-contained HTML file."""
        sections = [
            section("", "inspection/head.html", said=self._head, notes=self.facts.notes),
            *(section(title, "inspection/table.html", table=table) for title, table in self._tables()),
            section("Data section", "inspection/yaml.html", yaml=self.facts.yaml()),
        ]  # fmt: skip
        return render(self.facts.source, sections, figures=False)

    def _repr_html_(self) -> str:
        tables = [table for _, table in self._tables()]
        return fragment("notebook.html", title=self._head, tables=tables, notes=self.facts.notes)

    @property
    def _head(self) -> str:
        facts = self.facts
        said = f"{facts.source}: {counted(facts.rows, _UNITS.get(facts.modality, 'row'))}"
        said += f" of {counted(len(facts.columns), 'column')}" if facts.columns else ""
        if facts.task:
            what = f" of {', '.join(facts.targets)}" if facts.targets else ""
            said += f"; {facts.task}{what} ({facts.reason})"
        if facts.parts:
            parts = ", ".join(f"{size:,} {name}" for name, size in facts.parts.items())
            said += f"\nA search splits it into {parts}."
        return said

    def _tables(self, short: bool = False) -> list[tuple[str, Table]]:
        """Those that have rows, with their titles."""
        found = [
            ("Findings", self._findings()),
            ("Measures", self._measures()),
            ("Columns", self._columns(_SHORT if short else None)),
            ("Classes", self._classes()),
        ]
        return [(title, table) for title, table in found if table.rows]

    def _findings(self) -> Table:
        heads = ["", "what", "where", "found"]
        rows = [[f.level, f.kind, f.column, f.text] for f in self.facts.findings]
        return Table(heads, rows or [["", "nothing suspicious", "", ""]])

    def _measures(self) -> Table:
        return Table(["of all", "found"], [[*pair] for pair in self.facts.measures.items()])

    def _columns(self, most: int | None) -> Table:
        rows = [
            [
                c.name,
                c.kind,
                _cut(c.reason, most),
                f"{c.missing:,}" if c.missing else "",
                f"{c.distinct:,}",
                c.fate,
            ]
            for c in self.facts.columns
        ]
        return Table(["column", "type", "because", "missing", "different", "a search"], rows)

    def _classes(self) -> Table:
        classes = self.facts.classes
        total = sum(sum(counts.values()) for counts in classes.values())
        rows = [
            [name, f"{sum(counts.values()):,}", percent(sum(counts.values()), total)]
            + [f"{count:,}" for count in counts.values()]
            for name, counts in list(classes.items())[:_MOST_CLASSES]
        ]
        more = len(classes) - _MOST_CLASSES
        if more > 0:
            rows.append([f"and {more:,} more", *[""] * (len(rows[0]) - 1)])
        return Table(["class", "examples", "share", *self.facts.parts], rows)


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"
