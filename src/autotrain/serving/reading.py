"""Reading images, tables, texts and arrays as a model wants them, a batch at a time.

Copied beside `predict.py` into every exported model; it needs nothing of autotrain.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 256
IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null")


class InputError(ValueError):
    """Something is wrong with the model's files or with what it is given."""


# Names of examples, the examples, and for each the problem with it.
Batch = tuple[list[str], Any, list[str]]


def read(inputs: dict[str, Any], source: Path) -> Iterator[Batch]:
    """Batches of a source of any kind that a model with these `inputs` reads.

    Raises:
        InputError: it is not of such a kind, or lacks a column.
    """
    suffix = source.suffix.lower()
    modality = inputs["modality"]
    if not source.exists():
        raise InputError(f"{source}: no such file or folder")
    if suffix in (".npy", ".npz"):
        yield from _arrays(inputs, source)
    elif modality == "image":
        yield from _images(inputs, source)
    elif source.is_dir():
        raise InputError(f"{source} is a folder, and this model reads {modality} data from a file")
    elif suffix == ".parquet" or modality == "tabular" or suffix in (".csv", ".tsv"):
        yield from _table(inputs, source)
    else:
        with source.open(encoding="utf-8-sig", errors="replace") as file:
            lines = (line.rstrip("\n") for line in file)
            for start, texts in _batches(line for line in lines if line.strip()):
                yield [str(start + i) for i in range(len(texts))], texts, [""] * len(texts)


def _batches(items: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    start, batch = 0, []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield start, batch
            start, batch = start + len(batch), []
    if batch:
        yield start, batch


def _arrays(inputs: dict[str, Any], source: Path) -> Iterator[Batch]:
    try:
        found = np.load(
            source, mmap_mode="r" if source.suffix == ".npy" else None, allow_pickle=False
        )
        x = found if isinstance(found, np.ndarray) else found["x"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(f"{source} has no array that can be read: {error}") from None
    shape = tuple(inputs["shape"])
    if tuple(x.shape[1:]) != shape:
        raise InputError(
            f"{source}: an example of this model has the shape {shape}, got {tuple(x.shape[1:])}"
        )
    for start in range(0, len(x), BATCH):
        part = np.asarray(x[start : start + BATCH])
        yield [str(start + i) for i in range(len(part))], part, [""] * len(part)


def _images(inputs: dict[str, Any], source: Path) -> Iterator[Batch]:
    if inputs["dtype"] != "uint8":
        raise InputError(
            f"this model reads {inputs['dtype']} arrays of its own scale, not image files: give .npy or .npz"
        )
    files = [source]
    if source.is_dir():
        files = sorted(path for path in source.rglob("*") if path.suffix.lower() in IMAGES)
        if not files:
            raise InputError(f"{source} holds no images ({', '.join(IMAGES)})")
    height, width, channels = inputs["shape"]
    for _, paths in _batches(files):
        x, problems = np.zeros((len(paths), height, width, channels), "uint8"), []
        for row, path in zip(x, paths, strict=True):
            try:
                row[:] = _pixels(path, width, height, channels)
                problems.append("")
            except Exception as error:  # readers raise nearly anything on damaged files
                problems.append(f"cannot be read: {error}".replace("\n", " "))
        yield [str(path) for path in paths], x, problems


def _pixels(path: Path, width: int, height: int, channels: int) -> np.ndarray:
    """One image as in training: upright, the largest centred part of the wanted shape, resized."""
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        if min(image.size) > 2 * max(width, height):
            image.draft(None, (2 * max(width, height),) * 2)
        image.load()
        upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        upright = Image.fromarray((np.asarray(upright) >> 8).clip(0, 255).astype("uint8"))
    if upright.mode == "P" and "transparency" in upright.info:
        upright = upright.convert("RGBA")
    flat = upright.convert("L" if channels == 1 else "RGB")
    if flat.size != (width, height):
        flat = ImageOps.fit(flat, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(flat).reshape(height, width, channels)


def _table(inputs: dict[str, Any], source: Path) -> Iterator[Batch]:
    columns = inputs["columns"]
    wanted = [column["name"] for column in columns] or ["text"]
    numbers = {c["name"] for c in columns if c["kind"] == "number"}
    for start, rows in _batches(_rows_of(source, wanted)):
        cells = {name: [row[i] for row in rows] for i, name in enumerate(wanted)}
        problems = [""] * len(rows)
        for name in numbers & set(wanted):
            for i, cell in enumerate(cells[name]):
                if cell not in MISSING and not _is_number(cell):
                    problems[i], cells[name][i] = f"{name} is no number: {cell[:40]!r}", ""
        names = [str(start + i) for i in range(len(rows))]
        yield names, cells[wanted[0]] if inputs["modality"] == "text" else cells, problems


def _is_number(cell: str) -> bool:
    return (
        re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", cell, re.I)
        is not None
    )


def _rows_of(source: Path, wanted: list[str]) -> Iterator[list[str]]:
    """The wanted columns of each row, as text."""
    if source.suffix.lower() == ".parquet":
        import pyarrow.parquet as parquet

        file = parquet.ParquetFile(source)
        _check_columns(source, wanted, file.schema_arrow.names)
        for part in file.iter_batches(BATCH, columns=wanted):
            for cells in zip(*(part[name].to_pylist() for name in wanted), strict=True):
                yield ["" if cell is None else _plain(cell) for cell in cells]
        return
    with source.open(newline="", encoding="utf-8-sig") as file:
        first = file.readline()
        file.seek(0)
        separator = max("\t;|,", key=first.count)
        reader = csv.reader(file, delimiter=separator, skipinitialspace=True)
        head = [name.strip() for name in next(reader, [])]
        nameless = [f"column {i}" for i in range(1, len(head) + 1)]
        if not set(wanted) <= set(head) and set(wanted) <= set(nameless):
            file.seek(0)
            head = nameless
        _check_columns(source, wanted, head)
        places = [head.index(name) for name in wanted]
        for line, row in enumerate(reader, 2):
            if not row or (len(head) > 1 and not any(cell.strip() for cell in row)):
                continue  # an empty line, which in a table of one column may be an empty text
            if len(row) <= max(places):
                raise InputError(
                    f"{source}, line {line}: {len(row)} cells, and the header has {len(head)}"
                )
            yield [row[place].strip() for place in places]


def _plain(cell: Any) -> str:
    """As a table's text has it: whole numbers without a fraction."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _check_columns(source: Path, wanted: list[str], there: Iterable[str]) -> None:
    missing = [name for name in wanted if name not in set(there)]
    if missing:
        raise InputError(
            f"{source} lacks the column {missing[0]!r}, which the model reads; it has: {', '.join(there)}"
        )
