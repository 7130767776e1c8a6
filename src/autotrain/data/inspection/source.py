"""One inspection from start to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from autotrain.data.dataset import SPLITS, Dataset
from autotrain.data.inspection.columns import column_findings, same_columns
from autotrain.data.inspection.duplicates import (
    array_keys,
    repeated_findings,
    shared_findings,
    table_keys,
)
from autotrain.data.inspection.images import (
    array_measures,
    image_findings,
    image_measures,
    image_properties,
    look_at,
)
from autotrain.data.inspection.labels import balance_findings, class_names_of, suspicious_labels
from autotrain.data.inspection.leaks import leak_findings, sampled
from autotrain.data.inspection.outlook import facts_of, role_of
from autotrain.data.inspection.reading import Reading, folder_of, read_source
from autotrain.data.inspection.records import LEVELS, Facts, Finding
from autotrain.data.inspection.texts import text_findings, text_measures
from autotrain.serving.image_reader import images_in
from autotrain.space import DataSpec

_UNITS = {"image": "image", "text": "text"}
Properties: TypeAlias = Mapping[str, tuple[bool, np.ndarray]]


@dataclass(frozen=True)
class _Found:
    """What one form of data has to tell of its examples.

    Attributes:
        properties: by name: whether it is a category, and its value for each example.
        names: of the examples.
    """

    findings: tuple[Finding, ...] = ()
    properties: Properties = field(default_factory=dict)
    names: tuple[str, ...] = ()


def inspect_source(spec: DataSpec, task: str | None = None, seed: int = 0) -> Facts:
    """What a source holds, what is suspicious in it, and what a search would make of it.

    Args:
        spec: the source, and what is known of it.
        task: what is to be predicted, a name of `TASKS`; None finds it out.
        seed: of the split that is looked at; that of `search`.

    Raises:
        DataError: it cannot be read at all. Where it can, but a search would refuse it, that is a
            finding.
    """
    reading = read_source(spec, task, seed)
    notes = [*(reading.table.notes if reading.table else ())]
    findings = [*_refusal(reading)]
    measures: dict[str, str] = {}
    findings += _of_columns(reading)
    found = _of_files(reading, measures, notes) or _of_texts(reading, measures) or _Found()
    findings += found.findings
    findings += _of_rows(reading)
    if reading.parts is not None:
        findings += _of_classes(reading.parts)
    findings += _of_models(reading, found.properties, findings, _caller(reading, found), notes)
    if reading.whole is not None:
        notes += [note for note in reading.whole.notes if note not in notes]
        if reading.whole.modality == "image" and not measures:
            measures |= array_measures(reading.whole.x["train"])
    findings = [_mended(reading, finding) for finding in findings]
    return facts_of(reading, sorted(findings, key=lambda f: LEVELS.index(f.level)), measures, notes)


def _refusal(reading: Reading) -> Iterator[Finding]:
    if not reading.refused:
        return
    # A table whose target nobody named may only lack that.
    named = reading.whole is not None or reading.spec.target is not None or reading.table is None
    level = "alarm" if named else "warning"
    yield Finding(level, "refused", f"a search stops here: {reading.refused}")


def _mended(reading: Reading, finding: Finding) -> Finding:
    """A mere note where a search leaves the column out by itself."""
    left_out = reading.fitted.left_out if reading.fitted is not None else {}
    return replace(finding, level="note") if finding.column in left_out else finding


def _of_columns(reading: Reading) -> Iterator[Finding]:
    read = {n: c for n, c in reading.columns.items() if role_of(reading, n) == "input"}
    for name, column in read.items():
        yield from column_findings(reading.facts[name], column)
    yield from same_columns(read, reading.facts)


def _of_files(reading: Reading, measures: dict[str, str], notes: list[str]) -> _Found | None:
    """Image files of a folder."""
    root = folder_of(reading.spec)
    if root is None:
        return None
    paths = images_in(root)
    files = look_at(paths, notes)
    if files.images:
        measures |= image_measures(files)
    findings = tuple(image_findings(files, root))
    # Files of several parts, or a sample of them, are not in the order of the examples.
    count = _single_length(reading)
    if len(files.images) != count or len(paths) != count:
        return _Found(findings)
    return _Found(findings, image_properties(files), tuple(str(p.relative_to(root)) for p in paths))


def _single_length(reading: Reading) -> int:
    """Examples of a source that has no parts of its own, else -1."""
    whole = reading.whole
    return len(whole.x["train"]) if whole is not None and len(whole.x) == 1 else -1


def _caller(reading: Reading, found: _Found) -> Callable[[int], str]:
    """What to call an example by its position."""
    if found.names:
        return lambda i: found.names[i]
    rows = _rows_of(reading)
    return lambda i: f"example {i:,}" if rows is None else f"row {rows[i] + 1:,}"


def _rows_of(reading: Reading) -> np.ndarray | None:
    """Positions in the file of a table's examples: those with a target."""
    if reading.table is None or reading.whole is None:
        return None
    labels = [reading.columns[name].labels for name in reading.whole.targets]
    known = np.array([all(cell is not None for cell in row) for row in zip(*labels, strict=True)])
    return np.flatnonzero(known)


