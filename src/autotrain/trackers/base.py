"""Telling a tracker of a search, from a thread of its own, so that no tool can hold the search up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from autotrain.engines.callbacks import Callback
from autotrain.trial import Epoch, Trial, TrialStatus
from autotrain.tuner.base import Session

_PAUSE_SECONDS = 1.0
_RETRY_SECONDS = 60.0
_PATIENCE_SECONDS = 120.0  # of the end of a search with a tool that says nothing


class Tracker(Protocol):
    """Keeps a copy of a study in some tool; all calls come from one thread.

    Whatever a call raises, `connect` is called some time later, and then the trial is recorded again.
    """

    def connect(self) -> None:
        """Look at what the tool has of the study already, of earlier searches too."""

    def record(self, trial: Trial) -> None:
        """Add what the tool has not of a trial; nothing twice.

        One that has not ended and is with no worker rests, whatever the reason.
        """

    def end(self, best: Trial | None, status: TrialStatus) -> None:
        """The search ended: COMPLETE, or WAITING to go on, or FAIL."""


class Tracking(Callback):
    """Brings a tracker up to date.

    Not events but states are sent: a trial as it is now, from which the tracker takes what is new to
    it. So trials of earlier searches, and whatever a tool missed while it was gone, come by the same
    path, and a slow tool is sent several epochs at once.

    Args:
        name: of the tool, for messages.
        note: tells the user something.
        retry: seconds after which a tool that failed is tried again.
        patience: seconds without any progress after which the end of a search waits no longer.
    """

    def __init__(
        self,
        tracker: Tracker,
        name: str,
        note: Callable[[str], None],
        retry: float = _RETRY_SECONDS,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._tracker, self._name, self._note = tracker, name, note
        self._retry, self._patience = retry, patience
        self._session: Session | None = None
        self._seen: dict[int, Trial] = {}
        self._change = threading.Condition()  # guards the next two
        self._due: dict[int, Trial] = {}
        self._last: tuple[Trial | None, TrialStatus] | None = None  # once the search has ended
        self._moved = time.monotonic()
        self._done = self._noted = False
        self._failure = ""
        self._thread = threading.Thread(target=self._work, name=f"track-{name}", daemon=True)

    # What is heard of the search.

    def on_open(self, session: Session) -> None:
        """The study was opened; what earlier searches left is sent, if only that."""
        self._session = session
        self._see_all(session)
        self._thread.start()

    def on_trial_start(self, trial: Trial, worker: int) -> None:
        """A worker trains the trial from now on."""
        self._see(trial)

    def on_epoch(self, trial: Trial, epoch: Epoch) -> None:
        """An epoch was reported."""
        self._see(trial)

    def on_trial_end(self, trial: Trial) -> None:
        """The trial left its worker."""
        self._see(trial)

    def on_tick(self) -> None:
        """Called at least once a second; here, for it is the search's thread, a failure is told."""
        self._note_failure()

    def on_search_end(self) -> None:
        """The search ended, and with it trials that no worker had."""
        if self._session is not None:
            self._see_all(self._session)
        self._note_failure()

    def close(self, failed: bool = False) -> None:
        """Send what is left and the best trial; call it when the study's files are complete."""
        if self._session is None:
            return  # the study could not be opened
        ended = TrialStatus.COMPLETE if self._session.is_over else TrialStatus.WAITING
        with self._change:
            self._last = (_best_of(self._session), TrialStatus.FAIL if failed else ended)
            self._moved = time.monotonic()
            self._change.notify()
        with suppress(KeyboardInterrupt):  # who does not want to wait
            while self._thread.is_alive() and time.monotonic() - self._moved < self._patience:
                self._thread.join(0.1)
        self._note_failure()
        if not self._done:
            self._note(
                f"{self._name} has not got all of this search; "
                f"the same search again with --track {self._name} sends the rest"
            )

    def _see_all(self, session: Session) -> None:
        for trial in list(session.trials.values()):
            self._see(trial)

    def _see(self, trial: Trial) -> None:
        if trial.queued or self._seen.get(trial.number) is trial:
            return
        self._seen[trial.number] = trial
        with self._change:
            self._due[trial.number] = trial
            self._change.notify()

    def _note_failure(self) -> None:
        if self._failure and not self._noted:
            self._noted = True
            self._note(
                f"tracking with {self._name} failed; the search goes on, "
                f"and tracking is tried again every {self._retry:.0f} s: {self._failure}"
            )

    # The tracker's thread.

    def _work(self) -> None:
        while not self._done:
            try:
                self._tracker.connect()
                self._follow()
            except Exception as error:
                if not self._goes_on_after(error):
                    return

    def _follow(self) -> None:
        """Send every change until the search has ended."""
        while not self._done:
            with self._change:
                if not self._due:  # let quick epochs come together: each call costs the search time
                    self._change.wait_for(lambda: self._last is not None, _PAUSE_SECONDS)
                self._change.wait_for(lambda: self._due or self._last is not None)
                trial = self._due.pop(next(iter(self._due))) if self._due else None
                last = self._last
            if trial is not None:
                self._record(trial)
            elif last is not None:
                self._tracker.end(*last)
                self._done = True
            self._moved = time.monotonic()

    def _record(self, trial: Trial) -> None:
        try:
            self._tracker.record(trial)
        except Exception:
            with self._change:  # at the end of the line, should this one be the cause
                self._due.setdefault(trial.number, trial)
            raise

    def _goes_on_after(self, error: Exception) -> bool:
        """Wait for the next try; False once the search has ended."""
        cause = next(iter(str(error).splitlines()), "")
        self._failure = f"{type(error).__name__}: {cause}"
        with self._change:
            return not self._change.wait_for(lambda: self._last is not None, self._retry)


def _best_of(session: Session) -> Trial | None:
    """The COMPLETE trial with the best value."""
    sign = session.settings.space.objectives[0].sign
    complete = [t for t in session.trials.values() if t.status is TrialStatus.COMPLETE]
    return max(complete, key=lambda t: (sign * t.values[0], -t.number), default=None)
