"""A worker that asks for it makes way for a fresh process; nothing is lost."""

from __future__ import annotations

import os

import autotrain
from autotrain.engines.callbacks import Callback
from autotrain.engines.coordinator import Coordinator
from autotrain.engines.local.launcher import LocalLauncher
from autotrain.engines.resources import Slot
from autotrain.paths import Workspace
from autotrain.storage.optuna_storage import open_storage, sqlite_url
from autotrain.storage.settings import FUNCTION, StudySettings
from autotrain.tuner.samplers import sampler_of
from autotrain.tuner.schedulers.base import NopScheduler
from autotrain.tuner.session import StudySession


class Mortal:
    """Opens a runner that is worn after two trials and reports its process id."""

    def signature(self, params):
        return None

    def problems(self, params):
        return []

    def tunable(self, parameter):
        return True

    def open(self):
        import os

        from autotrain.trial import Epoch

        class Runner:
            trials = 0

            def run(self, job, report):
                self.trials += 1
                report(Epoch(1, {"val_loss": float(os.getpid())}))
                return True

            def signatures(self):
                return []

            def is_worn(self):
                return self.trials >= 2

        return Runner()


def test_worn_worker_is_replaced_between_trials(tmp_path):
    import sys

    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    space = autotrain.Space({"x": autotrain.Float(0.0, 1.0)}, "val_loss", name="worn")
    settings = StudySettings("worn", space, 1, 0, "none", FUNCTION, id="1")
    workspace = Workspace(tmp_path)
    storage = open_storage(sqlite_url(workspace.database))
    session = StudySession(
        settings,
        workspace.study("worn"),
        storage,
        Travelling(),
        sampler_of("random"),
        NopScheduler(),
        trials=6,
    )
    engine = Coordinator([Slot(0, 1)], LocalLauncher("tensorflow", None, []))
    try:
        engine.run(session, Callback())
    finally:
        engine.close(at_once=True)
    pids = [int(trial.values[0]) for trial in session.trials.values()]
    assert len(pids) == 6
    assert len(set(pids)) == 3
    assert os.getpid() not in pids


class Travelling(Mortal):
    """Travels by value, for a worker cannot import this module."""

    def __reduce__(self):
        import cloudpickle

        return cloudpickle.loads, (cloudpickle.dumps(Mortal()),)
