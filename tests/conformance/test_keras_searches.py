"""Both engines train the same, to the last digit, with real Keras."""

from __future__ import annotations

import pytest

import autotrain
from autotrain.analysis.workspace import load_stored
from autotrain.api.confirm import confirm
from autotrain.errors import ConfigurationError
from autotrain.tuner.confirmation import recorded

SETTINGS = {"depth": 1, "width": 8, "batch_size": 128, "dropout.high": 0.2}


@pytest.fixture(scope="module")
def studies(ray_cluster, tmp_path_factory):
    """The same search by both engines, with one worker each."""
    runs = tmp_path_factory.mktemp("runs")

    def run(engine):
        return autotrain.search(
            "digits_cnn",
            engine=engine,
            study=engine,
            trials=4,
            epochs=3,
            workers=1,
            overrides=SETTINGS,
            runs=runs,
            display="none",
            **({} if engine == "ray" else {"gpus": "none"}),
        )

    return run("local"), run("ray")


def numbers(trial):
    """All metrics of all epochs but the times."""
    return [
        {name: value for name, value in record.metrics.items() if name != "train_seconds"}
        for record in trial.epochs
    ]


def test_configurations_states_and_metrics_are_the_same(studies):
    local, ray = studies
    assert [t.params for t in ray.trials] == [t.params for t in local.trials]
    assert [t.status for t in ray.trials] == [t.status for t in local.trials]
    assert {t.status for t in ray.trials} == {"COMPLETE", "PRUNED"}
    assert [t.values for t in ray.trials] == [t.values for t in local.trials]
    assert list(map(numbers, ray.trials)) == list(map(numbers, local.trials))


def test_the_best_model_is_handed_over(studies):
    local, ray = studies
    assert ray.paths.best_card.exists()
    assert ray.paths.best_model.stat().st_size == pytest.approx(
        local.paths.best_model.stat().st_size, rel=0.01
    )


def test_no_files_of_told_trials_are_left_behind(studies):
    for study in studies:
        for trial in study.trials:
            files = {path.name for path in study.paths.trial(trial.number).root.iterdir()}
            expected = {"config.yaml", "metrics.csv", "log"}
            assert files - {"weights", "facts.json", "validation.npz"} == expected


@pytest.mark.slow
def test_confirming_gives_the_same_on_either_engine(studies):
    runs = studies[0].paths.root.parent
    assert confirm(load_stored("local", runs), 1, 2, workers=1, gpus="none")
    assert confirm(
        load_stored("ray", runs), 1, 2, workers=1, engine="ray", storage_path=str(runs / "shared")
    )
    found = [recorded(study.paths.confirm) for study in studies]
    assert found[0] == found[1]
    assert [len(values) for values in found[0].values()] == [2]
    assert not [file for file in (runs / "shared").rglob("*") if file.is_file()]


def test_confirming_refuses_the_options_of_the_other_engine(studies):
    runs = studies[0].paths.root.parent
    with pytest.raises(ConfigurationError, match="--address is for --engine ray"):
        confirm(load_stored("local", runs), 1, 2, address="auto")
    with pytest.raises(ConfigurationError, match="--workers of --confirm"):
        confirm(load_stored("local", runs), 1, 2, workers=0)
