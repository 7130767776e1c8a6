"""What is shown while a search runs: a live table, plain lines, or JSON lines."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from autotrain.engines.callbacks import Callback
from autotrain.errors import ConfigurationError, nearest
from autotrain.reports.text_tables import table_of
from autotrain.reports.units import duration, number, params_line
from autotrain.space import Objective
from autotrain.trial import Epoch, Trial, TrialStatus
from autotrain.tuner.base import Session

_BAR = 20


def display_of(name: str) -> Callback:
    """What shows a search: `auto`, `lines`, `json` or `none`.

    Raises:
        ConfigurationError: there is no such display.
    """
    if name not in DISPLAYS:
        hint = nearest(name, DISPLAYS)
        rule = f"display must be one of {', '.join(DISPLAYS)}, got {name!r}"
        raise ConfigurationError(f"{rule} ({hint})" if hint else rule)
    return DISPLAYS[name]()


def _table_or_lines() -> Callback:
    """A live table where there is a terminal, plain lines elsewhere."""
    console = Console()
    return LiveTable(console) if console.is_terminal else PlainLines()


class _Progress(Callback):
    """What every display knows: who runs where, and since when."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.running: dict[int, Trial] = {}
        self.workers = 0
        self.began = time.monotonic()
        self.epochs = 0

    def on_search_start(self, session: Session, workers: int) -> None:
        """Remember the session."""
        self.session, self.workers, self.began = session, workers, time.monotonic()

    def on_trial_start(self, trial: Trial, worker: int) -> None:
        """The trial runs."""
        self.running[trial.number] = trial

    def on_epoch(self, trial: Trial, epoch: Epoch) -> None:
        """Count it."""
        self.epochs += 1
        self.running[trial.number] = trial

    def on_trial_end(self, trial: Trial) -> None:
        """The trial does not run any more."""
        self.running.pop(trial.number, None)

    @property
    def objective(self) -> Objective:
        """The first objective."""
        return self._session.settings.space.objectives[0]

    @property
    def _session(self) -> Session:
        assert self.session is not None  # nothing is shown before the search has started
        return self.session

    @property
    def _started(self) -> list[Trial]:
        return [trial for trial in list(self._session.trials.values()) if not trial.queued]

    def counts(self) -> str:
        """`12 COMPLETE, 3 PRUNED, 2 RUNNING of 24`."""
        found = Counter(trial.status for trial in self._started)
        order = ("COMPLETE", "PRUNED", "FAIL", "PAUSED", "RUNNING")
        parts = [f"{found[TrialStatus[s]]} {s}" for s in order if found[TrialStatus[s]]]
        return f"{', '.join(parts) or 'starting'} of {self._session.total}"

    def best(self) -> str:
        """The best value so far and its trial; of a complete one if there is any."""
        valued = [t for t in self._started if t.values and t.status is not TrialStatus.FAIL]
        complete = [trial for trial in valued if trial.status is TrialStatus.COMPLETE]
        sign = self.objective.sign
        trial = max(complete or valued, key=lambda t: (sign * t.values[0], -t.number), default=None)
        if trial is None:
            return "none yet"
        rest = "" if trial.is_finished else ", unfinished"
        return f"{self.objective.metric} {number(trial.values[0])} (trial {trial.number}{rest})"

    def pace(self) -> str:
        """Epochs a minute, and the time left if the trials to come are like those so far."""
        elapsed = time.monotonic() - self.began
        text = f"{duration(elapsed)} so far"
        if self.epochs:
            text += f", {60 * self.epochs / elapsed:.0f} epochs/min"
        left = self.seconds_left(elapsed)
        return text if left is None or left < 1 else f"{text}, about {duration(left)} left"

    def seconds_left(self, elapsed: float) -> float | None:
        """An estimate from the epochs that a created trial has cost so far."""
        started = self._started
        if not self.epochs or len(started) < 3:
            return None
        spent = sum(len(trial.epochs) for trial in started)
        to_come = max(0, self._session.total - len(started)) * spent / len(started)
        return to_come * elapsed / self.epochs


