"""A table in a file: which columns are targets, and which are left to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autotrain.data.dataset import Dataset
from autotrain.data.modalities import Modality, modality_named
from autotrain.data.modalities.tabular import TABLES
from autotrain.data.sources.base import DataSource, path_of
from autotrain.data.table_columns import Table
from autotrain.data.tables import read_table
from autotrain.data.typed_tables import read_typed
from autotrain.errors import DataError
from autotrain.serving.input_file import InputError, parts_of
from autotrain.serving.table_reader import SUFFIXES, is_table
from autotrain.serving.typed_tables import TYPED_SUFFIXES, is_typed
from autotrain.space import DataSpec
from autotrain.tasks import Task

_USUAL_TARGETS = ("target", "label", "class", "y")
_SIZES = {"x", "z"}  # beside them `y` is likely to be a size


class TableFile(DataSource):
    """Text with separators, Parquet and its like; rows, or one column of texts."""

    form = f"a table ({', '.join((*SUFFIXES, *TYPED_SUFFIXES))}) or several (part-*.csv)"
    options = ("target", "text", "ignore", "header", "decimal")

    def matches(self, spec: DataSpec) -> bool:
        """A file whose name ends so, or a pattern of several."""
        parts = _parts(spec)
        return bool(parts) and all(part.is_file() and _is_table(part) for part in parts)

    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """See `load_table`."""
        wanted = modality_named(modality) if modality else TABLES
        return load_table(spec, task, wanted if wanted.reads_tables else TABLES)


def _parts(spec: DataSpec) -> list[Path]:
    """The files that a data section names, if they are there."""
    path = path_of(spec)
    if path is not None:
        return [path]
    try:
        pattern = Path(str(spec.source)).expanduser()
        return parts_of(pattern) if any(mark in pattern.name for mark in "*?[") else []
    except (InputError, OSError, ValueError, RuntimeError):
        return []


def _is_table(path: Path) -> bool:
    return is_table(path) or is_typed(path)


def open_table(spec: DataSpec, raw: bool) -> Table:
    """The table that a data section names.

    Args:
        raw: leave every cell as the text it is.

    Raises:
        DataError: it cannot be read.
    """
    where, parts = str(spec.source), _parts(spec)
    if len({is_typed(part) for part in parts}) > 1:
        raise DataError(f"{where}: all parts of a table must be files of one kind")
    reader = read_typed if is_typed(parts[0]) else read_table
    return reader(parts, where, spec.header, raw, spec.decimal)


def load_table(spec: DataSpec, task: Task, modality: Modality) -> Dataset:
    """Read a table as inputs and targets.

    Args:
        spec: names the file, and the columns to predict, to ignore, and of the text.
        modality: what becomes of the inputs.

    Raises:
        DataError: the file cannot be read, a column is not there, or the target does not suit.
    """
    where = str(spec.source)
    table = open_table(spec, modality.keeps_words)
    ignored = table.find(spec.ignore, "ignore")
    targets, chosen = _targets(table, spec, task, modality)
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
        written=_written(table, targets),
        notes=(*chosen, *table.notes, *dataset.notes),
    )


def _written(table: Table, targets: Sequence[str]) -> dict[str, Any]:
    forms = {name: form for name in targets if (form := table[name].form)}
    facts = {"units": table.units, "separator": table.separator, "forms": forms}
    return {key: value for key, value in facts.items() if value}


def _targets(
    table: Table, spec: DataSpec, task: Task, modality: Modality
) -> tuple[tuple[str, ...], list[str]]:
    """Names of the columns to predict, and why these where nobody said it."""
    found = table.find(spec.target, "target")
    if found:
        return found, []
    found = tuple(name for name in table.names if _is_usual_target(name, table))
    why = "by its name" if len(found) == 1 else "by their names"
    last = table.names[-1]
    if not found and not table.headed and not task.takes_all:
        cells = table[last].values
        # The last column of nameless texts may as well be the text.
        if not modality.keeps_words or len(set(cells)) <= len(cells) / 2:
            found, why = (last,), "the last one, for the columns have no names"
    if not found or (len(found) > 1 and not task.takes_all):
        which = f"{len(found)} could be it" if found else "none has its usual name"
        raise DataError(
            f"{table.where}: a column to predict must be named with --target ({which}); the columns "
            f"are {table.listed()}"
        )
    said = ", ".join(map(repr, found))
    return found, [f"predicts {said}, chosen {why}; --target names another"]


def _is_usual_target(name: str, table: Table) -> bool:
    """Whether a name is that of a target: of a column `y` only at an edge, and not among sizes."""
    lower = name.lower()
    if lower != "y":
        return lower in _USUAL_TARGETS
    if table[name].numbers is None:
        return True  # words are no size
    others = {other.lower() for other in table.names}
    return name == table.names[-1] or (name == table.names[0] and not _SIZES & others)


TABLE = TableFile()
