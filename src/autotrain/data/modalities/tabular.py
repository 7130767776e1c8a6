"""Tables: `[n, features]` float32, numbers and codes of categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from autotrain.data.dataset import Column, DataInfo, Dataset
from autotrain.data.modalities.base import Modality, by_frequency, plural, recoded, write_csv
from autotrain.data.tables import Table, TableColumn
from autotrain.errors import DataError
from autotrain.serving.input_file import Inputs
from autotrain.serving.table_reader import fits
from autotrain.space import DataSpec

_MOST_LEVELS = 1000
_FREE_TEXT_LEVELS = 20  # fewer levels are categories, however few rows there are


class Tables(Modality):
    """Rows of numbers (NaN where one is missing) and categories.

    A category is a code: 1, 2, ... from its most frequent training level on, 0 for what is missing
    or unknown.
    """

    name = "tabular"
    example_space = "tabular_mlp"
    reads_tables = True

    def from_table(
        self, where: str, table: Table, inputs: Sequence[str], rows: np.ndarray, spec: DataSpec
    ) -> Dataset:
        """Each column as numbers, or as codes of all its levels."""
        features = [_feature(where, name, table[name], rows) for name in inputs]
        return Dataset(
            x={"train": np.stack([codes for _, codes in features], axis=1)},
            y={},
            class_names=(),
            modality=self.name,
            columns=tuple(column for column, _ in features),
            whole=False,
        )

    def fit(self, where: str, dataset: Dataset) -> Dataset:
        """Levels by their frequency in the training rows, 1,000 at most, everything else 0.

        Of a table in a file, columns are left out that are missing or the same in all training rows,
        and text that nearly never repeats.
        """
        x, columns = dataset.x_of("train"), dataset.columns
        reasons = [_useless(column, x[:, i]) for i, column in enumerate(columns)]
        left_out = {c.name: why for c, why in zip(columns, reasons, strict=True) if why}
        if dataset.whole:
            empty = [name for name, why in left_out.items() if why == "missing"]
            if empty:
                raise DataError(
                    f"{where}: {empty[0]!r} has no value in any training example; leave it out"
                )
            return dataset
        kept = [i for i, why in enumerate(reasons) if not why]
        if not kept:
            said = ", ".join(f"{name} ({why})" for name, why in left_out.items())
            raise DataError(
                f"{where}: no column is left to learn from: {said}; add other columns, or choose a "
                "space whose models read texts"
            )
        fitted = [_fit_column(columns[i], x[:, i]) for i in kept]

        def recode(x: np.ndarray) -> np.ndarray:
            out = np.empty((len(x), len(kept)), np.float32)
            for j, (i, (_, new)) in enumerate(zip(kept, fitted, strict=True)):
                out[:, j] = x[:, i] if new is None else new[x[:, i].astype(np.int64)]
            return out

        names = tuple(column for column, _ in fitted)
        return recoded(dataset, recode, columns=names, left_out=left_out)

    def describe(self, info: DataInfo) -> str:
        """Rows and features, and how many of these are categories."""
        total, size = sum(info.sizes.values()), info.input_shape[0]
        kinds = Counter(column.kind for column in info.columns)
        numbers, categories = kinds["number"], kinds["category"]
        mixed = ""
        if categories:
            word = "category" if categories == 1 else "categories"
            mixed = f" ({numbers:,} {plural('number', numbers)}, {categories:,} {word})"
        return f"{total:,} rows of {size:,} {plural('feature', size)}{mixed}"

    def reads(self, shape: Sequence[int], dtype: str, names: Sequence[str]) -> str:
        """The columns, up to forty."""
        columns = ", ".join(names[:40])
        return f"It reads rows with these columns, missing values allowed: {columns}."

    def readable(self, info: DataInfo, folder: Path, x: np.ndarray) -> list[dict[str, str]]:
        """Rows by column, with the names of levels."""
        return [
            {c.name: _cell(value, c) for c, value in zip(info.columns, row, strict=True)}
            for row in x
        ]

    def to_raw(
        self, folder: Path, data: DataInfo | Dataset, vocabulary: Sequence[str], x: np.ndarray
    ) -> Path:
        """A CSV file; what was missing or unknown in training is missing."""
        if not data.columns:
            return super().to_raw(folder, data, vocabulary, x)
        names = [column.name for column in data.columns]
        rows = [[_raw(v, c) for v, c in zip(row, data.columns, strict=True)] for row in x]
        return write_csv(folder / "examples.csv", names, rows)

    def inputs(self, info: DataInfo, folder: Path) -> Inputs:
        """Categories are read as strings."""
        strings = any(column.kind == "category" for column in info.columns)
        return {**super().inputs(info, folder), "strings": strings}

    def profile(self, columns: Sequence[Column], x: np.ndarray) -> dict[str, np.ndarray]:
        """Every column: numbers, or levels, empty for what is missing or unknown."""
        known = columns or [Column(f"column {i + 1}") for i in range(x.shape[1])]
        found = {}
        for i, column in enumerate(known):
            if column.kind == "category":
                found[column.name] = np.array(("", *column.levels), object)[x[:, i].astype(int)]
            else:
                found[column.name] = x[:, i]
        return found

    def features(self, info: DataInfo, x: np.ndarray) -> np.ndarray:
        """A column for each level; numbers, 0 where one is missing, and whether it is."""
        found = []
        for i, column in enumerate(info.columns):
            if column.kind == "category":
                found.append(np.eye(len(column.levels) + 1, dtype="float32")[x[:, i].astype(int)])
            else:
                found += [np.nan_to_num(x[:, [i]]), np.isnan(x[:, [i]]).astype("float32")]
        return np.concatenate(found, axis=1)


def _feature(
    where: str, name: str, cells: TableColumn, rows: np.ndarray
) -> tuple[Column, np.ndarray]:
    """A column as numbers, or as codes of all its levels, `[n]` float32."""
    values = cells.values[rows]
    if values.dtype.kind == "f":
        fitting = fits(values)
        if not fitting.all():
            raise DataError(
                f"{where}: numbers must be finite and below 3e38, and the column {name!r} holds "
                f"{values[~fitting][0]}; mend it, or leave the column out with ignore"
            )
        return Column(name, form=cells.form), values.astype(np.float32)
    levels = sorted({cell for cell in values if cell is not None})
    codes = {None: 0, **{level: i for i, level in enumerate(levels, 1)}}
    numbers = np.array([codes[cell] for cell in values], np.float32)
    return Column(name, "category", tuple(levels)), numbers


def _useless(column: Column, x: np.ndarray) -> str:
    """Why a column cannot help, judged by the training rows; empty where it can."""
    known = x[x > 0] if column.kind == "category" else x[~np.isnan(x)]
    if not known.size:
        return "missing"
    distinct = len(np.unique(known))
    if distinct == 1 and known.size == x.size:
        return "always the same"
    if column.kind == "category" and distinct > max(_FREE_TEXT_LEVELS, known.size / 2):
        return "nearly all different"
    return ""


def _fit_column(column: Column, x: np.ndarray) -> tuple[Column, np.ndarray | None]:
    """The column with its training levels, and the new code of each old one."""
    if column.kind == "number":
        return column, None
    seen = by_frequency(x, len(column.levels) + 1, first=1)[:_MOST_LEVELS]
    new = np.zeros(len(column.levels) + 1, np.float32)
    new[seen] = np.arange(1, len(seen) + 1)
    return replace(column, levels=tuple(column.levels[i - 1] for i in seen)), new


def _cell(value: float, column: Column) -> str:
    """As people read it."""
    if column.kind == "category":
        return column.levels[int(value) - 1] if value else "missing or unknown"
    return "missing" if np.isnan(value) else f"{value:.6g}"


def _raw(value: float, column: Column) -> str:
    """In whole precision."""
    if column.kind == "category":
        return column.levels[int(value) - 1] if value else ""
    return "" if np.isnan(value) else repr(float(value))


TABLES = Tables()
