"""What every sampler must do."""

from __future__ import annotations

from pathlib import Path

import pytest

from autotrain.space import Float, Space
from autotrain.testing.simulation import (
    CrashAt,
    Killed,
    Lab,
    SimulatedSession,
    conditional_space,
    configurations,
    simulated_settings,
)

_TRIALS = 12


class SamplerSuite:
    """Tests of a sampler; give `sampler`."""

    # Whether the same seed gives the same proposals, and another seed others.
    reproducible = True
    seeded = True
    # The space that it must serve; by default one with every kind of parameter and conditions.
    space = conditional_space()

    def sampler(self) -> object:
        """A new one: a name, or an object with `suggest`, or one of Optuna's."""
        raise NotImplementedError

    def lab(self, folder: Path, name: str = "lab", seed: int = 7) -> Lab:
        """A study on disk."""
        (folder / name).mkdir()
        settings = simulated_settings(space=self.space, epochs=1, seed=seed)
        return Lab(folder / name, f"sqlite:///{folder / name / 'studies.db'}", settings)

    def search(self, lab: Lab, trials: int = _TRIALS, workers: int = 1) -> SimulatedSession:
        """Search with a new sampler."""
        return lab.search(trials, sampler=self.sampler(), workers=workers)

    def test_proposals_are_configurations_of_the_space(self, tmp_path: Path) -> None:
        found = configurations(self.search(self.lab(tmp_path)))
        assert found
        for params in found:
            assert params == self.space.check(params)

    def test_no_proposal_comes_twice(self, tmp_path: Path) -> None:
        found = configurations(self.search(self.lab(tmp_path), workers=3))
        assert len({repr(sorted(params.items())) for params in found}) == len(found)

    def test_the_same_seed_gives_the_same_proposals(self, tmp_path: Path) -> None:
        if not self.reproducible:
            pytest.skip("says that it is not reproducible")
        first = configurations(self.search(self.lab(tmp_path, "first")))
        second = configurations(self.search(self.lab(tmp_path, "second")))
        assert first == second

    def test_another_seed_gives_others(self, tmp_path: Path) -> None:
        if not self.seeded:
            pytest.skip("says that it does not depend on the seed")
        first = configurations(self.search(self.lab(tmp_path, "first", seed=1)))
        second = configurations(self.search(self.lab(tmp_path, "second", seed=2)))
        assert first != second

    def test_a_search_in_pieces_proposes_what_the_whole_one_does(self, tmp_path: Path) -> None:
        if not self.reproducible:
            pytest.skip("says that it is not reproducible")
        whole = configurations(self.search(self.lab(tmp_path, "whole")))
        lab = self.lab(tmp_path, "pieces")
        for trials in (3, 7, _TRIALS):
            pieces = configurations(self.search(lab, trials))
        assert pieces == whole

    @pytest.mark.parametrize("event", [1, 5, 14, 23])
    def test_a_killed_search_proposes_what_the_whole_one_does(
        self, tmp_path: Path, event: int
    ) -> None:
        if not self.reproducible:
            pytest.skip("says that it is not reproducible")
        whole = configurations(self.search(self.lab(tmp_path, "whole")))
        lab = self.lab(tmp_path, "killed")
        with pytest.raises(Killed):
            lab.search(_TRIALS, sampler=self.sampler(), crash=CrashAt(event))
        assert configurations(self.search(lab)) == whole

    def test_given_values_of_a_queued_trial_stay(self, tmp_path: Path) -> None:
        given = {"depth": 3, "lr": 0.01}
        session = self.lab(tmp_path).open(2, sampler=self.sampler())
        session.enqueue([{name: given[name] for name in given if name in self.space.parameters}])
        trial = session.take()
        assert trial is not None
        assert trial.params == self.space.check(trial.params)
        assert {name: trial.params[name] for name in trial.given} == trial.given

    def test_failed_and_infeasible_trials_hold_nothing_up(self, tmp_path: Path) -> None:
        def problems(params: object) -> list[str]:
            return ["too large"] if next(count) % 3 == 0 else []

        count = iter(range(1, 1000))
        session = self.lab(tmp_path).search(
            _TRIALS, sampler=self.sampler(), problems=problems, workers=2
        )
        assert session.is_over
        assert any(trial.infeasible for trial in session.trials.values())

    def test_a_space_of_one_parameter_is_served(self, tmp_path: Path) -> None:
        lab = self.lab(tmp_path)
        lab.set(space=Space({"x": Float(0.0, 1.0, step=0.25)}, "val_accuracy"))
        session = lab.search(5, lambda params, epoch: params["x"], sampler=self.sampler())
        assert {params["x"] for params in configurations(session)} <= {0.0, 0.25, 0.5, 0.75, 1.0}