def _of_texts(reading: Reading, measures: dict[str, str]) -> _Found | None:
    """A table's column of texts."""
    name = reading.spec.text
    if name is None or reading.table is None:
        return None
    (column,) = reading.table.find(name, "text")
    cells = reading.columns[column]
    texts = list(cells.written()) if cells.written else [str(c or "") for c in cells.values]
    measures |= text_measures(texts)
    lengths, rows = np.array([len(text) for text in texts], float), _rows_of(reading)
    known = lengths if rows is None else lengths[rows]
    return _Found(tuple(text_findings(texts, column)), {"length of the text": (False, known)})


def _of_rows(reading: Reading) -> Iterator[Finding]:
    what = _unit(reading)
    if reading.table is not None:
        yield from repeated_findings(table_keys(reading.columns), "row")
    elif reading.whole is not None and folder_of(reading.spec) is None:
        whole = reading.whole
        arrays = {id(x): x for x in whole.x.values()}.values()
        yield from repeated_findings(np.concatenate([array_keys(x) for x in arrays]), what)
    if reading.parts is not None:
        yield from shared_findings(reading.parts, what)


def _of_classes(parts: Dataset) -> Iterator[Finding]:
    names = class_names_of(parts)
    if names:
        y = np.concatenate([parts.y_of(split) for split in SPLITS])
        yield from balance_findings(names, np.bincount(y, minlength=len(names)))


def _of_models(
    reading: Reading,
    properties: Properties,
    findings: Sequence[Finding],
    called: Callable[[int], str],
    notes: list[str],
) -> Iterator[Finding]:
    """What small models that are fitted here tell."""
    fitted, info = reading.fitted, reading.info
    if fitted is None or info is None:
        return
    features = _features(fitted, properties)
    leaks = [*leak_findings(fitted, features)]
    notes += sampled(fitted, len(features))
    yield from leaks
    if class_names_of(fitted):
        without = {finding.column for finding in [*findings, *leaks] if finding.leave_out}
        yield from suspicious_labels(fitted, info, without, called, notes)


def _features(
    fitted: Dataset, properties: Properties
) -> dict[str, tuple[bool, np.ndarray, np.ndarray]]:
    """Columns of a table, or properties of examples, in training and in validation."""
    if fitted.modality == "tabular":
        x, x_validation = fitted.x_of("train"), fitted.x_of("validation")
        return {
            column.name: (column.kind == "category", x[:, i], x_validation[:, i])
            for i, column in enumerate(fitted.columns)
        }
    train, validation = fitted.rows.get("train"), fitted.rows.get("validation")
    if train is None or validation is None:
        return {}
    return {n: (kind, x[train], x[validation]) for n, (kind, x) in properties.items()}


def _unit(reading: Reading) -> str:
    return _UNITS.get(reading.whole.modality, "row") if reading.whole else "row"
