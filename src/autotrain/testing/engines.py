"""What every engine must do, with an objective that takes no time."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import optuna
import pytest

from autotrain.analysis.stored_study import StoredStudy
from autotrain.api.search import search
from autotrain.engines.function_trainable import ObjectiveFunction, Reporter
from autotrain.errors import InfeasibleError, SearchFailedError
from autotrain.space import Space
from autotrain.testing import objectives
from autotrain.testing.objectives import SPACE, curve, factor, learning, quick, quick_space
from autotrain.trial import Params, TrialStatus

# By value: a worker needs neither pytest nor this module to train with these functions.
cloudpickle.register_pickle_by_value(objectives)
cloudpickle.register_pickle_by_value(sys.modules[__name__])

_DONE = {TrialStatus.COMPLETE, TrialStatus.PRUNED}


def _statuses(study: StoredStudy) -> list[TrialStatus]:
    return [trial.status for trial in study.trials]


class EngineSuite:
    """Tests of an engine; give its name."""

    engine = "local"

    def search(
        self,
        folder: Path,
        objective: ObjectiveFunction = quick,
        space: Space = SPACE,
        **options: Any,
    ) -> StoredStudy:
        """Search on the engine, with two workers."""
        quiet = {"report": False, "display": "none", "runs": folder / "runs"}
        return search(
            space,
            objective=objective,
            engine=self.engine,
            **{"workers": 2, "trials": 8, **quiet, **options},
        )

    def test_exactly_n_trials_some_of_them_pruned(self, tmp_path: Path) -> None:
        study = self.search(tmp_path)
        assert len(study.trials) == 8
        assert set(_statuses(study)) == _DONE

    def test_every_epoch_is_recorded_in_file_and_storage(self, tmp_path: Path) -> None:
        study = self.search(tmp_path)
        stored = optuna.load_study(
            study_name="quick", storage=f"sqlite:///{tmp_path / 'runs' / 'studies.db'}"
        )
        for trial, frozen in zip(study.trials, stored.trials, strict=True):
            epochs = [record.epoch for record in trial.epochs]
            assert epochs == list(range(1, len(epochs) + 1))
            losses = {r.epoch: r.metrics["val_loss"] for r in trial.epochs}
            assert losses == {e: curve(trial.params, e) for e in epochs}
            assert frozen.intermediate_values == losses
            assert frozen.state.name == trial.status

    def test_a_raising_trial_fails_alone_with_its_cause_kept(self, tmp_path: Path) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            if params["x"] > 0:
                raise ValueError(f"x is too large: {params['x']:.3f}")
            quick(params, reporter)

        study = self.search(tmp_path, objective, sampler="random", seed=3, pruner="none")
        for trial in study.trials:
            assert (trial.status is TrialStatus.FAIL) == (trial.params["x"] > 0)
            if trial.status is TrialStatus.FAIL:
                assert trial.error == f"ValueError: x is too large: {trial.params['x']:.3f}"
                log = study.paths.trial(trial.number).log.read_text()
                assert "Traceback" in log
        assert len(set(_statuses(study))) == 2

    def test_an_infeasible_trial_is_told_apart(self, tmp_path: Path) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            if params["x"] > 0:
                raise InfeasibleError("x is at most 0")
            quick(params, reporter)

        study = self.search(tmp_path, objective, sampler="random", seed=3, pruner="none")
        found = {t.number for t in study.trials if t.infeasible == "x is at most 0"}
        assert found == {t.number for t in study.trials if t.params["x"] > 0} != set()

    def test_the_same_failure_three_times_at_the_start_ends_the_search(
        self, tmp_path: Path
    ) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            raise ValueError("never works")

        with pytest.raises(SearchFailedError, match="the first 3 trials failed alike") as error:
            self.search(tmp_path, objective, trials=50)
        assert "ValueError: never works" in str(error.value)

    def test_more_trials_are_added_and_none_is_repeated(self, tmp_path: Path) -> None:
        first = self.search(tmp_path, trials=4, pruner="none").trials
        again = self.search(tmp_path, trials=4, pruner="none").trials
        more = self.search(tmp_path, trials=8, pruner="none").trials
        assert again == first == more[:4]
        assert len(first) == 4
        assert len(more) == 8

    def test_what_a_trial_prints_is_in_its_log(self, tmp_path: Path) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            print(f"here is x: {params['x']}")
            os.system("echo and from a child")
            quick(params, reporter)

        study = self.search(tmp_path, objective, trials=3)
        for trial in study.trials:
            log = study.paths.trial(trial.number).log.read_text()
            assert f"here is x: {trial.params['x']}\n" in log
            assert "and from a child\n" in log

    def test_maximizing_equals_minimizing_the_negative(self, tmp_path: Path) -> None:
        def negative(params: Params, reporter: Reporter) -> None:
            for epoch in range(1, reporter.epochs + 1):
                reporter.report(epoch, score=-curve(params, epoch))

        up = quick_space("up", {"metric": "score", "direction": "maximize"})
        low = self.search(tmp_path, workers=1)
        high = self.search(tmp_path, negative, space=up, workers=1)
        assert [t.params for t in high.trials] == [t.params for t in low.trials]
        assert _statuses(high) == _statuses(low)
        assert [[-v for v in t.values] for t in high.trials] == [list(t.values) for t in low.trials]

    def test_inactive_parameters_are_neither_given_nor_stored(self, tmp_path: Path) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            assert ("y" in params) == (params["kind"] == "a")
            quick(params, reporter)

        study = self.search(tmp_path, objective, sampler="random")
        assert all(("y" in t.params) == (t.params["kind"] == "a") for t in study.trials)
        assert {t.params["kind"] for t in study.trials} == {"a", "b"}
        assert set(_statuses(study)) == _DONE

    def test_seeds_are_those_of_study_and_number(self, tmp_path: Path) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            return float(reporter.seed)

        first = self.search(tmp_path, objective, trials=4, study="one")
        second = self.search(tmp_path, objective, trials=4, study="two")
        assert [t.values for t in first.trials] == [t.values for t in second.trials]
        assert len({t.values for t in first.trials}) == 4

    def test_a_target_ends_the_search(self, tmp_path: Path) -> None:
        study = self.search(tmp_path, trials=50, stop_at=1.5, pruner="none", sampler="random")
        assert min(t.values[0] for t in study.trials if t.values) <= 1.5
        assert len(study.trials) < 50

    def test_the_time_limit_leaves_a_study_that_the_same_call_completes(
        self, tmp_path: Path
    ) -> None:
        def slow(params: Params, reporter: Reporter) -> None:
            import time

            for epoch in range(1, reporter.epochs + 1):
                time.sleep(0.3)
                reporter.report(epoch, val_loss=curve(params, epoch))

        cut = _statuses(self.search(tmp_path, slow, timeout=1.0, trials=4, pruner="none"))
        assert TrialStatus.RUNNING in cut or len(cut) < 4
        whole = self.search(tmp_path, trials=4, pruner="none")
        assert _statuses(whole) == [TrialStatus.COMPLETE] * 4

    def test_enqueued_configurations_run_first(self, tmp_path: Path) -> None:
        queue = [{"x": 0.5, "kind": "b"}, {"x": -0.25, "kind": "a", "y": 7}]
        study = self.search(tmp_path, enqueue=queue)
        assert [t.params for t in study.trials[:2]] == queue

    @pytest.mark.parametrize("name", ["größe 试验 🎛", "a/b: c?*", "x" * 300])
    def test_names_of_any_kind(self, tmp_path: Path, name: str) -> None:
        study = self.search(tmp_path, study=name, trials=2)
        assert study.name == name
        assert len(study.trials) == 2

    @pytest.mark.parametrize("death", ["kill", "exit"])
    def test_a_lost_worker_costs_its_segment_only(self, tmp_path: Path, death: str) -> None:
        mark = tmp_path / "died"

        def objective(params: Params, reporter: Reporter) -> Any:
            if params["kind"] == "a" and not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL) if death == "kill" else os._exit(7)
            quick(params, reporter)

        study = self.search(tmp_path, objective, pruner="none", sampler="random")
        assert Path(mark).exists()
        assert _statuses(study) == [TrialStatus.COMPLETE] * 8

    def test_retries_have_a_limit(self, tmp_path: Path) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            if params["x"] > 0:
                os._exit(7)
            quick(params, reporter)

        queue = [{"x": -0.5}, {"x": 0.5}]
        study = self.search(
            tmp_path, objective, trials=2, enqueue=queue, max_retries=1, pruner="none"
        )
        assert _statuses(study) == [TrialStatus.COMPLETE, TrialStatus.FAIL]
        assert study.trials[1].error.startswith("cost 2 workers; the last one: ")

    def test_a_hung_worker_is_ended(self, tmp_path: Path) -> None:
        mark = tmp_path / "hung"

        def objective(params: Params, reporter: Reporter) -> Any:
            import time

            if not mark.exists():
                mark.touch()
                reporter.report(1, val_loss=1.0)
                time.sleep(600)
            quick(params, reporter)

        study = self.search(
            tmp_path, objective, trials=2, hang_timeout=1.0, workers=1, pruner="none"
        )
        assert _statuses(study) == [TrialStatus.COMPLETE] * 2

    def test_two_objectives_give_a_front(self, tmp_path: Path) -> None:
        def objective(params: Params, reporter: Reporter) -> Any:
            reporter.report(1, val_loss=params["x"] ** 2, size=(params["x"] - 1) ** 2)

        metrics = ("val_loss", "size")
        front = quick_space("front", [{"metric": m, "direction": "minimize"} for m in metrics])
        study = self.search(tmp_path, objective, space=front)
        assert all(len(t.values) == 2 for t in study.trials)

    @pytest.mark.parametrize("strategy", ["pbt", "pb2"])
    def test_a_population_is_trained_with_its_lineage(self, tmp_path: Path, strategy: str) -> None:
        study = self.search(
            tmp_path, learning, strategy=strategy, population=4, interval=1, trials=8
        )
        copies = [t for t in study.trials if t.parent is not None]
        assert copies
        for copy in copies:
            assert copy.parent is not None
            parent, start = study.trials[copy.parent], copy.start_epoch
            assert copy.epochs[0].epoch == start + 1
            before = next(r for r in parent.epochs if r.epoch == start).metrics["val_loss"]
            assert copy.epochs[0].metrics["val_loss"] == before * factor(copy.params)
        assert _statuses(study).count(TrialStatus.COMPLETE) == 4
