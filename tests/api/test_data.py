"""Data on its way from the options of a search to a trial's configuration and back."""

from __future__ import annotations

import click.testing
import pytest
import yaml

from autotrain.api.data import with_data
from autotrain.api.options import SearchOptions, settings_of
from autotrain.api.train import _data
from autotrain.cli.search import command
from autotrain.errors import ConfigurationError, DataError, SpaceError, StudyChangedError
from autotrain.paths import Workspace
from autotrain.space import Space, to_yaml
from autotrain.storage.settings import check_unchanged, read_settings, write_settings


@pytest.fixture
def table(tmp_path):
    rows = [f"{i % 7},{'abc'[i % 3]},{i % 2},{i % 5}" for i in range(80)]
    path = tmp_path / "weather.csv"
    path.write_text("wind,sky,rain,day\n" + "\n".join(rows))
    return path


def space(model="mlp", **data) -> Space:
    raw = {
        "name": "mine",
        "model": model,
        "objective": "val_accuracy",
        "parameters": {"depth": {"int": [1, 2]}},
    }
    return Space.from_dict({**raw, "data": data} if data else raw)


def test_target_of_the_options_wins_and_is_kept(table, tmp_path):
    options = SearchOptions(data=str(table), target="rain", backend="tensorflow")
    mine = space(source="iris", target="sky", ignore=["day"], test=0.3)
    used, info = with_data(mine, options, Workspace(tmp_path))
    assert info.class_names == ("0", "1")
    assert [c.name for c in info.columns] == ["wind", "sky"]
    assert used.data is not None
    assert (used.data.source, used.data.target) == (str(table), "rain")
    assert (used.data.ignore, used.data.test) == (("day",), 0.3)
    assert Space.from_dict(yaml.safe_load(to_yaml(used))) == used
    assert settings_of(used, options, info).name == "mine-weather"


@pytest.mark.parametrize("target", [3, -2, ["rain"], ("3",)])
def test_target_may_be_a_position_or_a_list(table, tmp_path, target):
    options = SearchOptions(data=str(table), target=target, backend="tensorflow")
    assert with_data(space(), options, Workspace(tmp_path))[1].class_names == ("0", "1")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"target": "rian"}, DataError, "did you mean 'rain'"),
        ({}, DataError, "named with --target"),
        ({"target": 0.9}, SpaceError, "target must be a string, got 0.9"),
        ({"target": []}, SpaceError, "target must name a column"),
        ({"data": "iris", "target": "rain"}, DataError, "target can be said of a table .* only"),
    ],
)
def test_target_mistakes(table, tmp_path, options, error, message):
    chosen = SearchOptions(**{"data": str(table), "backend": "tensorflow", **options})
    with pytest.raises(error, match=message):
        with_data(space(), chosen, Workspace(tmp_path))


def test_table_for_a_model_of_images_is_refused(table, tmp_path):
    options = SearchOptions(data=str(table), target="rain", backend="tensorflow")
    with pytest.raises(ConfigurationError, match=r"'cnn' reads image data, but .* is tabular"):
        with_data(space("cnn"), options, Workspace(tmp_path))


def test_configuration_of_a_trial_finds_its_data_again(table, tmp_path):
    workspace = Workspace(tmp_path / "runs")
    options = SearchOptions(data=str(table), target="rain", seed=3, backend="tensorflow")
    used, info = with_data(space(), options, workspace)
    raw = {
        "data": used.to_dict()["data"],
        "data_seed": 3,
        "task": info.task,
        "modality": info.modality,
        "fingerprint": info.fingerprint,
    }
    raw = yaml.safe_load(yaml.safe_dump(raw))
    assert _data(raw, tmp_path / "config.yaml", workspace)[1] == info
    first = {key: raw[key] for key in raw if key not in ("task", "modality")}
    for old in (first, {**first, "goal": info.task, "kind": info.modality}):
        assert _data(old, tmp_path / "config.yaml", workspace)[1] == info
    with pytest.raises(DataError, match="is not what"):
        _data({**raw, "task": "regression"}, tmp_path / "config.yaml", workspace)
    with pytest.raises(
        ConfigurationError, match=r"task must be one of classification, .* got 'sorting'"
    ):
        _data({**raw, "task": "sorting"}, tmp_path / "config.yaml", workspace)


def test_study_file_keeps_columns_and_notices_another_target(table, tmp_path):
    workspace = Workspace(tmp_path / "runs")

    def settings(target):
        options = SearchOptions(data=str(table), target=target, backend="tensorflow")
        used, info = with_data(space(), options, workspace)
        return settings_of(used, options, info)

    first = settings("rain")
    write_settings(tmp_path / "study.yaml", first)
    stored = read_settings(tmp_path / "study.yaml")
    assert stored.data == first.data
    check_unchanged(stored, settings("3"))
    with pytest.raises(StudyChangedError, match=r"data\.fingerprint") as caught:
        check_unchanged(stored, settings("sky"))
    assert "columns" not in str(caught.value)


def test_search_command_has_both_options():
    shown = click.testing.CliRunner().invoke(command, ["--help"]).output
    assert "--target COLUMN" in shown
    assert "--stop-at VALUE" in shown
