"""Tables as aligned lines."""

from __future__ import annotations

import io

from rich.console import Console

from autotrain.reports.text_tables import Table, table_of


def test_numbers_stand_right_and_texts_left():
    table = Table(["class", "f1", "support"], [["cat", "0.5", "1,200"], ["a bird", "0.25", "7"]])
    assert table.text().splitlines() == [
        "class     f1  support",
        "cat      0.5    1,200",
        "a bird  0.25        7",
    ]


def test_a_table_without_heads_is_its_rows():
    assert Table([], [["system", "Linux"], ["JAX cache", "off"]]).text().splitlines() == [
        "system     Linux",
        "JAX cache  off",
    ]


def test_nothing_is_cut_and_nothing_is_taken_for_markup():
    words = "[bold]" + "long " * 200
    assert words.rstrip() in Table(["[red]x"], [[words]]).text()
    assert Table(["[red]x"], [["1"]]).text().splitlines()[0] == "[red]x"


def test_a_table_for_a_terminal_takes_nothing_for_markup():
    console = Console(file=io.StringIO(), width=60)
    console.print(table_of(["val_f1:[red]x", "last [b]"], [["[red]0.5", "[i]y"]]))
    lines = console.file.getvalue().splitlines()
    assert lines[0].split() == ["val_f1:[red]x", "last", "[b]"]
    assert lines[1].split() == ["[red]0.5", "[i]y"]


def test_a_column_of_which_nothing_is_known_is_no_column_of_numbers():
    table = Table(["a", "b"], [["", "1"], ["", ""]])
    assert table.numeric == [False, True]
    assert Table(["a"], []).numeric == [False]
