"""What an inspection finds: plain immutable records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from autotrain.space.scalars import flow_yaml

LEVELS = ("alarm", "warning", "note")


@dataclass(frozen=True)
class ColumnFacts:
    """One column of a table.

    Attributes:
        kind: `number`, `category`, `free text`, `date`, `identifier`, `row number`, `constant` or
            `empty`.
        reason: why it is taken for that.
        missing, distinct: cells without a value; different values.
        share: of the cells that are missing.
        role: `input`, `target`, `text` or `ignored`.
        fate: what a search would do with it; empty where that is unknown.
    """

    name: str
    kind: str
    reason: str
    missing: int
    distinct: int
    share: float
    role: str = "input"
    fate: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that a person should look at.

    Attributes:
        level: of `LEVELS`: `alarm`: results will be wrong or there will be none; `warning`: may be.
        kind: what it is, in a word or two.
        text: a sentence.
        column: that it is about; empty where it is about rows or all.
        leave_out: whether leaving the column out mends it.
    """

    level: str
    kind: str
    text: str
    column: str = ""
    leave_out: bool = False


@dataclass(frozen=True)
class Facts:
    """All that is known of a source.

    Attributes:
        source: as the user wrote it.
        modality: what a search would read it as; task: what it would predict, empty where there is
            no target; reason: why.
        rows: examples, of all parts.
        columns: of a table.
        targets: columns that are predicted.
        parts: examples of each part that a search would make.
        classes: examples of each class in each part.
        measures: what else was measured, such as sizes of images, in words.
        findings: the worst first.
        notes: how the source is read, and where a sample stands for all.
        settings: of the data section, as this inspection advises.
        why: the reason of a setting, by its name.
    """

    source: str
    modality: str
    task: str
    reason: str
    rows: int
    columns: tuple[ColumnFacts, ...] = ()
    targets: tuple[str, ...] = ()
    parts: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Only dictionaries, lists, strings and numbers, and the `yaml` of the settings."""
        return {**asdict(self), "yaml": self.yaml()}

    def yaml(self) -> str:
        """The data section of a space."""
        lines = ["data:"]
        for name, value in self.settings.items():
            why = f"  # {self.why[name]}" if name in self.why else ""
            lines.append(f"  {name}: {flow_yaml(value)}{why}")
        return "\n".join(lines) + "\n"


def counted(count: int, word: str, words: str = "") -> str:
    """`1 row`, `1,234 rows`."""
    return f"{count:,} {word if count == 1 else words or f'{word}s'}"


def are(count: int) -> str:
    """The verb for so many."""
    return "is" if count == 1 else "are"


def percent(count: int, total: int) -> str:
    """`2.3 %` of a total."""
    return f"{100 * count / max(total, 1):.2g} %" if count < total else "100 %"
