"""`metrics.csv` of a trial: one line an epoch, appended and flushed as it comes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autotrain.files import replaced
from autotrain.trial import Epoch


def append_epoch(path: Path, record: Epoch) -> None:
    """Append one epoch; the first one also writes the header, and a new metric widens it."""
    names = _metric_names(path)
    new = [name for name in record.metrics if name not in names]
    if new or not names:
        names += new
        _rewrite(path, names, read_epochs(path))
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(_row(names, record))


def _metric_names(path: Path) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file), [])[2:]
    except OSError:
        return []


def _row(names: list[str], record: Epoch) -> list[str | int]:
    found = record.metrics
    numbers = [repr(float(found[name])) if name in found else "" for name in names]
    return [record.epoch, f"{record.seconds:.4f}", *numbers]


def _rewrite(path: Path, names: list[str], records: tuple[Epoch, ...]) -> None:
    with replaced(path) as aside, aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "seconds", *names])
        writer.writerows(_row(names, record) for record in records)


def read_epochs(path: Path) -> tuple[Epoch, ...]:
    """All whole lines of the file; a line torn by a crash, and what follows it, is left out."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return ()
    rows = list(csv.reader(text[: text.rfind("\n") + 1].splitlines()))
    records: list[Epoch] = []
    for row in rows[1:]:
        try:
            cells = zip(rows[0][2:], row[2:], strict=True)
            metrics = {name: float(cell) for name, cell in cells if cell}
            records.append(Epoch(int(row[0]), metrics, float(row[1])))
        except (ValueError, IndexError):
            break
    return tuple(records)


class StoredEpochs(Sequence[Epoch]):
    """The epochs of a file, which is read when the first of them is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _records(self) -> tuple[Epoch, ...]:
        return read_epochs(self._path)

    def __getitem__(self, index: Any) -> Any:
        return self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._records == tuple(other)

    def __hash__(self) -> int:
        return hash(self._records)


def mend(path: Path) -> None:
    """Cut a torn last line off, so that the next append starts a line of its own."""
    if path.exists():
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            path.write_bytes(whole)
