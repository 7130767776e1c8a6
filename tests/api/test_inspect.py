"""What an inspection returns: the same facts as a dictionary, a text, a page and in a notebook."""

from __future__ import annotations

import json

import pytest

import autotrain
from autotrain.errors import AutotrainError


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "<people>.csv"
    rows = [f"{i},{i * 37 % 91 / 7},{'yes' if i % 3 else 'no'},{i % 3 > 0}" for i in range(120)]
    path.write_text("row,size,known,target\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def test_an_inspection_is_a_dictionary_a_text_and_a_page(table):
    found = autotrain.inspect_data(table)
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert "known" in told["settings"]["ignore"]
    assert told["rows"] == 120
    assert [c["name"] for c in told["columns"]] == ["row", "size", "known", "target"]
    text = found.to_text()
    for said in (
        "120 rows of 4 columns",
        "leak",
        "known: leak",
        "76 train",
        "counts the rows",
    ):
        assert said in text
    page = found.to_html()
    assert "&lt;people&gt;" in page
    assert "<people>" not in page
    assert page.count("<section") == 5
    assert "<script>" not in page
    assert "<table>" in found._repr_html_()


def test_the_advice_reads_back_as_a_data_section(table):
    import yaml

    advice = yaml.safe_load(autotrain.inspect_data(table).to_dict()["yaml"])["data"]
    again = autotrain.inspect_data(**{**advice, "ignore": tuple(advice["ignore"])})
    assert again.to_dict()["settings"] == advice
    assert not [f for f in again.to_dict()["findings"] if f["level"] == "alarm"]


def test_options_are_those_of_a_search(table):
    found = autotrain.inspect_data(table, "size", ignore=["row", "known"]).to_dict()
    assert (found["task"], found["targets"]) == ("regression", ("size",))
    assert [c["role"] for c in found["columns"]] == ["ignored", "target", "ignored", "input"]
    headless = autotrain.inspect_data(table, "1", header=False).to_dict()
    assert headless["rows"] == 121
    with pytest.raises(AutotrainError, match="the columns are row, size, known, target"):
        autotrain.inspect_data(table, "sizes")
