"""The end of a series as a model reads it: what training would have made of the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.serving.input_file import InputError
from autotrain.serving.sequence_reader import in_order, read, read_times, windows

SERIES = {"target": "load", "known": [], "time": "day", "time_format": "ISO 8601",
          "lookback": 3, "horizon": 2, "season": 0, "naive_error": 1.0}  # fmt: skip
TABLE = {"header": True, "width": 3, "targets": []}


def inputs(names, **series):
    columns = [{"name": name, "kind": "number", "levels": []} for name in names]
    known = {**SERIES, **series}
    steps = known["lookback"] + (known["horizon"] if known["known"] else 0)
    return {"modality": "sequence", "shape": [steps, len(names)], "dtype": "float32",
            "columns": columns, "tokens": "", "vocabulary": [], "strings": False,
            "table": TABLE, "series": known}  # fmt: skip


@pytest.fixture
def table(tmp_path):
    def write(*rows, head="day,load,rain"):
        path = tmp_path / "new.csv"
        path.write_text("\n".join([head, *rows]) + "\n")
        return path

    return write


DAYS = [f"2024-05-0{i},{i},{i * 10}" for i in range(1, 7)]


def test_the_last_rows_are_one_window(table):
    [(names, x, problems)] = read(inputs(["load", "rain"]), table(*DAYS))
    assert (names, problems) == (["2024-05-06"], [""])
    np.testing.assert_array_equal(x, [[[4, 40], [5, 50], [6, 60]]])


def test_rows_are_put_in_order_and_columns_found_by_name(table):
    rows = [",".join(reversed(row.split(","))) for row in DAYS[::-1]]
    [(names, x, _)] = read(inputs(["load", "rain"]), table(*rows, head="rain,load,day"))
    assert names == ["2024-05-06"]
    np.testing.assert_array_equal(x[0, :, 0], [4, 5, 6])


def test_rows_without_a_target_are_the_future_whose_columns_are_known(table):
    model = inputs(["load", "rain"], known=["rain"])
    [(names, x, _)] = read(
        model, table(*DAYS, "2024-05-07,,70", "2024-05-08,,80", "2024-05-09,,90")
    )
    assert names == ["2024-05-06"]
    np.testing.assert_array_equal(x[0, :, 1], [40, 50, 60, 70, 80])
    np.testing.assert_array_equal(x[0, :, 0], [4, 5, 6, np.nan, np.nan])


def test_times_may_be_as_in_training_or_as_a_frame_has_them(table):
    model = inputs(["load"], time_format="%d.%m.%Y")
    for rows in (DAYS, [f"0{i}.05.2024,{i},{i * 10}" for i in range(1, 7)]):
        [(_, x, _)] = read(model, table(*rows[::-1]))
        np.testing.assert_array_equal(x[0, :, 0], [4, 5, 6])


def test_without_times_the_rows_are_in_order(table):
    [(names, x, _)] = read(inputs(["load"], time=None), table(*DAYS))
    assert names == ["5"]
    np.testing.assert_array_equal(x[0, :, 0], [4, 5, 6])


@pytest.mark.parametrize("row", ["2024-05-07,many,70", "2024-05-07,7,many"])
def test_a_cell_that_is_no_number_is_a_problem_of_the_answer(table, row):
    [(_, _, problems)] = read(inputs(["load", "rain"]), table(*DAYS, row))
    assert "is no number: 'many'" in problems[0]


@pytest.mark.parametrize(
    ("known", "rows", "message"),
    [
        ([], DAYS[:2], "looks back 3 rows from the last value of 'load', and there are 2"),
        (["rain"], [*DAYS, "2024-05-07,,70"], "rain must be known for 2 rows .* got 1 rows"),
        (["rain"], [*DAYS, "2024-05-07,,70", "2024-05-08,,"], "rain must be known for 2 rows"),
        ([], [*DAYS, DAYS[0]], "each time must come once, and rows 1 and 7"),
        (
            [],
            [*DAYS, "tomorrow,7,70"],
            r"'day' must hold times as in training \(ISO 8601\) or as 2024",
        ),
    ],
)
def test_what_cannot_go_on_is_said(table, known, rows, message):
    with pytest.raises(InputError, match=message):
        list(read(inputs(["load", "rain"], known=known), table(*rows)))


def test_a_model_of_arrays_reads_no_table(table):
    model = inputs(["a", "b"])
    del model["series"]
    with pytest.raises(InputError, match=r"sequences of 3 steps with 2 features, as arrays"):
        list(read(model, table(*DAYS)))


def test_windows_have_what_is_known_ahead_and_nothing_else():
    values = np.arange(12, dtype="float32").reshape(6, 2)
    assert windows(values, 3, 2, 0)[:, :, 0].tolist() == [[0, 2, 4], [2, 4, 6]]
    found = windows(values, 3, 2, 1)
    np.testing.assert_array_equal(found[1, :, 1], [3, 5, 7, 9, 11])
    np.testing.assert_array_equal(found[1, :, 0], [2, 4, 6, np.nan, np.nan])


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["31.01.2024", "01.02.2024"], "%d.%m.%Y"),
        (["01/02/2024", "02/01/2024"], "%m/%d/%Y"),
        (["02/01/2024", "01/02/2024"], "%d/%m/%Y"),
        (["2024-01", "2024-02"], "%Y-%m"),
        (["2024-01-31T06:00:00+02:00", "2024-01-31T05:00:00+00:00"], "ISO 8601"),
        (["one", "two"], ""),
        (["2024-01-31", None], ""),
    ],
)
def test_the_form_of_times_is_the_one_in_which_they_rise(cells, form):
    times, found = read_times(cells)
    assert found == form
    if form:
        assert in_order("here", times).tolist() == [0, 1]
    else:
        assert times is None


def test_tables_without_a_header_are_read_by_position(table):
    model = {
        **inputs(["column 2"], time="column 1"),
        "table": {**TABLE, "header": False, "width": 2},
    }
    rows = [row.rpartition(",")[0] for row in DAYS]
    [(names, x, _)] = read(model, table(*rows[1:], head=rows[0]))
    assert names == ["2024-05-06"]
    np.testing.assert_array_equal(x[0, :, 0], [4, 5, 6])