class LiveTable(_Progress):
    """A table that is redrawn in place."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._live = Live(console=console, refresh_per_second=4, get_renderable=self._render)

    def on_search_start(self, session: Session, workers: int) -> None:
        """Begin to draw."""
        super().on_search_start(session, workers)
        self._live.start()

    def on_note(self, text: str) -> None:
        """Print above the table."""
        self._live.console.print(Text(text, style="yellow"))

    def on_search_end(self) -> None:
        """Draw a last time and leave the terminal as it was."""
        self.running.clear()
        self._live.stop()

    def _render(self) -> Group | Text:
        if self.session is None:
            return Text("")
        rows = [self._row(trial) for trial in list(self.running.values())]
        if not rows:
            rows = [["", "", "", "", "", "starting workers" if not self.epochs else ""]]
        heads = ["trial", "epochs", "", self.objective.metric, "best", "configuration"]
        lines = [
            f"best      {self.best()}",
            f"trials    {self.counts()}",
            f"time      {self.pace()}",
        ]
        return Group(table_of(heads, rows), Text(""), *(Text(line) for line in lines))

    def _row(self, trial: Trial) -> list[str | Text]:
        total, done = self._session.settings.epochs, trial.last_epoch
        filled = round(_BAR * done / total)
        bar = Text("━" * filled, style="green") + Text("━" * (_BAR - filled), style="dim")
        metric = self.objective.metric
        last = number(trial.epochs[-1].metrics[metric]) if trial.epochs else "…"
        best = number(trial.values[0]) if trial.values else ""
        configuration = Text(params_line(trial.params))
        return [str(trial.number), f"{done}/{total}", bar, last, best, configuration]


class PlainLines(_Progress):
    """One line for each trial that ends; for logs and pipes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = stream

    def on_search_start(self, session: Session, workers: int) -> None:
        """Say what begins."""
        super().on_search_start(session, workers)
        self._print(
            f"searching '{session.settings.name}' with {workers} worker(s), {session.total} trials"
        )

    def on_trial_end(self, trial: Trial) -> None:
        """One line."""
        super().on_trial_end(trial)
        value = number(trial.values[0]) if trial.values else "no value"
        status = f"{trial.status} ({trial.cause})" if trial.cause else str(trial.status)
        self._print(
            f"trial {trial.number} {status} after {trial.last_epoch} epochs, "
            f"{self.objective.metric} {value}; best {self.best()}; {self.counts()}; {self.pace()}"
        )

    def on_note(self, text: str) -> None:
        """One line."""
        self._print(text)

    def _print(self, line: str) -> None:
        print(line, file=self._stream or sys.stdout, flush=True)


class JsonLines(_Progress):
    """One JSON object a line for each event; for programs."""

    def on_trial_start(self, trial: Trial, worker: int) -> None:
        """A trial starts or goes on."""
        super().on_trial_start(trial, worker)
        _emit("assigned", trial=trial.number, worker=worker, params=dict(trial.params))

    def on_epoch(self, trial: Trial, epoch: Epoch) -> None:
        """An epoch's metrics."""
        super().on_epoch(trial, epoch)
        _emit("epoch", trial=trial.number, epoch=epoch.epoch, metrics=dict(epoch.metrics))

    def on_trial_end(self, trial: Trial) -> None:
        """A trial left its worker."""
        super().on_trial_end(trial)
        cause = {"error": trial.cause} if trial.cause else {}
        values = list(trial.values)
        _emit("ended", trial=trial.number, state=str(trial.status), values=values, **cause)

    def on_note(self, text: str) -> None:
        """A remark."""
        _emit("note", text=text)


def _emit(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


DISPLAYS: dict[str, Callable[[], Callback]] = {
    "auto": _table_or_lines,
    "lines": PlainLines,
    "json": JsonLines,
    "none": Callback,
}
