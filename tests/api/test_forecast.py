"""A forecast from the search to the next values: report, export, prediction and evaluation."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import autotrain
from autotrain.analysis.workspace import load_stored
from autotrain.api.data import with_data
from autotrain.api.options import SearchOptions
from autotrain.api.report import write_report
from autotrain.data import data_folder, open_arrays
from autotrain.errors import DataError
from autotrain.paths import Workspace


@pytest.fixture(scope="module")
def model(exported):
    return exported("series", "keras")[0]


def test_the_report_has_naive_forecasts_on_the_same_windows(searched, studies):
    searched("series")
    study = load_stored("series", studies / "runs")
    page = write_report(study, studies / "report.html", gpus="none").read_text("utf-8")
    text = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page))
    assert "model val_mae val_rmse val_mase" in text
    values = np.loadtxt(studies / "series.csv", delimiter=",", skiprows=1, usecols=1)
    part = values[128:160]  # of 200 rows: 40 for the test, then 32
    ends = range(8, len(part) - 2)
    naive = np.mean([np.abs(part[i : i + 3] - part[i - 1]).mean() for i in ends])
    season = np.mean([np.abs(part[i : i + 3] - part[i - 7 : i - 4]).mean() for i in ends])
    scale = np.abs(np.diff(values[:128])).mean()
    shown = {name: re.search(rf" {name} ([\d.]+) [\d.]+ ([\d.]+) ", text) for name in
             ("naive", r"seasonal naive \(7 steps\)")}  # fmt: skip
    for found, mae in zip(shown.values(), (naive, season), strict=True):
        assert float(found[1]) == pytest.approx(mae, rel=1e-3)
        assert float(found[2]) == pytest.approx(mae / scale, rel=1e-3)
    assert "One step ahead, over time" in text


def test_a_forecast_can_be_searched_for_by_its_scaled_error(studies, tmp_path):
    changes = {"objective.metric": "val_mase", "data.horizon": 3, "data.lookback": 8}
    space = autotrain.load_space("forecast").with_overrides(changes)
    options = SearchOptions(data=str(studies / "series.csv"), target="load")
    _, info = with_data(space, options, Workspace(tmp_path))
    assert info.series["naive_error"] > 0


def test_new_rows_are_answered_with_the_next_values(model, studies, tmp_path):
    frame = pd.read_csv(studies / "series.csv")
    frame.loc[190:, ["load", "rain"]] = np.nan
    frame.iloc[100:].to_csv(tmp_path / "new.csv", index=False)
    answer = autotrain.predict(model, tmp_path / "new.csv")
    assert list(answer.columns) == ["example", "load +1", "load +2", "load +3", "problem"]
    assert answer["example"].tolist() == ["2024-07-08"]
    days = frame.iloc[100:].assign(day=lambda rows: pd.to_datetime(rows["day"]))
    again = autotrain.predict(model, days)
    pd.testing.assert_frame_equal(again.iloc[:, 1:], answer.iloc[:, 1:])
    # The window that training prepared of the same rows, but for what is not known yet.
    study = load_stored("series", studies / "runs")
    whole = np.loadtxt(studies / "series.csv", delimiter=",", skiprows=1, usecols=(1, 3))
    rain = pd.read_csv(studies / "series.csv")["rain"].to_numpy()
    window = np.full((1, 11, 3), np.nan, "float32")
    window[0, :8, 0], window[0, :, 2] = whole[182:190, 0], whole[182:193, 1]
    window[0, :8, 1] = rain[182:190]
    folder = data_folder(studies / "runs" / ".data", study.settings.prepared.fingerprint)
    assert open_arrays(folder).x_train.shape[1:] == window.shape[1:]
    wanted = autotrain.predict(model, window)
    np.testing.assert_allclose(answer.iloc[0, 1:4].astype(float), wanted.iloc[0, 1:4].astype(float))


def test_the_future_of_known_columns_is_asked_for(model, studies):
    with pytest.raises(DataError, match="holiday must be known for 3 rows after the last value"):
        autotrain.predict(model, studies / "series.csv")


def test_a_table_in_time_order_is_evaluated_window_by_window(model, studies, tmp_path):
    frame = pd.read_csv(studies / "series.csv").iloc[160:]
    frame[["holiday", "load", "rain", "day"]].assign(more=1).to_csv(tmp_path / "t.csv", index=False)
    found = autotrain.evaluate(model, tmp_path / "t.csv")
    assert len(found.predictions.targets) == 40 - 11 + 1
    scale = load_stored("series", studies / "runs").settings.prepared.series["naive_error"]
    assert found.metrics["mase"] == pytest.approx(found.metrics["mae"] / scale)
