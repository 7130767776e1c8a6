"""What a search would do with each column of a table, and what is suspicious about its rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autotrain.data.dataset import SPLITS, Dataset
from autotrain.data.modalities import modality_named
from autotrain.data.sources import load_source
from autotrain.data.sources.table import open_table
from autotrain.data.split import split
from autotrain.data.table_columns import Table, TableColumn
from autotrain.errors import DataError
from autotrain.space import DataSpec
from autotrain.tasks import task_named

_SHOWN = 3
_MANY_CLASSES = 20  # whole numbers of more values are likely to be measurements


@dataclass(frozen=True)
class ColumnFacts:
    """One column of a table.

    Attributes:
        kind: `number`, `category`, `time`, `text`, `target`; `left out` or `ignored`.
        reason: why, or what becomes of it.
        missing, distinct: cells without a value, and different values.
        examples: some values.
    """

    name: str
    kind: str
    reason: str
    missing: int
    distinct: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Inspection:
    """What was found out about data.

    Attributes:
        rows: of the source; `used` of them have a target.
        columns: of a table, in their order; empty for other data.
        classes: examples of each class or label; empty for numbers.
        notes: what should be known, a sentence each.
        settings: lines of YAML of the data section that say the same, or change it.
    """

    source: str
    modality: str
    task: str
    rows: int
    used: int
    columns: tuple[ColumnFacts, ...]
    classes: dict[str, int]
    notes: tuple[str, ...]
    settings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "columns": [vars(column) for column in self.columns]}


def inspect(spec: DataSpec, task: str, modality: str | None, seed: int = 0) -> Inspection:
    """Look at data as a search would, without keeping anything.

    Args:
        task, modality: as of `load_source`.
        seed: of the split, by which columns are judged.

    Raises:
        DataError: it cannot be read, or not be learnt from.
    """
    loaded = load_source(spec, task, modality)
    parts = split(loaded, spec.validation, spec.test, seed)
    fitted = modality_named(loaded.modality).fit(str(spec.source), parts)
    columns: tuple[ColumnFacts, ...] = ()
    notes = [*fitted.notes, *_rows_alike(parts), *_suspicious_labels(loaded)]
    if loaded.width:
        table = open_table(spec, modality_named(loaded.modality).keeps_words)
        columns = tuple(_facts(name, table, fitted, spec) for name in table.names)
    counts = task_named(task).counts(loaded.y["train"], len(loaded.class_names))
    used = sum(len(y) for y in loaded.y.values())
    return Inspection(
        str(spec.source), loaded.modality, task, used + loaded.dropped, used, columns,
        dict(zip(map(str, loaded.class_names), counts, strict=bool(counts))) if counts else {},
        tuple(notes), tuple(_settings(spec, fitted, columns)),
    )  # fmt: skip


def _facts(name: str, table: Table, fitted: Dataset, spec: DataSpec) -> ColumnFacts:
    column = table[name]
    kind, reason = _role(name, table, fitted, spec)
    numbers = column.values.dtype.kind == "f"
    lacking = np.isnan(column.values) if numbers else [not cell for cell in column.values]
    known = Counter(c for c, gone in zip(column.labels, lacking, strict=True) if c and not gone)
    examples = tuple(cell[:20] for cell, _ in known.most_common(_SHOWN))
    return ColumnFacts(name, kind, reason, int(np.sum(lacking)), len(known), examples)


def _role(name: str, table: Table, fitted: Dataset, spec: DataSpec) -> tuple[str, str]:
    """The kind of a column, and why."""
    if name in fitted.targets:
        return "target", "named with --target" if spec.target else "chosen by its name or place"
    if name in table.find(spec.ignore, "ignore"):
        return "ignored", "said so"
    if name in fitted.left_out:
        return "left out", fitted.left_out[name]
    mine = [column for column in fitted.columns if name in (column.source, column.name)]
    if not mine:
        parts = [why for part, why in fitted.left_out.items() if part.startswith(f"{name} (")]
        return "left out", parts[0] if parts else "unread"
    if mine[0].part:
        return "time", f"becomes {', '.join(column.part for column in mine)}"
    if mine[0].kind == "number":
        return "number", _said_of_numbers(table[name])
    if mine[0].kind == "text":
        return "text", "the models read it"
    return "category", f"{len(mine[0].levels):,} levels in the training part"


def _said_of_numbers(column: TableColumn) -> str:
    form = column.form or {}
    told = [
        f"decimal mark {form['decimal']!r}" if form.get("decimal", ".") != "." else "",
        "thousands separated" if form.get("thousands") else "",
        f"with {' '.join(filter(None, form['affixes']))}" if any(form.get("affixes", [])) else "",
        f"{len(form['missing'])} words are missing" if form.get("missing") else "",
    ]
    return ", ".join(filter(None, told)) or "all cells are numbers"


def _rows_alike(dataset: Dataset) -> list[str]:
    """Rows that are there more than once, and those that are in several parts."""
    digests = {part: _digests(dataset, part) for part in ("train", "validation", "test")}
    everything = Counter(digest for found in digests.values() for digest in found)
    again = sum(count - 1 for count in everything.values())
    if not again:
        return []
    seen = set(digests["train"])
    leaked = sum(digest in seen for part in ("validation", "test") for digest in digests[part])
    note = f"{again:,} rows are copies of others"
    return [f"{note}; {leaked:,} of validation and test are in training too" if leaked else note]


def _digests(dataset: Dataset, part: str) -> list[bytes]:
    rows = np.ascontiguousarray(dataset.x_of(part)).reshape(len(dataset.y_of(part)), -1)
    return [hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows]


def _suspicious_labels(dataset: Dataset) -> list[str]:
    """Class names that differ in case, blanks or a dot at the end only."""
    if not task_named(dataset.task).has_classes:
        return []
    plain: dict[str, list[str]] = {}
    for name in map(str, dataset.class_names):
        plain.setdefault(name.casefold().strip(" ."), []).append(name)
    return [
        f"warning: the classes {', '.join(map(repr, names))} may be one"
        for names in plain.values()
        if len(names) > 1
    ]


def _settings(spec: DataSpec, dataset: Dataset, columns: Sequence[ColumnFacts]) -> list[str]:
    if not columns:
        return []
    targets = list(dataset.targets)
    unused = [column.name for column in columns if column.kind in ("left out", "ignored")]
    lines = [
        f"source: {spec.source}",
        f"target: {targets[0] if len(targets) == 1 else targets}",
        f"header: {'true' if dataset.header else 'false'}",
    ]
    return [*lines, f"ignore: [{', '.join(unused)}]"] if unused else lines


def task_of(spec: DataSpec) -> str:
    """The task that a target is likely of: classes, or numbers where these are many or rare.

    Raises:
        DataError: it cannot be read.
    """
    refused: DataError | None = None
    for name in ("classification", "multilabel", "regression"):
        task = task_named(name)
        try:
            found = load_source(spec, name)
            numbers = all(str(c).lstrip("-").isdecimal() for c in found.class_names)
            if not task.exclusive or not numbers or len(found.class_names) <= _MANY_CLASSES:
                task.check_counts(found.y["train"], found.class_names, SPLITS)
                return name
        except DataError as error:
            refused = refused or error
    raise refused or DataError(f"{spec.source}: no task is found for the target")
