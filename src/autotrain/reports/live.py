"""What is shown while a search runs: a live table, plain lines, or JSON lines."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from autotrain.engines.callbacks import Observer
from autotrain.reports.tables import table_of
from autotrain.reports.units import duration, number, params_line, why_failed
from autotrain.storage.recorder import Entry
from autotrain.trial import EpochRecord, shown_state
from autotrain.tuner.session import StudySession

_BAR = 20


def default_observer() -> Observer:
    """A live table where there is a terminal, plain lines elsewhere."""
    console = Console()
    return LiveTable(console) if console.is_terminal else PlainLines()


def state_of(entry: Entry) -> str:
    """The state in words; a paused trial is RUNNING in storage."""
    return shown_state(entry.state, entry.paused)


class _Progress(Observer):
    """What every display knows: who runs where, and since when."""

    def __init__(self) -> None:
        self.session: StudySession | None = None
        self.running: dict[int, Entry] = {}
        self.workers = 0
        self.began = time.monotonic()
        self.epochs = 0

    def started(self, session: StudySession, workers: int) -> None:
        """Remember the session."""
        self.session, self.workers, self.began = session, workers, time.monotonic()

    def assigned(self, entry: Entry, worker: int) -> None:
        """The trial runs."""
        self.running[entry.number] = entry

    def epoch(self, entry: Entry, record: EpochRecord) -> None:
        """Count it."""
        self.epochs += 1

    def ended(self, entry: Entry) -> None:
        """The trial does not run any more."""
        self.running.pop(entry.number, None)

    def counts(self) -> str:
        """`12 COMPLETE, 3 PRUNED, 2 RUNNING of 24`."""
        assert self.session is not None
        found = Counter(state_of(entry) for entry in self.session.entries.values())
        order = ("COMPLETE", "PRUNED", "FAIL", "PAUSED", "RUNNING")
        parts = [f"{found[state]} {state}" for state in order if found[state]]
        return f"{', '.join(parts) or 'starting'} of {self.session.total}"

    def best(self) -> str:
        """The best value so far and its trial."""
        assert self.session is not None
        entry = self.session.best() or self._leader()
        if entry is None:
            return "none yet"
        metric = self.session.objectives[0].metric
        rest = "" if entry.state.is_finished else ", unfinished"
        return f"{metric} {number(entry.values[0])} (trial {entry.number}{rest})"

    def _leader(self) -> Entry | None:
        assert self.session is not None
        valued = [entry for entry in self.session.entries.values() if entry.values]
        maximize = self.session.objectives[0].direction == "maximize"
        return (max if maximize else min)(valued, key=lambda e: e.values[0], default=None)

    def pace(self) -> str:
        """Epochs a minute, and the time left if the trials to come are like those so far."""
        assert self.session is not None
        elapsed = time.monotonic() - self.began
        text = f"{duration(elapsed)} so far"
        if self.epochs:
            text += f", {60 * self.epochs / elapsed:.0f} epochs/min"
        left = self.seconds_left(elapsed)
        return text if left is None or left < 1 else f"{text}, about {duration(left)} left"

    def seconds_left(self, elapsed: float) -> float | None:
        """An estimate from the epochs that a created trial has cost so far."""
        assert self.session is not None
        started = len(self.session.entries)
        if not self.epochs or started < 3:
            return None
        spent = sum(len(entry.epochs) for entry in self.session.entries.values())
        to_come = max(0, self.session.total - started) * spent / started
        return to_come * elapsed / self.epochs


class LiveTable(_Progress):
    """A table that is redrawn in place."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._live = Live(console=console, refresh_per_second=4, get_renderable=self._render)

    def started(self, session: StudySession, workers: int) -> None:
        """Begin to draw."""
        super().started(session, workers)
        self._live.start()

    def note(self, text: str) -> None:
        """Print above the table."""
        self._live.console.print(Text(text, style="yellow"))

    def finished(self) -> None:
        """Draw a last time and leave the terminal as it was."""
        self.running.clear()
        self._live.stop()

    def _render(self) -> Any:
        if self.session is None:
            return Text("")
        metric = self.session.objectives[0].metric
        rows = [self._row(entry) for entry in list(self.running.values())]
        if not rows:
            rows = [["", "", "", "", "", "starting workers" if not self.epochs else ""]]
        table = table_of(["trial", "epochs", "", metric, "best", "configuration"], rows)
        lines = [
            f"best      {self.best()}",
            f"trials    {self.counts()}",
            f"time      {self.pace()}",
        ]
        return Group(table, Text(""), *(Text(line) for line in lines))

    def _row(self, entry: Entry) -> list[str | Text]:
        assert self.session is not None
        total, done = self.session.settings.epochs, entry.last_epoch
        filled = round(_BAR * done / total)
        bar = Text("━" * filled, style="green") + Text("━" * (_BAR - filled), style="dim")
        metric = self.session.objectives[0].metric
        last = number(entry.epochs[-1].metrics[metric]) if entry.epochs else "…"
        best = number(entry.values[0]) if entry.values else ""
        return [
            str(entry.number),
            f"{done}/{total}",
            bar,
            last,
            best,
            Text(params_line(entry.params)),
        ]


class PlainLines(_Progress):
    """One line for each trial that ends; for logs and pipes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = stream

    def started(self, session: StudySession, workers: int) -> None:
        """Say what begins."""
        super().started(session, workers)
        self._print(
            f"searching '{session.settings.name}' with {workers} worker(s), {session.total} trials"
        )

    def ended(self, entry: Entry) -> None:
        """One line."""
        super().ended(entry)
        assert self.session is not None
        value = number(entry.values[0]) if entry.values else "no value"
        metric = self.session.objectives[0].metric
        cause = why_failed(entry.attrs)
        state = state_of(entry) + (f" ({cause})" if cause else "")
        self._print(
            f"trial {entry.number} {state} after {entry.last_epoch} epochs, {metric} {value}; "
            f"best {self.best()}; {self.counts()}; {self.pace()}"
        )

    def note(self, text: str) -> None:
        """One line."""
        self._print(text)

    def _print(self, line: str) -> None:
        print(line, file=self._stream or sys.stdout, flush=True)


class JsonLines(_Progress):
    """One JSON object a line for each event; for programs."""

    def assigned(self, entry: Entry, worker: int) -> None:
        """A trial starts or goes on."""
        super().assigned(entry, worker)
        self._emit("assigned", trial=entry.number, worker=worker, params=entry.params)

    def epoch(self, entry: Entry, record: EpochRecord) -> None:
        """An epoch's metrics."""
        super().epoch(entry, record)
        self._emit("epoch", trial=entry.number, epoch=record.epoch, metrics=dict(record.metrics))

    def ended(self, entry: Entry) -> None:
        """A trial left its worker."""
        super().ended(entry)
        cause = {"error": why_failed(entry.attrs)} if why_failed(entry.attrs) else {}
        values = list(entry.values)
        self._emit("ended", trial=entry.number, state=state_of(entry), values=values, **cause)

    def note(self, text: str) -> None:
        """A remark."""
        self._emit("note", text=text)

    @staticmethod
    def _emit(event: str, **facts: Any) -> None:
        print(json.dumps({"event": event, **facts}), flush=True)
