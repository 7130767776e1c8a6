"""What a cell means and what a text looks like, as decided for training and use alike."""

from __future__ import annotations

import io
import math
import re

import numpy as np
import pytest

from autotrain.serving.input_file import InputError
from autotrain.serving.table_layout import find_layout, is_header
from autotrain.serving.table_reader import fits, levels_in, number, numbers_in, spellings
from autotrain.serving.table_rows import SINGLE, Layout, Text, first_rows, rows_of


def text(content: str) -> Text:
    return Text("here", lambda: io.StringIO(content, newline=""))


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1", 1.0), ("-1e-3", -0.001), ("+.5", 0.5), ("inf", math.inf), ("", math.nan),
     ("NA", math.nan), ("nan", math.nan), ("\uff11", 1.0)],
)  # fmt: skip
def test_number_of_a_cell(cell, value):
    np.testing.assert_equal(number(cell), value)


@pytest.mark.parametrize("cell", ["tall", "1_000", "0x10", "1,5", "None"])
def test_number_of_other_cells_is_refused(cell):
    with pytest.raises(ValueError, match=re.escape(cell)):
        number(cell)


def test_numbers_of_a_column_name_the_rows_that_have_none():
    problems = [""] * 7
    cells = ["1", "?", "tall", "inf", "1e39", "-1e38", "1_000"]
    found = numbers_in("size", cells, problems)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(
        found, np.array([1, math.nan, math.nan, math.nan, math.nan, -1e38, math.nan], "float32")
    )
    assert problems == [
        "", "", "size is no number: 'tall'", "size must be finite and below 3e38: 'inf'",
        "size must be finite and below 3e38: '1e39'", "", "size is no number: '1_000'",
    ]  # fmt: skip


def test_fits_is_what_32_bits_can_hold():
    assert fits(np.array([3.4e38, 3.5e38, -math.inf, math.nan, 0.0])).tolist() == [
        True, False, False, True, True,
    ]  # fmt: skip


def test_levels_of_nothing_but_truth_values_have_one_spelling():
    assert levels_in(["true", None, "FALSE", "True"]) == ["True", None, "False", "True"]
    mixed = ["true", "maybe", None]
    assert levels_in(mixed) == mixed
    assert spellings(["False", "True"])["TRUE"] == "True"
    assert "true" not in spellings(["True", "maybe"])
    assert spellings([]) == {}


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        ("a,b\n1,2\n", Layout(",")),
        ('"size; cm","weight; kg; net",label\n1,2,x\n', Layout(",")),
        ('"size (h, w, d, in cm)";weight;target\n51.2;0.5;late\n', Layout(";")),
        ('label\ttext\nneg\t"nice late\npos\tgood\n', Layout("\t", 3)),
        ('label\ttext\nneg\t"nice\tlate"\npos\t"good"\n', Layout("\t")),
        ("text\nhello\n", SINGLE),
        ("", SINGLE),
    ],
)
def test_layout_is_that_of_most_rows(content, layout):
    assert find_layout(text(content)) == layout


def test_an_open_quote_late_in_a_long_text_is_seen():
    rows = [f"{'neg' if i % 2 else 'pos'}\tword {i}" for i in range(5000)]
    rows[-1] = 'pos\t"open'
    layout = find_layout(text("\n".join(rows)))
    assert layout.quoting == 3
    assert len(list(rows_of(text("\n".join(rows)), layout))) == 5000


def test_rows_have_their_lines():
    found = list(rows_of(text('a,b\n\n1,"x\ny"\n , \n2,z'), Layout(",")))
    assert found == [(1, ["a", "b"]), (4, ["1", "x\ny"]), (6, ["2", "z"])]


def test_rows_after_an_open_quote_are_not_lost_without_a_word():
    with pytest.raises(InputError, match="here: a quote stands open"):
        list(rows_of(text('a,b\n1,"x\n2,y\n'), Layout(",")))


def test_long_cells_are_read_and_those_beyond_all_measure_refused(monkeypatch):
    content = "a,b\n1," + "x" * 140_000 + "\n"
    assert len(list(rows_of(text(content), Layout(",")))[1][1][1]) == 140_000
    monkeypatch.setattr("autotrain.serving.table_rows.LONGEST_CELL", 1000)
    with pytest.raises(InputError, match="here, after line 1"):
        list(rows_of(text(content), Layout(",")))
    with pytest.raises(InputError, match="never closed"):
        first_rows(text(content), Layout(","))


def test_a_quoted_nothing_is_a_row_of_a_single_column():
    assert [row for _, row in rows_of(text('text\n""\n\nx\n'), SINGLE)] == [["text"], [""], ["x"]]
    assert [row for _, row in rows_of(text('a,b\n""\n1,2\n'), Layout(","))] == [
        ["a", "b"],
        ["1", "2"],
    ]


def test_header_is_found_by_what_is_below():
    assert is_header([["a", "b"], ["1", "x"]])
    assert not is_header([["ham", "hello"], ["spam", "win"], ["ham", "bye"]])
    assert not is_header([["a", "b"]])
