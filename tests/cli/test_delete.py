"""`autotrain delete` as a user meets it: it asks, says what goes, and leaves the others."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

import autotrain
from autotrain.cli import cli, main

SPACE = autotrain.Space(
    {"x": autotrain.Float(0.0, 1.0)}, "val_loss", name="first", budget={"epochs": 1, "trials": 2}
)


def objective(params, reporter):
    reporter.report(1, val_loss=params["x"])


@pytest.fixture
def runs(tmp_path):
    """A workspace with three small studies."""
    for study in ("first", "second", "third"):
        autotrain.search(SPACE, objective=objective, study=study, runs=tmp_path / "runs",
                         workers=0, report=False, display="none")  # fmt: skip
    return tmp_path / "runs"


def call(runs, *words, answer=None):
    return CliRunner().invoke(cli, [*words, "--runs", str(runs)], input=answer)


def names(runs):
    return list(autotrain.studies(runs)["study"])


def test_it_says_what_goes_and_asks(runs):
    answer = call(runs, "delete", "first", answer="y\n")
    assert "2 COMPLETE" in answer.output
    assert str(runs / "first") in answer.output
    assert "delete 'first' for good?" in answer.output
    assert names(runs) == ["second", "third"]
    assert not (runs / "first").exists()


@pytest.mark.parametrize("answer", ["n\n", "", "\n"])
def test_anything_but_yes_leaves_it(runs, answer, monkeypatch, capsys):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    monkeypatch.setattr("sys.argv", ["autotrain", "delete", "first", "--runs", str(runs)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "'first' stays; --yes deletes without asking" in capsys.readouterr().err
    assert names(runs) == ["first", "second", "third"]


def test_several_go_at_once(runs):
    answer = call(runs, "delete", "first", "third", "--yes")
    assert answer.output.splitlines() == ["deleted 'first'", "deleted 'third'"]
    assert names(runs) == ["second"]


def test_with_one_unknown_name_none_goes(runs):
    answer = call(runs, "delete", "first", "secund", "--yes")
    assert "did you mean 'second'?" in str(answer.exception)
    assert names(runs) == ["first", "second", "third"]


def test_a_lost_study_is_named_by_the_others_commands_and_can_be_deleted(runs):
    shutil.rmtree(runs / "second")
    listed = call(runs, "studies")
    assert listed.exit_code == 0
    assert "second" in listed.output
    assert "gone" in listed.output
    ranked = call(runs, "leaderboard")
    assert ranked.exit_code == 0
    assert "the study 'second': its folder" in ranked.output
    assert "first" in ranked.output
    assert call(runs, "delete", "second", "--yes").output == "deleted 'second'\n"
    assert names(runs) == ["first", "third"]


def test_settings_that_were_removed_are_named(runs):
    (runs / "third" / "study.yaml").unlink()
    listed = call(runs, "studies")
    assert listed.exit_code == 0
    assert "study.yaml, are gone" in " ".join(listed.output.split())
    assert call(runs, "delete", "third", "--yes").exit_code == 0
    assert names(runs) == ["first", "second"]
