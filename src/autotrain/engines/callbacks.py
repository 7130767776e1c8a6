"""What an engine tells whoever listens: a table on a terminal, lines in a log, a tracker, nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from autotrain.storage.timeline_csv import Segment, append_segment
from autotrain.trial import Epoch, Trial
from autotrain.tuner.base import Session


class Callback:
    """Ignores everything; the null object, and the base of all others.

    Every method is called in the process that searches, in the order in which things happen. A trial
    is given as it is at this moment; it is never altered afterwards.
    """

    def on_open(self, session: Session) -> None:
        """The study was opened, with all trials of earlier searches; perhaps nothing is to be done."""

    def on_search_start(self, session: Session, workers: int) -> None:
        """The search begins on so many workers."""

    def on_trial_start(self, trial: Trial, worker: int) -> None:
        """A worker trains the trial from now on, its first time or again."""

    def on_epoch(self, trial: Trial, epoch: Epoch) -> None:
        """An epoch was reported."""

    def on_trial_end(self, trial: Trial) -> None:
        """The trial left its worker: it ended, was paused, or lost its worker."""

    def on_note(self, text: str) -> None:
        """Something a user should know."""

    def on_tick(self) -> None:
        """Called at least once a second."""

    def on_search_end(self) -> None:
        """The search ended, whatever the reason."""


class Callbacks(Callback):
    """Several callbacks as one; each is told in turn."""

    def __init__(self, callbacks: Iterable[Callback]) -> None:
        self._all = list(callbacks)

    def on_open(self, session: Session) -> None:
        """The study was opened."""
        for callback in self._all:
            callback.on_open(session)

    def on_search_start(self, session: Session, workers: int) -> None:
        """The search begins."""
        for callback in self._all:
            callback.on_search_start(session, workers)

    def on_trial_start(self, trial: Trial, worker: int) -> None:
        """A worker trains the trial from now on."""
        for callback in self._all:
            callback.on_trial_start(trial, worker)

    def on_epoch(self, trial: Trial, epoch: Epoch) -> None:
        """An epoch was reported."""
        for callback in self._all:
            callback.on_epoch(trial, epoch)

    def on_trial_end(self, trial: Trial) -> None:
        """The trial left its worker."""
        for callback in self._all:
            callback.on_trial_end(trial)

    def on_note(self, text: str) -> None:
        """Something a user should know."""
        for callback in self._all:
            callback.on_note(text)

    def on_tick(self) -> None:
        """Called at least once a second."""
        for callback in self._all:
            callback.on_tick()

    def on_search_end(self) -> None:
        """The search ended."""
        for callback in self._all:
            callback.on_search_end()


class Timeline(Callback):
    """Writes down each worker's time with a trial."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: dict[int, tuple[int, float, float]] = {}  # worker, begin, seconds of training

    def on_trial_start(self, trial: Trial, worker: int) -> None:
        """A segment begins."""
        self._open[trial.number] = (worker, time.time(), 0.0)

    def on_epoch(self, trial: Trial, epoch: Epoch) -> None:
        """Count the seconds of training."""
        if trial.number in self._open:
            worker, begin, training = self._open[trial.number]
            training += epoch.metrics.get("train_seconds", epoch.seconds)
            self._open[trial.number] = (worker, begin, training)

    def on_trial_end(self, trial: Trial) -> None:
        """A segment ends."""
        if trial.number in self._open:
            worker, begin, training = self._open.pop(trial.number)
            append_segment(self._path, Segment(worker, trial.number, begin, time.time(), training))
