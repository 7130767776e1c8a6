"""What a search would make of a source, and the settings that change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autotrain.data.dataset import SPLITS, Dataset
from autotrain.data.inspection.reading import Reading
from autotrain.data.inspection.records import ColumnFacts, Facts, Finding


def facts_of(
    reading: Reading, findings: list[Finding], measures: dict[str, str], notes: list[str]
) -> Facts:
    """All of it in one record."""
    whole, parts = reading.whole, reading.parts
    sizes = {split: len(parts.y_of(split)) for split in SPLITS} if parts is not None else {}
    settings, why = _settings(reading, findings)
    rows = len(next(iter(reading.columns.values())).values) if reading.columns else None
    if rows is None and whole is not None:
        rows = sum({id(x): len(x) for x in whole.x.values()}.values())
    modality = whole.modality if whole is not None else "tabular" if reading.table else "image"
    return Facts(
        source=str(reading.spec.source),
        modality=modality,
        task=whole.task if whole is not None else "",
        reason=reading.reason,
        rows=rows or 0,
        columns=tuple(_with_fate(reading, fact) for fact in reading.facts.values()),
        targets=whole.targets if whole is not None else (),
        parts=sizes,
        classes=_classes(reading),
        measures=measures,
        findings=tuple(findings),
        notes=tuple(notes),
        settings=settings,
        why=why,
    )


def _classes(reading: Reading) -> dict[str, dict[str, int]]:
    if reading.info is None:
        return {}
    counts = reading.info.class_counts
    return {
        str(name): {split: counts[split][i] for split in counts}
        for i, name in enumerate(reading.info.class_names if counts else ())
    }


def role_of(reading: Reading, name: str) -> str:
    """Of a column: `input`, `target`, `text` or `ignored`."""
    table, spec = reading.table, reading.spec
    if table is None:
        return "input"
    if name in (reading.whole.targets if reading.whole else table.find(spec.target, "target")):
        return "target"
    if name in table.find(spec.ignore, "ignore"):
        return "ignored"
    return "text" if name in table.find(spec.text, "text") else "input"


def _with_fate(reading: Reading, fact: ColumnFacts) -> ColumnFacts:
    role, fitted = role_of(reading, fact.name), reading.fitted
    if role in ("target", "ignored"):
        return replace(fact, role=role, fate="predicted" if role == "target" else "ignored")
    if fitted is None:
        return replace(fact, role=role)
    made = [c for c in fitted.columns if (c.source or c.name) == fact.name]
    if fact.name in fitted.left_out:
        fate = f"left out: {fitted.left_out[fact.name]}"
    elif not made:
        fate = "left out: a space of this kind reads one column of texts"
    elif len(made) > 1 or made[0].part:
        fate = f"{len(made)} numbers: {', '.join(c.part or c.name for c in made)}"
    else:
        fate = _read_as(fitted, made[0].kind, len(made[0].levels))
    return replace(fact, role=role, fate=fate)


def _read_as(fitted: Dataset, kind: str, levels: int) -> str:
    if kind == "category":
        return f"category of {levels:,}"
    return f"tokens ({fitted.tokens})" if kind == "text" else kind


def _settings(reading: Reading, findings: list[Finding]) -> tuple[dict[str, Any], dict[str, str]]:
    """The data section that this inspection advises."""
    spec, whole = reading.spec, reading.whole
    settings: dict[str, Any] = {"source": str(spec.source)}
    why: dict[str, str] = {}
    if whole is not None and whole.targets:
        settings["target"] = whole.targets[0] if len(whole.targets) == 1 else list(whole.targets)
    if spec.text is not None:
        settings["text"] = spec.text
    if spec.header is not None:
        settings["header"] = spec.header
    if reading.table is not None:
        ours = _sources(reading)
        advised = {
            ours[f.column]: f.kind
            for f in reversed(findings)  # the worst reason last, which is kept
            if f.leave_out and f.column in ours
        }
        ignored = [*reading.table.find(spec.ignore, "ignore"), *advised]
        if ignored:
            settings["ignore"] = [name for name in reading.columns if name in ignored]
            said = ", ".join(f"{name}: {kind}" for name, kind in advised.items())
            why |= {"ignore": said} if said else {}
    return settings, why


def _sources(reading: Reading) -> dict[str, str]:
    """The column of the file that each column is made of; only those that a search reads."""
    if reading.fitted is None:
        return {name: name for name in reading.columns}
    made = [(c.name, c.source or c.name) for c in reading.fitted.columns]
    return {**{source: source for _, source in made}, **dict(made)}
