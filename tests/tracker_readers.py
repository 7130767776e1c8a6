"""What TensorBoard and MLflow have of a study, read by these tools' own readers."""

from __future__ import annotations

import sys
import types

import pytest

from autotrain.paths import StudyPaths, Workspace


def need(tool):
    pytest.importorskip(tool, reason=f"{tool} is not installed: pip install 'autotrain[{tool}]'")


def read_tensorboard(folder, monkeypatch, study="quick"):
    # TensorBoard's readers without TensorFlow, whose import takes seconds.
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", types.ModuleType("notf"))
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import metadata as hparams

    found = {}
    for place in StudyPaths(folder / study).tensorboard.glob("*/"):
        events = EventAccumulator(str(place), size_guidance={"scalars": 0})
        events.Reload()
        curves = {
            tag: [(e.step, e.value) for e in events.Scalars(tag)]
            for tag in events.Tags()["scalars"]
        }
        about = events.SummaryMetadata(hparams.SESSION_START_INFO_TAG).plugin_data.content
        values = hparams.parse_session_start_info_plugin_data(about).hparams
        params = {name: getattr(v, v.WhichOneof("kind")) for name, v in values.items()}
        state = None
        if hparams.SESSION_END_INFO_TAG in events.PluginTagToContent("hparams"):
            about = events.SummaryMetadata(hparams.SESSION_END_INFO_TAG).plugin_data.content
            state = hparams.parse_session_end_info_plugin_data(about).status
        found[int(place.name)] = (curves, params, {1: "FINISHED", 2: "FAILED"}.get(state))
    return found


def client_of(folder):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{Workspace(folder).mlflow_database}")


def runs_of(folder):
    """The run of the study, and those of its trials."""
    client = client_of(folder)
    experiment = client.get_experiment_by_name("autotrain")
    runs = list(client.search_runs([experiment.experiment_id]))
    (parent,) = (run for run in runs if "autotrain.study_id" in run.data.tags)
    below = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert len(below) == len(runs) - 1
    return parent, below


def read_mlflow(folder, monkeypatch, study="quick"):
    client, found = client_of(folder), {}
    for run in runs_of(folder)[1]:
        curves = {}
        for tag in run.data.metrics:
            history = client.get_metric_history(run.info.run_id, tag)
            curves[tag] = [(metric.step, metric.value) for metric in history]
        number = int(run.data.tags["autotrain.trial"])
        assert number not in found
        found[number] = (curves, run.data.params, run.info.status)
    return found


READERS = {"tensorboard": read_tensorboard, "mlflow": read_mlflow}
