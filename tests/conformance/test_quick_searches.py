"""One behaviour, whatever places the workers: the suite of engines, run over ours."""

from __future__ import annotations

import pytest

from autotrain.engines import ENGINES
from autotrain.testing.engines import EngineSuite


class TestLocalEngine(EngineSuite):
    engine = "local"


@pytest.mark.usefixtures("ray_cluster")
class TestRayEngine(EngineSuite):
    engine = "ray"


def test_every_engine_that_trains_in_workers_is_tested_here():
    assert {TestLocalEngine.engine, TestRayEngine.engine} == set(ENGINES.names())


@pytest.mark.usefixtures("ray_cluster")
@pytest.mark.parametrize("engine", ENGINES.names())
def test_a_tracked_search_leaves_event_files_of_every_trial(tmp_path, engine):
    pytest.importorskip("tensorboard", reason="pip install 'autotrain[tensorboard]'")
    from autotrain.trackers.tensorboard import read_events

    suite = EngineSuite()
    suite.engine = engine
    study = suite.search(tmp_path, track="tensorboard")
    for trial in study.trials:
        (file,) = study.paths.trial_events(trial.number).iterdir()
        scalars = [(event.step, value.simple_value) for event in read_events(file)
                   for value in event.summary.value if value.tag == "val_loss"]  # fmt: skip
        expected = [(r.epoch, pytest.approx(r.metrics["val_loss"])) for r in trial.epochs]
        assert scalars == expected
