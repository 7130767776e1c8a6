"""`metrics.csv` of a trial: one line an epoch, appended and flushed as it comes."""

from __future__ import annotations

import csv
from pathlib import Path

from autotrain.trial import EpochRecord


def append_epoch(path: Path, record: EpochRecord) -> None:
    """Append one epoch; the first one also writes the header."""
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if file.tell() == 0:
            writer.writerow(["epoch", "seconds", *record.metrics])
        numbers = [repr(float(value)) for value in record.metrics.values()]
        writer.writerow([record.epoch, f"{record.seconds:.4f}", *numbers])


def read_epochs(path: Path) -> tuple[EpochRecord, ...]:
    """All whole lines of the file; a line torn by a crash, and what follows it, is left out."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return ()
    rows = list(csv.reader(text[: text.rfind("\n") + 1].splitlines()))
    records: list[EpochRecord] = []
    for row in rows[1:]:
        try:
            numbers = [float(cell) for cell in row[1:]]
            metrics = dict(zip(rows[0][2:], numbers[1:], strict=True))
            records.append(EpochRecord(int(row[0]), metrics, numbers[0]))
        except (ValueError, IndexError):
            break
    return tuple(records)


def mend(path: Path) -> None:
    """Cut a torn last line off, so that the next append starts a line of its own."""
    if path.exists():
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            path.write_bytes(whole)
