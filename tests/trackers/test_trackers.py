"""Copies of a study in TensorBoard and MLflow, read back with these tools' own readers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import cloudpickle
import pytest

import autotrain
from autotrain.engines.callbacks import Callback
from autotrain.errors import ConfigurationError, MissingExtraError
from autotrain.paths import StudyPaths, Workspace
from autotrain.testing.objectives import SPACE
from tracker_readers import READERS, client_of, need, read_tensorboard, runs_of


def objective(params, reporter):
    if params["x"] > 0.5:  # of 12 random ones in [-1, 1] some are, and always the same ones
        raise ValueError("x is too large")
    for epoch in range(1, reporter.epochs + 1):
        reporter.report(epoch, val_loss=params["x"] ** 2 + 1.0 / epoch, loss=1.0 / epoch)


class Notes(Callback):
    """Keeps notes, and can end the search as Ctrl-C twice does."""

    def __init__(self, epochs=None):
        self.texts, self.left = [], epochs

    def on_note(self, text):
        self.texts.append(text)

    def on_epoch(self, trial, epoch):
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt


cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import tests


def search(folder, **options):
    # Random: what is proposed, and so which trials fail, does not depend on who is faster.
    options = {"display": "none", "trials": 12, "workers": 0, "sampler": "random",
               "report": False, **options}  # fmt: skip
    return autotrain.search(SPACE, objective=objective, runs=folder, **options)


@pytest.fixture(params=READERS)
def tool(request):
    need(request.param)
    return request.param


def check(found, study):
    """That the tool has all of the study, and nothing twice."""
    assert sorted(found) == [trial.number for trial in study.trials]
    for trial in study.trials:
        curves, params, _ = found[trial.number]
        for metric in ("val_loss", "loss"):
            expected = [(r.epoch, pytest.approx(r.metrics[metric])) for r in trial.epochs]
            assert curves.get(metric, []) == expected
        if trial.values:
            best = (trial.best_epoch, pytest.approx(trial.values[0]))
            assert curves["best/val_loss"] == [best]
        assert params.keys() == trial.params.keys()
        assert float(params["x"]) == pytest.approx(trial.params["x"])
        assert params["kind"] == trial.params["kind"]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_tool_has_all_of_a_study(tmp_path, tool, workers, monkeypatch):
    notes = Notes()
    study = search(tmp_path, track=tool, workers=workers, callbacks=[notes])
    found = READERS[tool](tmp_path, monkeypatch)
    check(found, study)
    names = {"COMPLETE": "FINISHED", "FAIL": "FAILED",
             "PRUNED": "KILLED" if tool == "mlflow" else "FINISHED"}  # fmt: skip
    states = {trial.number: names[trial.status] for trial in study.trials}
    assert {number: state for number, (_, _, state) in found.items()} == states
    assert set(names) == {str(trial.status) for trial in study.trials}
    assert notes.texts == []


def test_an_interrupted_search_goes_on_where_the_tool_is(tmp_path, tool, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, track=tool, callbacks=[Notes(epochs=7)], pruner="none")
    found = READERS[tool](tmp_path, monkeypatch)
    assert sum(len(curves.get("val_loss", ())) for curves, _, _ in found.values()) == 7
    assert found[max(found)][2] != "FINISHED"
    study = search(tmp_path, track=tool, pruner="none")  # functions begin such a trial again
    check(READERS[tool](tmp_path, monkeypatch), study)


def test_a_killed_search_goes_on_where_the_tool_is(tmp_path, tool, monkeypatch):
    class Killer(Callback):
        left = 10

        def on_epoch(self, trial, epoch):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    call = cloudpickle.dumps(
        lambda: search(tmp_path, track=tool, callbacks=[Killer()], pruner="none")
    )
    code = "import sys, pickle; pickle.load(sys.stdin.buffer)()"
    killed = subprocess.run([sys.executable, "-c", code], input=call, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    study = search(tmp_path, track=tool, pruner="none")
    check(READERS[tool](tmp_path, monkeypatch), study)


@pytest.mark.parametrize("trials", [5, 8])
def test_what_was_not_tracked_before_is_sent_later(tmp_path, tool, trials, monkeypatch):
    search(tmp_path, trials=5)
    study = search(tmp_path, trials=trials, track=tool)
    check(READERS[tool](tmp_path, monkeypatch), study)


# TensorBoard's own.


def test_a_torn_event_is_written_again(tmp_path, monkeypatch):
    need("tensorboard")
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, track="tensorboard", callbacks=[Notes(epochs=6)], pruner="none")
    (file,) = StudyPaths(tmp_path / "quick").trial_events(1).glob("*")
    file.write_bytes(file.read_bytes()[:-5])
    study = search(tmp_path, track="tensorboard", pruner="none")
    check(read_tensorboard(tmp_path, monkeypatch), study)


def test_event_files_load_no_framework(tmp_path):
    need("tensorboard")
    code = (
        "import sys, autotrain\n"
        "space = autotrain.Space({'x': autotrain.Float(0, 1)}, 'loss', name='s')\n"
        "def f(params, reporter): reporter.report(1, loss=params['x'])\n"
        f"autotrain.search(space, objective=f, runs={str(tmp_path)!r}, trials=2, workers=0,\n"
        "                 report=False, track='tensorboard')\n"
        "print('LOADED', [m for m in ('tensorflow', 'keras', 'torch') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "LOADED []" in answer.stdout
    assert len(list(StudyPaths(tmp_path / "s").tensorboard.glob("*/*"))) == 2


# MLflow's own.


@pytest.mark.slow
def test_one_run_of_a_study_with_the_files_of_the_best(tmp_path):
    need("mlflow")
    options = {"runs": tmp_path, "epochs": 1, "workers": 1, "gpus": "none", "track": "mlflow",
               "overrides": {"depth": 1, "width": 8}, "display": "none"}  # fmt: skip
    autotrain.search("digits_cnn", trials=1, **options)
    before = runs_of(tmp_path)[0]
    study = autotrain.search("digits_cnn", trials=2, **options)
    parent, trials = runs_of(tmp_path)
    assert parent.info.run_id == before.info.run_id
    assert (parent.info.status, len(trials)) == ("FINISHED", 2)
    assert parent.data.params["data"] == "digits"
    assert parent.data.metrics["best/val_accuracy"] == study.best_value
    assert {"loss", "val_loss", "accuracy", "val_accuracy"} <= trials[0].data.metrics.keys()
    client = client_of(tmp_path)
    files = [f.path for folder in (None, "best")
             for f in client.list_artifacts(parent.info.run_id, folder)]  # fmt: skip
    assert sorted(files) == [
        "best", "best/model.json", "best/model.keras", "config.yaml", "report.html"
    ]  # fmt: skip
    (copy,) = Workspace(tmp_path).mlflow_artifacts.rglob("model.keras")
    assert copy.read_bytes() == study.paths.best_model.read_bytes()


def test_a_server_is_sent_what_its_messages_hold(tmp_path, monkeypatch):
    """A local store takes a number where the messages to a server take texts alone."""
    need("mlflow")
    import mlflow
    from mlflow.entities import RunTag

    class Strict(mlflow.MlflowClient):
        def create_run(self, experiment_id, tags, **options):
            for key, value in tags.items():
                RunTag(key, value).to_proto()
            return super().create_run(experiment_id, tags=tags, **options)

        def set_tag(self, run_id, key, value):
            RunTag(key, value).to_proto()
            super().set_tag(run_id, key, value)

        def log_batch(self, run_id, metrics=(), params=()):
            for entity in (*metrics, *params):
                entity.to_proto()
            super().log_batch(run_id, metrics, params)

    monkeypatch.setattr(mlflow, "MlflowClient", Strict)
    notes = Notes()
    options = {"pruner": "none", "strategy": "pbt", "population": 4, "interval": 1}
    study = search(tmp_path, track="mlflow", callbacks=[notes], **options)
    monkeypatch.undo()
    assert notes.texts == []
    origins = {int(r.data.tags["autotrain.trial"]): r.data.tags.get("autotrain.parent")
               for r in runs_of(tmp_path)[1]}  # fmt: skip
    assert origins == {
        t.number: str(t.parent) if t.parent is not None else None for t in study.trials
    }


def test_an_interrupted_study_is_scheduled(tmp_path):
    need("mlflow")
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, track="mlflow", callbacks=[Notes(epochs=6)], pruner="none")
    assert runs_of(tmp_path)[0].info.status == "SCHEDULED"


def test_without_a_server_the_search_is_whole_and_tells_so(tmp_path, monkeypatch):
    need("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    notes = Notes()
    study = search(tmp_path, track="mlflow", callbacks=[notes])
    assert len(study.trials) == 12
    failed, missing = notes.texts
    assert failed.startswith("tracking with mlflow failed; the search goes on")
    assert "127.0.0.1" in failed
    assert "the same search again with --track mlflow sends the rest" in missing


def test_an_address_that_mlflow_does_not_know_is_refused(tmp_path, monkeypatch):
    need("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nosuch://place")
    with pytest.raises(ConfigurationError, match="MLFLOW_TRACKING_URI=nosuch://place cannot be"):
        search(tmp_path, track="mlflow")


# Names.


def test_an_unknown_tool_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(ConfigurationError, match=r"--track must be one of tensorboard, mlflow, got 'ten.*"
                       "did you mean 'tensorboard'"):  # fmt: skip
        search(tmp_path, track="tensorbord")
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setattr("autotrain.registry.find_spec", lambda name: None)
    with pytest.raises(
        MissingExtraError, match=r"--track mlflow .*pip install 'autotrain\[mlflow\]'"
    ):
        search(tmp_path, track="mlflow")
    assert not list(tmp_path.iterdir())
