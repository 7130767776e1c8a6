"""What an engine tells whoever watches: a table on a terminal, lines in a log, nothing."""

from __future__ import annotations

from typing import Any

from autotrain.study.recorder import Entry
from autotrain.trial import EpochRecord


class Observer:
    """Ignores everything; the null object."""

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
