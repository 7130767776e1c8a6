"""What every scheduler must do, a pruner or a population."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from autotrain.storage.settings import StudySettings
from autotrain.testing.simulation import (
    CrashAt,
    Killed,
    Lab,
    SimulatedSession,
    accuracy,
    conditional_space,
    drive,
    simulated_settings,
    started,
)
from autotrain.trial import Decision, Params, TrialStatus


class SchedulerSuite:
    """Tests of a scheduler; give `settings`, and `scheduler` if it is an object."""

    # Populations need so many trials at least.
    least = 1

    def settings(self) -> StudySettings:
        """A study that uses it."""
        return simulated_settings(pruner="given")

    def scheduler(self) -> object:
        """A new object, or None where the settings name it."""
        return None

    def lab(self, folder: Path, name: str = "lab") -> Lab:
        """A study on disk."""
        (folder / name).mkdir()
        return Lab(folder / name, f"sqlite:///{folder / name / 'studies.db'}", self.settings())

    def search(self, lab: Lab, trials: int, workers: int = 1) -> SimulatedSession:
        """Search at random, so that what is proposed depends on no result."""
        return lab.search(trials, sampler="random", pruner=self.scheduler(), workers=workers)

    @pytest.mark.parametrize("workers", [1, 3])
    @pytest.mark.parametrize("more", [0, 1, 2, 9])
    def test_a_search_ends_and_at_least_one_trial_completes(
        self, tmp_path: Path, more: int, workers: int
    ) -> None:
        session = self.search(self.lab(tmp_path), self.least + more, workers)
        assert session.is_over
        assert all(trial.is_finished for trial in session.trials.values())
        complete = [t for t in started(session) if t.status is TrialStatus.COMPLETE]
        assert complete
        assert all(trial.last_epoch == session.settings.epochs for trial in complete)

    def test_an_answer_depends_on_the_view_alone(self, tmp_path: Path) -> None:
        session = self.lab(tmp_path).open(self.least + 5, sampler="random", pruner=self.scheduler())
        scheduler, view = session.scheduler, session.view

        def curve(params: Params, epoch: int) -> float:
            assert scheduler.next(view) == scheduler.next(view)
            for trial in view.having(TrialStatus.RUNNING):
                if trial.epochs:
                    answers = {scheduler.decide(view, trial) for _ in range(3)}
                    assert len(answers) == 1
                    assert answers <= {Decision.CONTINUE, Decision.PAUSE, Decision.STOP}
            return accuracy(params, epoch)

        drive(session, curve, workers=2)
        assert session.is_over
        assert not [trial for trial in session.trials.values() if trial.error]

    def test_searching_again_changes_nothing(self, tmp_path: Path) -> None:
        whole = _ends(self.search(self.lab(tmp_path, "whole"), self.least + 8))
        lab = self.lab(tmp_path, "again")
        self.search(lab, self.least + 8)
        assert _ends(self.search(lab, self.least + 8)) == whole

    @pytest.mark.parametrize("event", [3, 11, 24, 40])
    def test_a_killed_search_decides_what_the_whole_one_does(
        self, tmp_path: Path, event: int
    ) -> None:
        trials = self.least + 8
        whole = _ends(self.search(self.lab(tmp_path, "whole"), trials))
        lab = self.lab(tmp_path, "killed")
        with pytest.raises(Killed):
            lab.search(trials, sampler="random", pruner=self.scheduler(), crash=CrashAt(event))
        assert _ends(self.search(lab, trials)) == whole

    def test_failing_trials_hold_nothing_up(self, tmp_path: Path) -> None:
        def curve(params: Params, epoch: int) -> float:
            if params["depth"] == 3 or (params["depth"] == 4 and epoch > 1):
                raise ValueError("too deep")
            return accuracy(params, epoch)

        lab = self.lab(tmp_path)
        session = lab.search(
            self.least + 11, curve, sampler="random", pruner=self.scheduler(), workers=2
        )
        assert session.is_over
        found = {trial.status for trial in started(session)}
        assert {TrialStatus.COMPLETE, TrialStatus.FAIL} <= found

    def test_maximizing_equals_minimizing_the_negative(self, tmp_path: Path) -> None:
        trials = self.least + 8
        up = _ends(self.search(self.lab(tmp_path, "up"), trials))
        lab = self.lab(tmp_path, "down").set(space=conditional_space("val_loss", "minimize"))
        session = lab.search(
            trials,
            lambda params, epoch: -accuracy(params, epoch),
            sampler="random",
            pruner=self.scheduler(),
        )
        assert [(status, epoch) for _, status, epoch in _ends(session)] == [
            (status, epoch) for _, status, epoch in up
        ]

    def test_equal_trials_all_end(self, tmp_path: Path) -> None:
        session = self.lab(tmp_path).search(
            self.least + 6,
            lambda params, epoch: 0.5,
            sampler="random",
            pruner=self.scheduler(),
            workers=2,
        )
        assert session.is_over
        assert not any(math.isnan(trial.values[0]) for trial in started(session))


def _ends(session: SimulatedSession) -> list[tuple[Params, str, int]]:
    return [(t.params, str(t.status), t.last_epoch) for t in started(session)]
