"""What every tracker must do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autotrain.paths import Workspace
from autotrain.storage.settings import StudySettings
from autotrain.testing.simulation import simulated_settings
from autotrain.trackers.base import Tracker
from autotrain.trial import Epoch, Params, Trial, TrialStatus


@dataclass(frozen=True)
class Tracked:
    """What a tool has of a trial.

    Attributes:
        params: by name; numbers as the tool keeps them, be it as texts.
        curves: by metric the values in the order of their epochs.
        ended: whether the tool knows that the trial has ended.
    """

    params: Mapping[str, object]
    curves: Mapping[str, list[float]]
    ended: bool


class TrackerSuite:
    """Tests of a tracker; give `tracker` and `read`."""

    def tracker(self, settings: StudySettings, workspace: Workspace) -> Tracker:
        """A new one, as at the start of a search; the tool keeps what older ones told it."""
        raise NotImplementedError

    def read(self, settings: StudySettings, workspace: Workspace) -> dict[int, Tracked]:
        """What the tool has, by trial, read by a reader of its own."""
        raise NotImplementedError

    def opened(self, folder: Path) -> tuple[StudySettings, Workspace, Tracker]:
        """A connected tracker of a new study."""
        workspace = Workspace(folder)
        settings = simulated_settings(name="tracked", id="0" * 32)
        workspace.study(settings.name).root.mkdir(parents=True, exist_ok=True)
        tracker = self.tracker(settings, workspace)
        tracker.connect()
        return settings, workspace, tracker

    def test_a_trial_is_copied_with_its_curves_and_its_end(self, tmp_path: Path) -> None:
        settings, workspace, tracker = self.opened(tmp_path)
        trial = _trained(_trial(0), 3)
        tracker.record(trial)
        tracker.record(trial.finished(TrialStatus.COMPLETE))
        tracker.end(trial.finished(TrialStatus.COMPLETE), TrialStatus.COMPLETE)
        found = self.read(settings, workspace)[0]
        assert found.ended
        assert _close(found.curves["val_accuracy"], [0.1, 0.2, 0.3])
        assert found.params.keys() == trial.params.keys()
        assert found.params["optimizer"] == "adam"
        assert float(str(found.params["lr"])) == 0.01

    def test_nothing_is_copied_twice(self, tmp_path: Path) -> None:
        settings, workspace, tracker = self.opened(tmp_path)
        trial = _trained(_trial(0), 2)
        for _ in range(3):
            tracker.record(trial)
        trial = _trained(trial, 4)
        tracker.record(trial)
        tracker.end(None, TrialStatus.WAITING)
        assert _close(
            self.read(settings, workspace)[0].curves["val_accuracy"], [0.1, 0.2, 0.3, 0.4]
        )

    def test_the_next_search_goes_on_where_the_tool_is(self, tmp_path: Path) -> None:
        settings, workspace, tracker = self.opened(tmp_path)
        trial = _trained(_trial(0), 2)
        tracker.record(trial)
        tracker.end(None, TrialStatus.WAITING)
        again = self.tracker(settings, workspace)
        again.connect()
        trial = _trained(trial, 3).finished(TrialStatus.PRUNED)
        again.record(trial)
        again.record(_trained(_trial(1), 1))
        again.end(None, TrialStatus.COMPLETE)
        found = self.read(settings, workspace)
        assert _close(found[0].curves["val_accuracy"], [0.1, 0.2, 0.3])
        assert (found[0].ended, found[1].ended) == (True, False)

    def test_what_was_missed_comes_at_once(self, tmp_path: Path) -> None:
        settings, workspace, tracker = self.opened(tmp_path)
        for number in range(3):
            tracker.record(_trained(_trial(number), 5).finished(TrialStatus.COMPLETE))
        tracker.end(None, TrialStatus.COMPLETE)
        found = self.read(settings, workspace)
        assert sorted(found) == [0, 1, 2]
        assert all(len(each.curves["val_accuracy"]) == 5 for each in found.values())

    def test_a_failed_trial_without_epochs_is_copied(self, tmp_path: Path) -> None:
        settings, workspace, tracker = self.opened(tmp_path)
        tracker.record(_trial(0).finished(TrialStatus.FAIL, "ValueError: no room"))
        tracker.end(None, TrialStatus.FAIL)
        assert self.read(settings, workspace)[0].ended


def _trial(number: int) -> Trial:
    params: Params = {"depth": 2, "lr": 0.01, "optimizer": "adam", "nesterov": True}
    return Trial(number, params, worker=0)


def _trained(trial: Trial, epochs: int) -> Trial:
    """Up to so many epochs, of rising accuracy."""
    for number in range(trial.last_epoch + 1, epochs + 1):
        metrics = {"val_accuracy": number / 10, "loss": 1 / number}
        trial = trial.trained(Epoch(number, metrics, 0.5), (number / 10,), True)
    return replace(trial, worker=0)


def _close(found: list[float], wanted: list[float]) -> bool:
    """Equal in single precision, which some tools keep."""
    return len(found) == len(wanted) and all(
        abs(a - b) < 1e-6 for a, b in zip(found, wanted, strict=True)
    )
