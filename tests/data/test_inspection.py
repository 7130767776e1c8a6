"""What `data inspect` says of a table, in Python, on the command line and as a page."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

import autotrain
from autotrain.cli.data import command
from autotrain.errors import DataError


def line(i):
    size = "None" if i % 9 == 0 else str(i / 4)
    answer, label = ("no", "yes")[i % 2], ("No", "Yes", "no")[i % 3]
    return ",".join([str(i), size, "abc"[i % 3], answer, f"2021-01-{1 + i % 28:02}", "same", label])


LINES = [line(i) for i in range(90)]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,size,kind,answer,day,fixed,label\n" + "\n".join(LINES) + "\n")
    return path


def test_each_column_has_its_kind_and_the_reason(table, tmp_path):
    found = autotrain.inspect_data(table, target="answer").found
    kinds = {column.name: (column.kind, column.reason) for column in found.columns}
    assert kinds["id"] == ("left out", "row numbers")
    assert kinds["size"] == ("number", "all cells are numbers")
    assert kinds["kind"] == ("category", "3 levels in the training part")
    assert kinds["answer"] == ("target", "named with --target")
    assert kinds["day"][0] == "time"
    assert kinds["fixed"] == ("left out", "always the same")
    assert (found.task, found.classes) == ("classification", {"no": 45, "yes": 45})
    size = next(column for column in found.columns if column.name == "size")
    assert (size.missing, size.distinct) == (10, 80)
    assert "ignore: [id, fixed]" in found.settings


def test_labels_copies_and_leaks_are_suspicious(table, tmp_path):
    notes = autotrain.inspect_data(table, target="label", ignore=["id", "size", "day"]).found.notes
    assert any("the classes 'No', 'no' may be one" in note for note in notes)
    assert any("rows are copies of others" in note and "in training too" in note for note in notes)
    leaky = pd.read_csv(table).assign(out=lambda f: f["answer"])
    notes = autotrain.inspect_data(leaky, target="answer", runs=tmp_path).found.notes
    assert any("'out' alone gives the target away" in note for note in notes)


def test_the_task_follows_the_target(table):
    assert autotrain.inspect_data(table, target="size").found.task == "regression"
    assert autotrain.inspect_data(table, target="kind").found.task == "classification"
    with pytest.raises(DataError, match="did you mean 'answer'"):
        autotrain.inspect_data(table, target="answr")


@pytest.mark.parametrize("form", ["table", "json", "html"])
def test_the_command_gives_a_text_json_and_a_page(table, form):
    ended = CliRunner().invoke(
        command, ["inspect", str(table), "--target", "answer", "--format", form]
    )
    assert ended.exit_code == 0, ended.output
    assert "row numbers" in ended.output
    if form == "json":
        assert json.loads(ended.output)["columns"][0]["kind"] == "left out"
    if form == "html":
        assert ended.output.startswith("<!")
