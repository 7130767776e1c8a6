"""`autotrain data inspect`."""

from __future__ import annotations

import json

import pytest

from autotrain.cli import main


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i * 37 % 91};{'a,b' if i % 2 else 'c'};{i % 2}" for i in range(100)]
    (tmp_path / "t.csv").write_text("\n".join(["size;kind;grown", *rows, ""]), "utf-8")

    def inspect(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["data", "inspect", *arguments])
        return stop.value.code, capsys.readouterr()

    return inspect


def test_inspect_prints_findings_columns_and_the_data_section(run):
    code, said = run("t.csv", "--target", "grown")
    assert code == 0
    (alarm,) = (line.split() for line in said.out.splitlines() if line.startswith("alarm"))
    assert alarm[:3] == ["alarm", "leak", "kind"]
    assert "  ignore: [kind]  # kind: leak" in said.out


def test_inspect_as_json_and_as_a_page(run, tmp_path):
    code, said = run("t.csv", "--target", "grown", "--ignore", "kind", "--json")
    assert code == 0
    assert json.loads(said.out)["settings"]["ignore"] == ["kind"]
    code, said = run("t.csv", "--target", "3", "--out", "t.html")
    assert (code, said.out) == (0, "t.html\n")
    assert (tmp_path / "t.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_mistake_is_one_message(run):
    for arguments, hint in [
        (["t.cvs"], "t.csv"),
        (["t.csv", "--target", "grwn"], "grown"),
        (["t.csv", "--target", "grown", "--ignore", "kindd"], "kind"),
        (["t.csv", "--target", "grown", "--task", "clasification"], "classification"),
        (["t.csv", "--target", "grown", "--out", "no/t.html"], "no/t.html"),
    ]:
        code, said = run(*arguments)
        assert code == 2
        assert said.err.startswith("error: ")
        assert hint in said.err
