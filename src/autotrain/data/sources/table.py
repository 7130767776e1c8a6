"""A table in a file: which columns are targets, and which are left to learn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autotrain.data.dataset import Dataset
from autotrain.data.modalities import Modality, modality_named
from autotrain.data.modalities.tabular import TABLES
from autotrain.data.sources.base import DataSource, path_of
from autotrain.data.tables import Table, read_table
from autotrain.errors import DataError
from autotrain.serving.table_reader import SUFFIXES, is_table
from autotrain.space import DataSpec
from autotrain.tasks import Task

_USUAL_TARGETS = ("target", "label", "class", "y")


class TableFile(DataSource):
    """Text with separators, compressed by gzip or not; rows, or one column of texts."""

    form = f"a table ({', '.join(SUFFIXES)})"
    options = ("target", "text", "ignore", "header", "decimal")

    def matches(self, spec: DataSpec) -> bool:
        """A file whose name ends so."""
        path = path_of(spec)
        return path is not None and path.is_file() and is_table(path)

    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """See `load_table`."""
        wanted = modality_named(modality) if modality else TABLES
        return load_table(spec, task, wanted if wanted.reads_tables else TABLES)


def load_table(spec: DataSpec, task: Task, modality: Modality) -> Dataset:
    """Read a table as inputs and targets.

    Args:
        spec: names the file, and the columns to predict, to ignore, and of the text.
        modality: what becomes of the inputs.

    Raises:
        DataError: the file cannot be read, a column is not there, or the target does not suit.
    """
    where = str(spec.source)
    table = read_table(
        Path(where).expanduser(), where, spec.header, modality.keeps_words, spec.decimal
    )
    ignored = table.find(spec.ignore, "ignore")
    targets = _targets(table, spec, task, modality)
    rows, y, names = task.read(where, {name: table[name] for name in targets})
    if not rows.any():
        raise DataError(f"{where}: the target {', '.join(targets)} is missing in every row")
    inputs = [name for name in table.names if name not in {*ignored, *targets}]
    if not inputs:
        raise DataError(f"{where}: no column is left to learn from besides {', '.join(targets)}")
    dataset = modality.from_table(where, table, inputs, rows, spec)
    encoded, outputs = task.encode(where, {"train": y}, names)
    return replace(
        dataset,
        y=encoded,
        class_names=outputs,
        task=task.name,
        dropped=int(len(rows) - rows.sum()),
        header=table.headed,
        width=len(table.names),
        targets=targets,
        units=table.units,
        notes=(*table.notes, *dataset.notes),
    )


def _targets(table: Table, spec: DataSpec, task: Task, modality: Modality) -> tuple[str, ...]:
    """Names of the columns to predict: those that are named, or what is likely meant."""
    found = table.find(spec.target, "target")
    if found:
        return found
    found = tuple(name for name in table.names if name.lower() in _USUAL_TARGETS)
    last = table.names[-1]
    if not found and not table.headed and not task.takes_all:
        cells = table[last].values
        # The last column of nameless texts may as well be the text.
        if not modality.keeps_words or len(set(cells)) <= len(cells) / 2:
            found = (last,)
    if not found or (len(found) > 1 and not task.takes_all):
        which = f"{len(found)} could be it" if found else "none has its usual name"
        raise DataError(
            f"{table.where}: a column to predict must be named with --target ({which}); the columns "
            f"are {table.listed()}"
        )
    return found


TABLE = TableFile()
