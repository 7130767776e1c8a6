"""Windows of a table in time order: each within its part, none of them sees what comes after it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from autotrain.data import (
    data_folder,
    describe,
    open_arrays,
    open_series,
    open_test,
    prepare,
    task_of,
)
from autotrain.errors import DataError
from autotrain.space import DataSpec
from autotrain.tasks import task_named

ROWS = 100


def days(count=ROWS, form="%Y-%m-%d"):
    return [(date(2024, 1, 1) + timedelta(days=i)).strftime(form) for i in range(count)]


@pytest.fixture
def series(tmp_path):
    """A function that writes a table of columns and prepares it: its record, and its parts."""

    def make(columns, **options):
        path = tmp_path / "series.csv"
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
        path.write_text("\n".join(lines) + "\n")
        spec = DataSpec(
            source=str(path), **{"target": "load", "horizon": 3, "lookback": 5, **options}
        )
        info = prepare(spec, tmp_path / "cache", 0, "forecast", "sequence")
        folder = data_folder(tmp_path / "cache", info.fingerprint)
        arrays, (x, y) = open_arrays(folder), open_test(folder)
        parts = {
            "folder": folder,
            "train": (np.asarray(arrays.x_train), np.asarray(arrays.y_train)),
            "validation": (np.asarray(arrays.x_validation), np.asarray(arrays.y_validation)),
            "test": (np.asarray(x), np.asarray(y)),
        }
        return info, parts

    return make


# The row's own number as its value shows which rows a window has.
NUMBERED = {"day": days(), "load": range(ROWS)}


def test_windows_are_cut_inside_each_part_and_parts_follow_each_other(series):
    info, parts = series(NUMBERED)
    borders = {"train": (0, 64), "validation": (64, 80), "test": (80, 100)}
    for name, (first, end) in borders.items():
        x, y = parts[name]
        assert len(x) == end - first - 8 + 1
        np.testing.assert_array_equal(x[0, :, 0], range(first, first + 5))
        np.testing.assert_array_equal(y[0], range(first + 5, first + 8))
        assert x.min() == first
        assert y.max() == end - 1
        for window, target in zip(x, y, strict=True):
            np.testing.assert_array_equal([*window[:, 0], *target], window[0, 0] + np.arange(8))
    assert info.class_names == ("load +1", "load +2", "load +3")
    assert info.sizes == {"train": 57, "validation": 9, "test": 13}
    assert "79 windows of 5 rows of load, in the order of 'day', 3 steps ahead" in describe(info)


def test_the_naive_error_is_of_the_training_part_alone(series):
    values = [*np.arange(64) * 2.0, *np.arange(36) * 50.0]
    info, parts = series({"load": values, "more": range(ROWS)})
    assert info.series["naive_error"] == 2.0
    task, (_, y) = task_of(info), parts["validation"]
    found = task.references(*open_series(parts["folder"]), info.series)["naive"]
    assert task.evaluate(found, y)["mase"] == pytest.approx(100 / 2)


def test_rows_are_put_in_the_order_of_their_times(series):
    order = np.random.default_rng(0).permutation(ROWS)
    _, wanted = series(NUMBERED)
    shuffled = {name: [list(cells)[i] for i in order] for name, cells in NUMBERED.items()}
    info, found = series(shuffled)
    assert info.series["time"] == "day"
    np.testing.assert_array_equal(found["train"][0], wanted["train"][0])


@pytest.mark.parametrize(
    ("form", "known"),
    [
        ("%d.%m.%Y", "%d.%m.%Y"),
        ("%m/%d/%Y", "%m/%d/%Y"),
        ("%d/%m/%Y", "%d/%m/%Y"),
        ("%Y-%m-%d 06:30", "ISO 8601"),
        ("%d %b %Y", "%d %b %Y"),
    ],
)
def test_times_are_read_in_the_usual_forms(series, form, known):
    info, parts = series({"when": days(form=form), "load": range(ROWS)})
    assert (info.series["time"], info.series["time_format"]) == ("when", known)
    np.testing.assert_array_equal(parts["train"][0][0, :, 0], range(5))


def test_numbers_are_times_where_they_are_said_to_be(series):
    info, parts = series({"year": range(2100, 2000, -1), "load": range(ROWS)}, time="year")
    assert [column.name for column in info.columns] == ["load"]
    np.testing.assert_array_equal(parts["train"][0][0, :, 0], range(99, 94, -1))


def test_known_columns_reach_into_the_future_and_no_others(series):
    table = {"holiday": np.arange(ROWS) % 2, "rain": np.arange(ROWS) + 500, "load": range(ROWS)}
    info, parts = series(table, known=("holiday",))
    x, y = parts["train"]
    assert [column.name for column in info.columns] == ["load", "rain", "holiday"]
    assert info.input_shape == (8, 3)
    assert np.isnan(x[:, 5:, :2]).all()
    np.testing.assert_array_equal(x[0, :, 2], [0, 1, 0, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal(x[0, :5, 1], range(500, 505))
    np.testing.assert_array_equal(y[0], [5, 6, 7])


def test_windows_without_all_targets_are_left_out_and_gaps_before_them_kept(series):
    values = list(map(str, range(ROWS)))
    values[20] = ""
    info, parts = series({"load": values, "more": range(ROWS)})
    x, y = parts["train"]
    assert info.dropped == 3
    assert not np.isnan(y).any()
    assert np.isnan(x[:, :, 0]).sum() == 5
    assert info.sizes["train"] == 57 - 3


def test_gaps_in_time_are_counted(series):
    when = days(ROWS + 10)
    del when[30:40]
    info, _ = series({"day": when, "load": range(ROWS)})
    assert info.series["gaps"] == 1
    assert "1 gap in time" in describe(info)


def test_text_is_left_out_and_said(series):
    table = {**NUMBERED, "town": ["here", "there"] * 50}
    info, _ = series(table)
    assert info.left_out == {"town": "text, and series are of numbers"}


def test_lookback_is_four_horizons_unless_it_is_said(series):
    assert series(NUMBERED, lookback=None, horizon=1)[0].input_shape == (4, 1)


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (NUMBERED, {"horizon": None}, "data.horizon must say how many steps"),
        (NUMBERED, {"season": 65}, "data.season must fit in the training part of 64 rows, got 65"),
        (
            NUMBERED,
            {"lookback": 14},
            "validation part of the series has 16 rows, and no window of 17",
        ),
        (NUMBERED, {"lookback": 98}, "100 rows are too few for a window of 101"),
        (NUMBERED, {"target": "day,load"}, "a forecast has one target, got day, load"),
        (NUMBERED, {"target": "day"}, "the column 'day' holds text"),
        (NUMBERED, {"known": ("load",)}, "data.known names columns besides target and time"),
        (
            {**NUMBERED, "day": ["2024-01-01", *days(ROWS - 1)]},
            {},
            "each time must come once, and rows 1 and 2 have the same",
        ),
        ({**NUMBERED, "day": ["tomorrow"] * ROWS}, {"time": "day"}, "must hold times such as"),
        ({"load": [3] * 64 + [*range(36)], "x": range(ROWS)}, {}, "must vary in its training part"),
    ],
)
def test_what_cannot_be_forecast_is_refused(series, columns, options, message):
    with pytest.raises(DataError, match=message):
        series(columns, **options)


def test_days_and_months_that_cannot_be_told_apart_are_refused(series):
    when = [f"{day:02}/{month:02}/{year}" for year in (2024, 2023) for month in (2, 1, 4, 3, 5)
            for day in range(1, 11)]  # fmt: skip
    with pytest.raises(DataError, match=r"can be read as %m/%d/%Y or %d/%m/%Y: write them as 2024"):
        series({"day": when, "load": range(ROWS)})


@pytest.mark.parametrize(
    ("name", "options", "task", "message"),
    [
        ("t.csv", {"target": "b", "horizon": 3}, "regression",
         r"data\.horizon is for forecasts, and the task is regression"),
        ("t.npz", {}, "forecast", "a forecast is made from a table in time order"),
    ],
)  # fmt: skip
def test_what_is_said_of_series_is_for_forecasts(tmp_path, name, options, task, message):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    np.savez(tmp_path / "t.npz", x=np.zeros((9, 2)), y=np.zeros(9))
    spec = DataSpec(source=str(tmp_path / name), **options)
    with pytest.raises(DataError, match=message):
        prepare(spec, tmp_path, 0, task, "sequence")


def test_the_real_series_has_the_naive_error_that_numpy_gives(shared_data, tmp_path):
    path = shared_data / "series/daily-min-temperatures.csv"
    values = np.loadtxt(path, delimiter=",", skiprows=1, usecols=1)
    spec = DataSpec(source=str(path), target="Temp", horizon=7, lookback=28)
    info = prepare(spec, tmp_path, 0, "forecast", "sequence")
    assert info.series["naive_error"] == pytest.approx(np.abs(np.diff(values[:2336])).mean())
    arrays = open_arrays(data_folder(tmp_path, info.fingerprint))
    values, first = open_series(data_folder(tmp_path, info.fingerprint))
    found = task_named("forecast").references(values, first, info.series)["naive"]
    part = values[2336:2920]
    wanted = [np.abs(part[i : i + 7] - part[i - 1]).mean() for i in range(28, len(part) - 6)]
    mae = np.abs(found - np.asarray(arrays.y_validation)).mean()
    assert mae == pytest.approx(np.mean(wanted), rel=1e-5)
