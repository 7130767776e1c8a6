"""No workers: trials run one after another in this very process (`workers=0`).

For debugging an objective, and for machines where starting processes is not wanted. A crash of the
process ends the search; it resumes like any other.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autotrain.engines.callbacks import Callback
from autotrain.engines.resources import Slot
from autotrain.errors import InfeasibleError, describe
from autotrain.storage.settings import job_of
from autotrain.training.job import Job, Runner
from autotrain.trial import Decision, Epoch, Trial
from autotrain.tuner.base import Session


class _SearchError(BaseException):
    """Something other than the trial went wrong while it reported; no `except` of a user's gets it."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause


class InlineEngine:
    """Runs a search in this process; an `Engine`."""

    session: Session  # of the search that runs, like the next three
    callback: Callback
    _runner: Runner
    _deadline: float | None

    def __init__(self) -> None:
        self.slots: Sequence[Slot] = ()

    def run(self, session: Session, callback: Callback, deadline: float | None = None) -> None:
        """Search until the session is over, the deadline has passed, or a stop was requested."""
        self.session, self.callback, self._deadline = session, callback, deadline
        callback.on_search_start(session, 1)
        try:
            self._runner = session.trainable.open()
            while (trial := self._next()) is not None:
                self._train(session.on_assigned(trial.number, 0))
            session.finish()
        finally:
            callback.on_search_end()

    def request_stop(self) -> None:
        """Let the running trial checkpoint at the end of its epoch, and start no more."""
        self.session.request_stop()

    def close(self, at_once: bool = False) -> None:
        """Nothing to end."""

    def call(self, name: str, trial: Trial, path: Path) -> Mapping[str, Any]:
        """Do something with a finished trial; see `Runner.call`."""
        return self._runner.call(name, self._job(trial), path)

    def _next(self) -> Trial | None:
        trial = self.session.next_trial(self._runner.signatures())
        for refused in self.session.refused():
            self.callback.on_trial_end(refused)
        return trial

    def _job(self, trial: Trial) -> Job:
        session, number = self.session, trial.number
        seed = session.seed(number)
        return job_of(session.settings, session.paths, number, trial.params, seed)

    def _train(self, trial: Trial) -> None:
        number, decision = trial.number, Decision.CONTINUE
        self.callback.on_trial_start(trial, 0)

        def report(record: Epoch) -> Decision:
            nonlocal decision
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self.session.request_stop()
            try:
                decision = self.session.report(number, record)
                self.session.flush()
                self.callback.on_epoch(self.session.trials[number], record)
                self.callback.on_tick()
            except Exception as error:
                raise _SearchError(error) from error
            return decision

        try:
            reached = self._runner.run(self._job(trial), report)
        except _SearchError as error:
            raise error.cause from None
        except InfeasibleError as error:
            self.session.on_infeasible(number, describe(error))
        except Exception as error:
            self.session.on_failed(number, describe(error), traceback.format_exc())
        else:
            if reached:
                self.session.on_completed(number)
            elif decision is Decision.STOP:
                self.session.on_stopped(number)
            else:
                self.session.on_paused(number)
        self.callback.on_trial_end(self.session.trials[number])
