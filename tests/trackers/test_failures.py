"""Tools that fail or hang: the search does not notice, and its user is told once."""

from __future__ import annotations

import threading

import pytest

from autotrain.engines.callbacks import Observer
from autotrain.storage.recorder import Entry
from autotrain.trackers.base import Tracking
from autotrain.trial import Epoch, Trial, TrialState


class Notes(Observer):
    """Keeps what a user is told."""

    def __init__(self):
        self.texts = []

    def note(self, text):
        self.texts.append(text)


@pytest.fixture
def wait_until():
    """Wait on a condition, with a limit."""
    moment = threading.Event()

    def wait(condition, tries=1000):
        while not condition():
            tries -= 1
            assert tries, "the condition did not come true in time"
            moment.wait(0.01)

    return wait


class Session:
    """As much of a session as is looked at."""

    def __init__(self, count):
        self.entries = {n: Entry(n, n, {"x": 0.5}) for n in range(count)}
        self.is_over = True

    def best(self):
        return self.entries[0]


class Failing:
    """A tool that does what its test says."""

    def __init__(self, act):
        self.act, self.calls = act, []
        self.records: list[Trial] = []

    def connect(self):
        self.calls.append("connect")

    def record(self, trial):
        self.act(trial)
        self.records.append(trial)

    def end(self, best, state):
        self.calls.append(state)


def follow(act, entries=3, **options):
    """A search of some trials that are complete from the first; the tool and the notes."""
    tool, notes, session = Failing(act), Notes(), Session(entries)
    watcher = Tracking(tool, "tool", notes, **options)
    watcher.opened(session)
    for entry in session.entries.values():
        entry.epochs.append(Epoch(1, {"loss": 1.0}))
        entry.state = TrialState.COMPLETE
        watcher.ended(entry)
    return watcher, tool, notes


def test_after_a_failure_everything_comes_once_the_tool_is_back(wait_until):
    failures = [OSError("no space left on device\nmore"), OSError("again")]

    def act(trial):
        if failures:
            raise failures.pop()

    watcher, tool, notes = follow(act, retry=0.0)
    wait_until(lambda: {t.number for t in tool.records if t.state.is_finished} == {0, 1, 2})
    watcher.tick()
    watcher.finished()
    watcher.close()
    assert [text.split(": ", 1)[1] for text in notes.texts] == ["OSError: no space left on device"]
    assert tool.calls == ["connect", "connect", "connect", TrialState.COMPLETE]


def test_one_trial_that_a_tool_refuses_keeps_no_other_away(wait_until):
    def act(trial):
        if trial.number == 0:
            raise ValueError("a name that the tool forbids")

    watcher, tool, notes = follow(act, retry=0.0)
    wait_until(lambda: {t.number for t in tool.records if t.state.is_finished} == {1, 2})
    watcher.close(failed=True)
    assert len(notes.texts) == 2


def test_a_tool_that_hangs_holds_nothing_up():
    release = threading.Event()
    watcher, tool, notes = follow(lambda trial: release.wait(30), patience=0.05)
    watcher.finished()
    watcher.close()
    assert not tool.records
    assert notes.texts == [
        "tool has not got all of this search; "
        "the same search again with --track tool sends the rest"
    ]
    release.set()
