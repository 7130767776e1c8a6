"""The local engine with real worker processes, killed for real."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

import autotrain
from autotrain import TrialStatus


def load(tmp_path, name="quick"):
    return autotrain.load_study(name, tmp_path / "runs")


def states(tmp_path, name="quick"):
    return [trial.status for trial in load(tmp_path, name).trials]


STUCK = """
    def stuck(params, reporter):
        (folder / "started").touch()
        time.sleep(3600)

    search(stuck)
"""


def workers_of(pid):
    return [
        p for p in psutil.Process(pid).children() if "autotrain.engines.local.main" in p.cmdline()
    ]


@pytest.mark.parametrize("workers", [0, 1])
def test_search_of_a_function_ends_with_exactly_n_finished_trials(script, tmp_path, workers):
    script(f"search(workers={workers}, pruner='asha')").run()
    found = states(tmp_path)
    assert len(found) == 8
    assert set(found) <= {TrialStatus.COMPLETE, TrialStatus.PRUNED}
    assert {TrialStatus.COMPLETE, TrialStatus.PRUNED} <= set(found)


def test_unguarded_script_lambda_and_closure_work(script, tmp_path):
    body = """
        factor = 3.0
        search(lambda params, reporter: factor * params["x"] ** 2, trials=3)
        print("ran once")
    """
    assert script(body).run().count("ran once") == 1
    study = load(tmp_path)
    assert [t.values[0] for t in study.trials] == [3.0 * t.params["x"] ** 2 for t in study.trials]


@pytest.mark.parametrize("workers", [0])
def test_an_infeasible_configuration_is_no_crash(script, tmp_path, workers):
    body = f"""
        from autotrain.errors import InfeasibleError
        def objective(params, reporter):
            if params["x"] > 0:
                raise InfeasibleError("x is at most 0, got a positive one")
            quick(params, reporter)
        search(objective, pruner="none", sampler="random", seed=3, workers={workers})
    """
    output = script(body).run()
    study = load(tmp_path)
    for trial in study.trials:
        reason = trial.infeasible or None
        assert (trial.status is TrialStatus.FAIL) == (trial.params["x"] > 0) == (reason is not None)
        assert reason in (None, "x is at most 0, got a positive one")
    assert len({t.status for t in study.trials}) == 2
    assert "FAIL (infeasible: x is at most 0, got a positive one)" in output


def test_nan_fails_the_trial_with_the_epoch_named(script, tmp_path):
    body = """
        def objective(params, reporter):
            reporter.report(val_loss=1.0)
            reporter.report(val_loss=float("nan") if params["x"] > 0 else 0.5)
        search(objective, pruner="none", sampler="random", seed=3)
    """
    script(body).run()
    errors = {t.error for t in load(tmp_path).trials if t.status is TrialStatus.FAIL}
    assert errors == {"val_loss became nan in epoch 2"}


def test_trial_that_costs_three_workers_fails_alone(script, tmp_path):
    body = """
        def objective(params, reporter):
            if params["x"] > 0.5:
                os._exit(9)
            quick(params, reporter)
        search(objective, pruner="none", sampler="random", seed=1, trials=6)
    """
    script(body).run()
    for trial in load(tmp_path).trials:
        assert (trial.status is TrialStatus.FAIL) == (trial.params["x"] > 0.5)
        if trial.status is TrialStatus.FAIL:
            assert "cost 3 workers" in trial.error
            assert "status 9" in trial.error


def test_coordinator_killed_halfway_and_run_again(script, tmp_path, wait_until):
    child = script("search(slow, pruner='asha', trials=12)")
    process = child.start()
    wait_until(lambda: _finished(tmp_path) + _paused(tmp_path) >= 4)
    workers = workers_of(process.pid)
    assert workers
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive, "workers outlive their coordinator"
    before = {t.number: t for t in load(tmp_path).trials if t.is_finished}
    child.run()
    after = load(tmp_path)
    assert len(after.trials) == 12
    assert all(trial.is_finished for trial in after.trials)
    assert all(after.trials[number] == trial for number, trial in before.items())
    for trial in after.trials:
        assert [record.epoch for record in trial.epochs] == list(range(1, trial.last_epoch + 1))


def _finished(tmp_path):
    try:
        return sum(state.is_finished for state in states(tmp_path))
    except autotrain.AutotrainError:
        return 0


def _paused(tmp_path):
    try:
        return sum(trial.paused for trial in load(tmp_path).trials)
    except autotrain.AutotrainError:
        return 0


def test_killed_and_resumed_search_proposes_what_the_uninterrupted_one_does(
    script, tmp_path, wait_until
):
    killed = script("search(slow, trials=16, workers=1, study='killed')")
    process = killed.start()
    wait_until(lambda: (tmp_path / "runs/killed/trials/6/metrics.csv").exists())
    process.kill()
    process.wait()
    killed.run()
    script("search(quick, trials=16, workers=1, study='whole')").run()
    one, other = load(tmp_path, "killed"), load(tmp_path, "whole")
    assert [t.params for t in one.trials] == [t.params for t in other.trials]
    assert [t.status for t in one.trials] == [t.status for t in other.trials]


def test_ctrl_c_once_checkpoints_and_the_same_call_resumes(script, tmp_path, wait_until):
    child = script("search(slow, trials=8)")
    process = child.start()
    wait_until((tmp_path / "started").exists)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert "stopping: running trials finish their epoch" in output
    assert process.returncode != 0
    assert not all(state.is_finished for state in states(tmp_path))
    child.run()
    assert len(states(tmp_path)) == 8
    assert all(state.is_finished for state in states(tmp_path))


def test_ctrl_c_twice_leaves_within_two_seconds(script, tmp_path, wait_until):
    process = script(STUCK).start()
    wait_until((tmp_path / "started").exists)
    workers = workers_of(process.pid)
    process.send_signal(signal.SIGINT)
    wait_until(lambda: "stopping" in process.stdout.readline())
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert time.monotonic() - began < 2
    assert not psutil.wait_procs(workers, timeout=5)[1]
    assert all(not state.is_finished for state in states(tmp_path))


def test_total_at_or_below_what_exists_starts_nothing(script, tmp_path):
    script("search(trials=8)").run()
    stamp = (tmp_path / "runs/quick/trials/7/metrics.csv").stat().st_mtime_ns
    script("search(trials=5)").run()
    assert len(states(tmp_path)) == 8
    assert (tmp_path / "runs/quick/trials/7/metrics.csv").stat().st_mtime_ns == stamp
    script("search(trials=10)").run()
    assert len(states(tmp_path)) == 10


def test_second_owner_is_refused_with_pid_and_host(script, tmp_path, wait_until):
    process = script(STUCK).start()
    wait_until((tmp_path / "started").exists)
    body = """
        try:
            search(quick)
        except autotrain.AutotrainError as error:
            print("REFUSED", error)
    """
    output = script(body).run()
    process.kill()
    process.wait()
    assert f"is being searched by process {process.pid} on {os.uname().nodename}" in output


def test_several_objectives_give_a_pareto_front(script, tmp_path):
    body = """
        SPACE = autotrain.Space({"x": autotrain.Float(0.0, 1.0)},
            [{"metric": "a", "direction": "minimize"}, {"metric": "b", "direction": "maximize"}],
            name="two", budget={"epochs": 1})
        autotrain.search(SPACE, objective=lambda p, r: r.report(a=p["x"], b=p["x"] ** 0.5),
                         workers=1, trials=5, runs=folder / "runs")
    """
    script(body).run()
    study = load(tmp_path, "two")
    assert sorted(t.number for t in study.best_trials) == [0, 1, 2, 3, 4]


def test_objective_that_reports_nothing_is_told_what_to_do(script, tmp_path):
    script("""
        try:
            search(lambda params, reporter: None, trials=5)
        except autotrain.AutotrainError:
            pass
    """).run()
    error = load(tmp_path).trials[0].error
    assert "neither reported an epoch nor returned a number" in error


def test_common_seed_is_one_for_all_and_otherwise_each_has_its_own(script, tmp_path):
    body = """
        for common in (False, True):
            seeds = []
            search(lambda p, r: seeds.append(r.seed) or 1.0, workers=0, trials=4,
                   study=f"s{common}", common_seed=common)
            print(common, len(set(seeds)))
    """
    output = script(body).run()
    assert "False 4" in output
    assert "True 1" in output
