"""A search with objects instead of names: samplers, pruners and trackers of Optuna's and of one's own."""

from __future__ import annotations

import optuna
import pytest

import autotrain
from autotrain.errors import ConfigurationError, SearchFailedError
from autotrain.testing.objectives import SPACE, quick
from autotrain.trial import TrialStatus


def search(folder, **options):
    quiet = {"report": False, "display": "none", "runs": folder, "workers": 0, "trials": 12}
    return autotrain.search(SPACE, objective=quick, **{**quiet, **options})


@pytest.mark.parametrize("workers", [0, 2])
def test_objects_of_optuna_decide(tmp_path, workers):
    class Sampler(optuna.samplers.RandomSampler):
        def sample_independent(self, study, trial, name, distribution):
            asked.append(name)
            return super().sample_independent(study, trial, name, distribution)

    asked = []
    pruner = optuna.pruners.MedianPruner(n_startup_trials=2)
    study = search(tmp_path, sampler=Sampler(seed=1), pruner=pruner, workers=workers)
    assert len(study.trials) == 12
    assert {trial.status for trial in study.trials} == {TrialStatus.COMPLETE, TrialStatus.PRUNED}
    assert asked.count("x") == 12
    assert study.settings.pruner == "MedianPruner"
    assert study.settings.about["sampler"] == "Sampler"


def test_a_search_with_objects_goes_on_with_objects(tmp_path):
    for trials in (4, 8):
        sampler, pruner = optuna.samplers.TPESampler(seed=1), optuna.pruners.NopPruner()
        study = search(tmp_path, sampler=sampler, pruner=pruner, trials=trials)
    assert [trial.status for trial in study.trials] == [TrialStatus.COMPLETE] * 8


def test_objects_of_ones_own_decide(tmp_path):
    class Steps(autotrain.Sampler):
        def suggest(self, study, number, seed):
            return {"x": number / 10, "kind": "b"}

    class First(autotrain.Scheduler):
        def decide(self, study, trial):
            return autotrain.Decision.STOP if trial.number else autotrain.Decision.CONTINUE

    class Seen:
        def __init__(self):
            self.trials, self.ends = {}, []

        def connect(self):
            pass

        def record(self, trial):
            self.trials[trial.number] = trial

        def end(self, best, status):
            self.ends.append((best.number, status))

    seen = Seen()
    study = search(tmp_path, sampler=Steps(), pruner=First(), track=seen, trials=3)
    assert [trial.params for trial in study.trials] == [
        {"x": i / 10, "kind": "b"} for i in range(3)
    ]
    assert [len(trial.epochs) for trial in study.trials] == [4, 1, 1]
    assert [seen.trials[i].status for i in range(3)] == ["COMPLETE", "PRUNED", "PRUNED"]
    assert seen.ends == [(0, "COMPLETE")]


@pytest.mark.parametrize("option", ["sampler", "pruner"])
def test_what_is_none_is_answered_with_what_is(tmp_path, option):
    with pytest.raises(ConfigurationError, match=rf"{option} must be one of .*, got 3") as error:
        search(tmp_path, **{option: 3})
    assert "Optuna" in str(error.value)
    assert not (tmp_path / "quick").exists()


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("answer", [None, True, "prune", 1])
def test_a_decision_that_nobody_understands_ends_the_search(tmp_path, answer, workers):
    class Wrong:
        def decide(self, study, trial):
            return answer

    with pytest.raises(
        SearchFailedError, match="the pruner Wrong must decide by CONTINUE, PAUSE"
    ) as e:
        search(tmp_path, pruner=Wrong(), workers=workers)
    assert f"got {answer!r} for trial 0" in str(e.value)


def test_a_step_that_is_none_ends_the_search(tmp_path):
    class Wrong(autotrain.Scheduler):
        def next(self, study):
            return 3

    with pytest.raises(
        SearchFailedError, match=r"the scheduler Wrong must answer `next` with .* got 3"
    ):
        search(tmp_path, pruner=Wrong())


def test_an_object_with_decide_alone_is_a_pruner(tmp_path):
    class Word:
        def decide(self, study, trial):
            return "stop"

    study = search(tmp_path, pruner=Word(), trials=2)
    assert [len(trial.epochs) for trial in study.trials] == [1, 1]
