"""The suite of trackers over both tools, each read by a reader of its own."""

from __future__ import annotations

import pytest

from autotrain.testing.trackers import Tracked, TrackerSuite
from autotrain.trackers import TRACKERS
from tracker_readers import READERS, need


class Reading(TrackerSuite):
    """A tool by its name."""

    name = ""

    @pytest.fixture(autouse=True)
    def _installed(self, monkeypatch):
        need(self.name)
        self.monkeypatch = monkeypatch

    def tracker(self, settings, workspace):
        return TRACKERS.get(self.name)(settings, workspace.study(settings.name), workspace)

    def read(self, settings, workspace):
        found = READERS[self.name](workspace.root, self.monkeypatch, settings.name)
        return {
            number: Tracked(
                params, {tag: [value for _, value in points] for tag, points in curves.items()},
                ended in ("FINISHED", "FAILED", "KILLED"),
            )
            for number, (curves, params, ended) in found.items()
        }  # fmt: skip


class TestTensorboard(Reading):
    name = "tensorboard"


class TestMlflow(Reading):
    name = "mlflow"


def test_every_tracker_is_tested_here():
    assert {suite.name for suite in Reading.__subclasses__()} == set(TRACKERS.names())
