"""`workers/segments.csv`: which worker trained which trial, from when to when."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEAD = ["worker", "trial", "begin", "end", "training"]


@dataclass(frozen=True)
class Segment:
    """A worker's time with a trial.

    Attributes:
        begin, end: seconds since 1970; training: seconds of it in training steps.
    """

    worker: int
    trial: int
    begin: float
    end: float
    training: float


def append_segment(path: Path, segment: Segment) -> None:
    """Append a line; the first one also makes the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(_HEAD)
        times = (f"{seconds:.3f}" for seconds in (segment.begin, segment.end, segment.training))
        writer.writerow([segment.worker, segment.trial, *times])


def read_segments(path: Path) -> list[Segment]:
    """All whole lines; lines torn by a crash are left out."""
    return list(_segments(path))


def _segments(path: Path) -> Iterator[Segment]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except OSError:
        return
    for row in rows:
        try:
            worker, trial, begin, end, training = row
            yield Segment(int(worker), int(trial), float(begin), float(end), float(training))
        except ValueError:
            continue
