"""The data of a study is found from any folder, wherever study and file have gone."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

import autotrain
from autotrain.api.data import prepare_again, with_data
from autotrain.api.options import SearchOptions, settings_of
from autotrain.api.train import train
from autotrain.errors import DataError
from autotrain.paths import Workspace
from autotrain.space import load_space


def write(path, count=120):
    rng = np.random.default_rng(0)
    lines = [f"{x:.3f},{'yes' if x > 0 else 'no'}" for x in rng.normal(size=count)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["x,target", *lines]) + "\n")
    return path


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with `data/rows.csv` and, begun in it, a study in `runs`: its settings."""
    write(tmp_path / "project" / "data" / "rows.csv")
    monkeypatch.chdir(tmp_path / "project")
    options = SearchOptions(data="data/rows.csv", study="s", backend="tensorflow")
    space, info = with_data(load_space("tabular_mlp"), options, Workspace(tmp_path / "runs"))
    shutil.move(tmp_path / "runs", tmp_path / "project" / "runs")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "project")
    return settings_of(space, options, info)


def forget(workspace):
    shutil.rmtree(workspace.data)
    return workspace


def test_prepared_data_serves_without_its_source(project, tmp_path, monkeypatch):
    (tmp_path / "project" / "data" / "rows.csv").unlink()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert prepare_again(project, Workspace(tmp_path / "project" / "runs")) == project.data


def test_source_is_found_from_another_folder(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "elsewhere")
    workspace = forget(Workspace(tmp_path / "project" / "runs"))
    assert prepare_again(project, workspace).fingerprint == project.data.fingerprint


def test_another_file_of_that_name_is_passed_over(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "elsewhere")
    write(tmp_path / "elsewhere" / "data" / "rows.csv", count=99)
    workspace = forget(Workspace(tmp_path / "project" / "runs"))
    assert prepare_again(project, workspace).fingerprint == project.data.fingerprint


def test_source_is_found_where_all_has_moved_together(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "elsewhere")
    shutil.move(tmp_path / "project", tmp_path / "renamed")
    workspace = forget(Workspace(tmp_path / "renamed" / "runs"))
    assert prepare_again(project, workspace).fingerprint == project.data.fingerprint


def test_source_is_found_where_only_the_study_has_moved(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "elsewhere")
    shutil.move(tmp_path / "project" / "runs", tmp_path / "elsewhere" / "deep")
    workspace = forget(Workspace(tmp_path / "elsewhere" / "deep"))
    assert prepare_again(project, workspace).fingerprint == project.data.fingerprint


def test_a_study_of_before_has_its_source_beside_its_runs(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "elsewhere")
    workspace = forget(Workspace(tmp_path / "project" / "runs"))
    old = replace(project, about={})
    assert prepare_again(old, workspace).fingerprint == project.data.fingerprint


def test_a_source_that_is_gone_is_named_with_the_option(project, tmp_path):
    workspace = forget(Workspace(tmp_path / "project" / "runs"))
    moved = shutil.move(tmp_path / "project" / "data" / "rows.csv", tmp_path / "new.csv")
    with pytest.raises(
        DataError, match=r"data of the study 's' .*data/rows.csv.*--data says where"
    ):
        prepare_again(project, workspace)
    found = prepare_again(project, workspace, str(moved))
    assert found.fingerprint == project.data.fingerprint
    assert prepare_again(project, workspace) == found


def test_data_that_is_another_is_refused(project, tmp_path):
    workspace = Workspace(tmp_path / "project" / "runs")
    other = write(tmp_path / "other.csv", count=99)
    with pytest.raises(DataError, match="is not what the study 's' was made with"):
        prepare_again(project, workspace, str(other))
    write(tmp_path / "project" / "data" / "rows.csv", count=99)
    with pytest.raises(DataError, match="is not what the study 's' was made with"):
        prepare_again(project, forget(workspace))


def test_a_study_is_used_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    write(tmp_path / "project" / "rows.csv")
    autotrain.search(
        "tabular_mlp", "rows.csv", study="s", trials=1, epochs=2, workers=1, pruner="none",
        gpus="none", display="none", report=False,
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "project" / "rows.csv").unlink()
    config = tmp_path / "project" / "runs" / "s" / "trials" / "0" / "config.yaml"
    assert train(config, gpus="none").first_difference is None
    assert not (tmp_path / "runs").exists()
    study = autotrain.load_study("s", "project/runs")
    assert study.leaderboard(gpus="none").entries
    assert study.report(baselines=True, gpus="none").exists()
    study.export("model", format="onnx", gpus="none")
    assert len(study.confirm(1, 2, gpus="none", workers=1).entries) == 1
