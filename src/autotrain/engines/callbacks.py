"""What an engine tells whoever watches: a table on a terminal, lines in a log, nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from autotrain.storage.recorder import Entry
from autotrain.storage.timeline_csv import Segment, append_segment
from autotrain.trial import EpochRecord


class Observer:
    """Ignores everything; the null object."""

    def opened(self, session: Any) -> None:
        """The study was opened, with all trials of earlier searches; perhaps nothing is to be done."""

    def started(self, session: Any, workers: int) -> None:
        """The search begins on so many workers."""

    def assigned(self, entry: Entry, worker: int) -> None:
        """A worker trains the trial from now on."""

    def epoch(self, entry: Entry, record: EpochRecord) -> None:
        """An epoch was reported."""

    def ended(self, entry: Entry) -> None:
        """The trial left its worker: told, paused, lost or released."""

    def note(self, text: str) -> None:
        """Something a user should know."""

    def tick(self) -> None:
        """Called at least once a second."""

    def finished(self) -> None:
        """The search ended, whatever the reason."""


class Relay(Observer):
    """Passes everything on to another observer; for those that listen between."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def opened(self, session: Any) -> None:
        """The study was opened."""
        self._observer.opened(session)

    def started(self, session: Any, workers: int) -> None:
        """The search begins."""
        self._observer.started(session, workers)

    def assigned(self, entry: Entry, worker: int) -> None:
        """A worker trains the trial from now on."""
        self._observer.assigned(entry, worker)

    def epoch(self, entry: Entry, record: EpochRecord) -> None:
        """An epoch was reported."""
        self._observer.epoch(entry, record)

    def ended(self, entry: Entry) -> None:
        """The trial left its worker."""
        self._observer.ended(entry)

    def note(self, text: str) -> None:
        """Something a user should know."""
        self._observer.note(text)

    def tick(self) -> None:
        """Called at least once a second."""
        self._observer.tick()

    def finished(self) -> None:
        """The search ended."""
        self._observer.finished()


class Segments(Relay):
    """Writes down each worker's time with a trial."""

    def __init__(self, path: Path, observer: Observer) -> None:
        super().__init__(observer)
        self._path = path
        self._open: dict[int, tuple[int, float, float]] = {}  # worker, begin, seconds of training

    def assigned(self, entry: Entry, worker: int) -> None:
        """A worker trains the trial from now on."""
        self._open[entry.number] = (worker, time.time(), 0.0)
        super().assigned(entry, worker)

    def epoch(self, entry: Entry, record: EpochRecord) -> None:
        """An epoch was reported."""
        if entry.number in self._open:
            worker, begin, training = self._open[entry.number]
            training += record.metrics.get("train_seconds", record.seconds)
            self._open[entry.number] = (worker, begin, training)
        super().epoch(entry, record)

    def ended(self, entry: Entry) -> None:
        """The trial left its worker."""
        if entry.number in self._open:
            worker, begin, training = self._open.pop(entry.number)
            segment = Segment(worker, entry.number, begin, time.time(), training)
            append_segment(self._path, segment)
        super().ended(entry)
