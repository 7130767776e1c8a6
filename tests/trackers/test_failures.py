"""Tools that fail or hang: the search does not notice, and its user is told once."""

from __future__ import annotations

import threading

import pytest

import autotrain
from autotrain.storage.settings import FUNCTION, StudySettings
from autotrain.trackers.base import Tracking
from autotrain.trial import Epoch, Trial, TrialStatus


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
        self.trials = {n: Trial(n, {"x": 0.5}, worker=0) for n in range(count)}
        self.is_over = True
        space = autotrain.Space({"x": autotrain.Float(0, 1)}, "loss")
        self.settings = StudySettings("s", space, 1, 0, "none", FUNCTION)


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

    def end(self, best, status):
        self.calls.append(status)


def follow(act, trials=3, **options):
    """A search of some trials that are complete from the first; the tool and the notes."""
    tool, notes, session = Failing(act), [], Session(trials)
    tracking = Tracking(tool, "tool", notes.append, **options)
    tracking.on_open(session)
    for trial in list(session.trials.values()):
        trial = trial.trained(Epoch(1, {"loss": 1.0}), (1.0,), True)
        session.trials[trial.number] = trial.finished(TrialStatus.COMPLETE)
        tracking.on_trial_end(session.trials[trial.number])
    return tracking, tool, notes


def test_after_a_failure_everything_comes_once_the_tool_is_back(wait_until):
    failures = [OSError("no space left on device\nmore"), OSError("again")]

    def act(trial):
        if failures:
            raise failures.pop()

    tracking, tool, notes = follow(act, retry=0.0)
    wait_until(lambda: {t.number for t in tool.records if t.is_finished} == {0, 1, 2})
    tracking.on_tick()
    tracking.on_search_end()
    tracking.close()
    assert [text.split(": ", 1)[1] for text in notes] == ["OSError: no space left on device"]
    assert tool.calls == ["connect", "connect", "connect", TrialStatus.COMPLETE]


def test_one_trial_that_a_tool_refuses_keeps_no_other_away(wait_until):
    def act(trial):
        if trial.number == 0:
            raise ValueError("a name that the tool forbids")

    tracking, tool, notes = follow(act, retry=0.0)
    wait_until(lambda: {t.number for t in tool.records if t.is_finished} == {1, 2})
    tracking.close(failed=True)
    assert len(notes) == 2


def test_a_tool_that_hangs_holds_nothing_up():
    release = threading.Event()
    tracking, tool, notes = follow(lambda trial: release.wait(30), patience=0.05)
    tracking.on_search_end()
    tracking.close()
    assert not tool.records
    assert notes == [
        "tool has not got all of this search; "
        "the same search again with --track tool sends the rest"
    ]
    release.set()
