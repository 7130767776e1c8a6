"""No workers: trials run one after another in this very process (`workers=0`).

For debugging an objective, and for machines where starting processes is not wanted. A crash of the
process ends the search; it resumes like any other.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from typing import Any

from autotrain.engines.callbacks import Observer
from autotrain.engines.jobs import job_of
from autotrain.engines.trainable import Runner, describe_error
from autotrain.errors import InfeasibleError
from autotrain.storage.recorder import Entry
from autotrain.trial import EpochRecord, Verdict
from autotrain.tuner.session import StudySession


@dataclass
class InlineEngine:
    """Runs a search in this process.

    Args:
        deadline: monotonic time at which trials are checkpointed and the search ends.
    """

    session: StudySession
    runner: Runner
    observer: Observer
    deadline: float | None = None

    def run(self) -> None:
        """Search until the study is over, the deadline has passed, or `stop` was asked for."""
        self.observer.started(self.session, 1)
        self.session.on_refusal = self.observer.ended
        try:
            while (entry := self.session.next_trial(self.runner.structures())) is not None:
                self._train(entry)
            self.session.finish()
        finally:
            self.observer.finished()

    def stop(self) -> None:
        """Let the running trial checkpoint at the end of its epoch, and start no more."""
        self.session.draining = True

    def close(self, at_once: bool = False) -> None:
        """Nothing to end."""

    def do(self, name: str, entry: Entry, path: Any) -> dict[str, Any]:
        """Do a task with a finished trial, as `save_model`; what it returned."""
        facts: dict[str, Any] = getattr(self.runner, name)(job_of(self.session, entry), path)
        return facts

    def _train(self, entry: Entry) -> None:
        number, verdict = entry.number, Verdict.CONTINUE
        self.observer.assigned(entry, 0)

        def report(record: EpochRecord) -> Verdict:
            nonlocal verdict
            if self.deadline is not None and time.monotonic() >= self.deadline:
                self.session.draining = True
            verdict = self.session.report(number, record)
            self.session.flush()
            self.observer.epoch(entry, record)
            self.observer.tick()
            return verdict

        try:
            reached = self.runner.run(job_of(self.session, entry), report)
        except InfeasibleError as error:
            self.session.infeasible(number, describe_error(error))
        except Exception as error:
            self.session.failed(number, describe_error(error), traceback.format_exc())
        else:
            if reached:
                self.session.completed(number)
            elif verdict is Verdict.STOP:
                self.session.stopped(number)
            else:
                self.session.paused(number)
        self.observer.ended(entry)
