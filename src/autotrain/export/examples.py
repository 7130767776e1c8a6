"""Prepared examples written back as raw ones, so that an export can be tried from the very start."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from autotrain.data import DataInfo, Source, readable


def write_examples(folder: Path, info: DataInfo, data: Path, x: np.ndarray) -> Path:
    """Write examples as a user has them: a table, texts, or an array.

    Args:
        data: folder of the prepared data; x: [n, ...] prepared inputs.
    """
    if info.kind == "text":
        rows = readable(info, data, x)
        return _table(folder / "examples.csv", _text_name(info), [[row["text"]] for row in rows])
    if info.kind == "tabular" and info.columns:
        names = [column.name for column in info.columns]
        return _table(folder / "examples.csv", names, [_cells(info, row) for row in x])
    path = folder / "examples.npy"
    np.save(path, np.asarray(x))
    return path


def _text_name(info: DataInfo | Source) -> list[str]:
    return [column.name for column in info.columns] or ["text"]


def _cells(info: DataInfo | Source, row: np.ndarray) -> list[str]:
    """Whole precision; what was missing or unknown in training is missing."""
    cells = []
    for column, value in zip(info.columns, row, strict=True):
        if column.kind == "category":
            cells.append(column.levels[int(value) - 1] if value else "")
        else:
            cells.append("" if np.isnan(value) else repr(float(value)))
    return cells


def _table(path: Path, names: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    return path


def write_rows(folder: Path, source: Source) -> Path:
    """Write all examples of a loaded source as a user has them."""
    x = np.concatenate([p for p in (source.x_train, source.x_val, source.x_test) if p is not None])
    if source.kind == "text":
        names = ("", "�", *source.vocabulary)
        between = "" if source.tokens == "character" else " "
        return _table(folder / "examples.csv", _text_name(source),
                      [[between.join(names[token] for token in row if token)] for row in x])  # fmt: skip
    if source.kind == "tabular" and source.columns:
        rows = [_cells(source, row) for row in x]
        return _table(folder / "examples.csv", [c.name for c in source.columns], rows)
    path = folder / "examples.npy"
    np.save(path, x)
    return path
