"""A source as a search would read it: modality and task found out, loaded, split and fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from autotrain.data.cache import info_of
from autotrain.data.dataset import DataInfo, Dataset
from autotrain.data.inspection.columns import column_facts
from autotrain.data.inspection.records import ColumnFacts
from autotrain.data.modalities import modality_named
from autotrain.data.sources import BUILT_IN_NAMES, load_source
from autotrain.data.sources.base import path_of
from autotrain.data.sources.table import TABLE
from autotrain.data.split import split
from autotrain.data.tables import Table, TableColumn, read_table
from autotrain.errors import DataError
from autotrain.space import DataSpec

_TASKS = ("classification", "multilabel", "regression")
_OTHERWISE = {"multilabel": "several targets of 0 and 1", "regression": "the target is no class"}
_DULL = ("identifier", "row number", "constant", "empty")
_MANY_CLASSES = 20  # whole numbers of more values are likely to be measurements


@dataclass(frozen=True)
class Reading:
    """What came of reading.

    Attributes:
        spec: with the column of texts, where one was found.
        table: of a file, as it is written; columns: of it, or of an array.
        facts: of each column.
        whole: as loaded; parts: as split; fitted, info: as a search has it; each None from where a
            search would stop.
        refused: why it stops.
        reason: why it predicts what it does.
    """

    spec: DataSpec
    table: Table | None
    columns: Mapping[str, TableColumn]
    facts: Mapping[str, ColumnFacts]
    whole: Dataset | None = None
    parts: Dataset | None = None
    fitted: Dataset | None = None
    info: DataInfo | None = None
    refused: str = ""
    reason: str = ""


def read_source(spec: DataSpec, task: str | None, seed: int) -> Reading:
    """Read as far as a search would come.

    Raises:
        DataError: there is nothing of which anything could be told.
    """
    table = _table_of(spec)
    columns = dict(zip(table.names, table.columns, strict=True)) if table else {}
    facts = {name: column_facts(name, column) for name, column in columns.items()}
    ignored = table.find(spec.ignore, "ignore") if table else ()
    text = spec.text or _only_text(facts, ignored)
    found = Reading(spec, table, columns, facts)
    try:
        whole, reason = _load(spec, task, text, facts, ignored)
    except DataError as error:
        if table is None and folder_of(spec) is None:
            raise
        return replace(found, refused=str(error))
    if whole.modality == "text" and not spec.text:
        found = replace(found, spec=replace(spec, text=text))
    if not columns:
        columns = _of_arrays(whole)
        facts = {name: column_facts(name, column) for name, column in columns.items()}
    found = replace(found, columns=columns, facts=facts, whole=whole, reason=reason)
    try:
        parts = split(whole, spec.validation, spec.test, seed)
        found = replace(found, parts=parts)
        fitted = modality_named(parts.modality).fit(str(spec.source), parts)
    except DataError as error:
        return replace(found, refused=str(error))
    return replace(found, fitted=fitted, info=info_of(fitted, spec, seed, ""))


def folder_of(spec: DataSpec) -> Path | None:
    """The folder that a source is, if it is one."""
    path = None if spec.source in BUILT_IN_NAMES else path_of(spec)
    return path if path is not None and path.is_dir() else None


def _table_of(spec: DataSpec) -> Table | None:
    if spec.source in BUILT_IN_NAMES or not TABLE.matches(spec):
        return None
    where = str(spec.source)
    return read_table(Path(where).expanduser(), where, spec.header, decimal=spec.decimal)


def _only_text(facts: Mapping[str, ColumnFacts], ignored: Sequence[str]) -> str | None:
    texts = [n for n, fact in facts.items() if fact.kind == "free text" and n not in ignored]
    return texts[0] if len(texts) == 1 else None


def _load(
    spec: DataSpec,
    task: str | None,
    text: str | None,
    facts: Mapping[str, ColumnFacts],
    ignored: Sequence[str],
) -> tuple[Dataset, str]:
    """As texts where there is nothing else to learn from, else as what the source is."""
    if text is None:
        return _with_task(spec, task, None)
    refused: DataError | None = None
    try:
        found = _with_task(replace(spec, text=text), task, "text")
    except DataError as error:
        if spec.text is not None or len(facts) <= 2:  # a text and its target, whatever it is
            raise
        refused = error
    else:
        dull = {name for name, fact in facts.items() if fact.kind in _DULL}
        if spec.text is not None or not {*facts} - {text, *found[0].targets, *ignored} - dull:
            return found
    try:
        return _with_task(spec, task, None)
    except DataError as error:
        raise refused or error from None


def _with_task(spec: DataSpec, task: str | None, modality: str | None) -> tuple[Dataset, str]:
    """The first task that the target suits; the first one's error where it suits none."""
    if task is not None:
        return load_source(spec, task, modality), "as asked for"
    errors = []
    for name in _TASKS:
        try:
            dataset = load_source(spec, name, modality)
        except DataError as error:
            errors.append(error)
            continue
        if name != "classification":
            return dataset, _OTHERWISE[name]
        classes = dataset.class_names
        if len(classes) <= _MANY_CLASSES or not all(map(_is_whole, classes)):
            return dataset, f"the target has {len(classes):,} different values"
        try:
            return (
                load_source(spec, "regression", modality),
                f"the target has {len(classes):,} different whole numbers",
            )
        except DataError:
            return dataset, f"the target has {len(classes):,} different values"
    raise errors[0]


def _is_whole(name: str) -> bool:
    return name.lstrip("-").isdecimal()


def _of_arrays(dataset: Dataset) -> dict[str, TableColumn]:
    if dataset.modality != "tabular":
        return {}
    rows = np.concatenate([*{id(x): x for x in dataset.x.values()}.values()])
    return {c.name: TableColumn(rows[:, i].astype(float)) for i, c in enumerate(dataset.columns)}
