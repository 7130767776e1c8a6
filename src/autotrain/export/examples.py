"""Prepared examples written back as raw ones, so that an export can be tried from the very start."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autotrain.data import DataInfo, Source, decode_texts


def write_examples(
    folder: Path, data: DataInfo | Source, vocabulary: Sequence[str], x: np.ndarray
) -> Path:
    """Write examples as a user has them: a table, texts, or an array.

    Args:
        data: what they are, prepared or as loaded; vocabulary: of its texts.
        x: [n, ...] its inputs.
    """
    names = [column.name for column in data.columns]
    if data.kind == "text":
        texts = decode_texts(x, vocabulary, data.tokens)
        return _table(folder, names or ["text"], [[text] for text in texts])
    if data.kind == "tabular" and names:
        return _table(folder, names, [_cells(data, row) for row in x])
    path = folder / "examples.npy"
    np.save(path, np.asarray(x))
    return path


def _cells(data: DataInfo | Source, row: np.ndarray) -> list[str]:
    """Whole precision; what was missing or unknown in training is missing."""
    cells = []
    for column, value in zip(data.columns, row, strict=True):
        if column.kind == "category":
            cells.append(column.levels[int(value) - 1] if value else "")
        else:
            cells.append("" if np.isnan(value) else repr(float(value)))
    return cells


def _table(folder: Path, names: list[str], rows: list[list[str]]) -> Path:
    path = folder / "examples.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    return path
