"""A leaderboard for programs, spreadsheets, pages and terminals."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rich.console import Console

from autotrain.reports import leaderboard_formats as forms
from boards import example_board


def test_cells_that_begin_a_formula_are_defused():
    text = forms.as_csv(example_board(study=['=HYPERLINK("x")', "-1+1"]))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["study"] for row in rows] == ['\'=HYPERLINK("x")', "'-1+1"]
    assert rows[0]["val_accuracy"] == "0.9"
    assert rows[1]["low"] == ""


def test_hostile_names_are_harmless_everywhere():
    hostile = "</script><img src=x onerror=alert(1)>|`\n*"
    found = example_board(study=[hostile, "b"])
    page = forms.as_html(found)
    assert "<img" not in page
    assert "&lt;img" in page
    assert "default-src 'none'" in page
    lines = forms.as_markdown(found).splitlines()
    assert len([line for line in lines if line.startswith("|")]) == 4
    assert "\\|" in lines[2]
    assert json.loads(forms.as_json(found))["entries"][0]["study"] == hostile


def test_json_has_no_nan_and_the_notes():
    found = json.loads(forms.as_json(example_board()))
    assert found["entries"][1]["low"] is None
    assert found["notes"] == ["data differs: a 1, b 2"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_gets_as_many_columns_as_it_has_room_for(width):
    table = forms.as_table(example_board(), width)
    console = Console(width=width, file=io.StringIO())
    console.print(table)
    assert "…" not in console.file.getvalue()
    assert (len(table.columns) > 8) == (width == 200)


def test_csv_has_every_column_and_counts_without_a_point():
    rows = list(csv.DictReader(io.StringIO(forms.as_csv(example_board(seeds=[3, None])))))
    assert tuple(rows[0]) == example_board().columns
    assert [row["seeds"] for row in rows] == ["3", ""]
    assert [row["flops"] for row in rows] == ["", "5"]


def test_the_page_leaves_out_what_is_not_known_of_any_entry():
    page = forms.as_html(example_board())
    assert '<th scope="col" class="number">flops</th>' in page
    assert ">seeds</th>" not in page
    assert "data differs: a 1, b 2" in page
    assert "<script" not in page
