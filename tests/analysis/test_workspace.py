"""Studies of a workspace, some of which are lost in one of the ways in which that happens."""

from __future__ import annotations

import shutil

import optuna
import pytest

import autotrain
from autotrain.analysis.workspace import found_studies, found_study, load_stored
from autotrain.errors import StudyError
from autotrain.paths import Workspace
from autotrain.testing.objectives import SPACE, quick

NAMES = ["first", "second/two", "third"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """Three studies, as templates."""
    runs = tmp_path_factory.mktemp("searched") / "runs"
    for name in NAMES:
        autotrain.search(SPACE, objective=quick, study=name, runs=runs, trials=2, workers=0,
                         report=False, display="none")  # fmt: skip
    return runs


@pytest.fixture
def runs(searched, tmp_path):
    shutil.copytree(searched, tmp_path / "runs")
    return tmp_path / "runs"


def remove_settings(runs):
    Workspace(runs).study("second/two").study.unlink()


def damage_settings(runs):
    Workspace(runs).study("second/two").study.write_text("space: [")


def empty_settings(runs):
    Workspace(runs).study("second/two").study.write_text("")


def remove_folder(runs):
    shutil.rmtree(Workspace(runs).study("second/two").root)


def remove_from_database(runs):
    optuna.delete_study(study_name="second/two", storage=f"sqlite:///{Workspace(runs).database}")


LOSSES = [remove_settings, damage_settings, empty_settings, remove_folder, remove_from_database]


@pytest.mark.parametrize("lose", LOSSES)
def test_a_lost_study_is_named_and_the_others_are_read(runs, lose):
    lose(runs)
    found = found_studies(runs)
    whole = {one.name: one.study for one in found if one.study is not None}
    assert list(whole) == ["first", "third"]
    assert all(len(study.trials) == 2 for study in whole.values())
    (lost,) = (one for one in found if one.study is None)
    assert lost.name in ("second/two", Workspace(runs).study("second/two").root.name)
    assert lost.problem


@pytest.mark.parametrize("lose", LOSSES)
def test_the_others_are_ranked_and_the_lost_one_is_a_note(runs, lose):
    lose(runs)
    board = autotrain.leaderboard(runs=runs)
    assert sorted(board.frame()["study"]) == ["first", "third"]
    assert sum(note.startswith("left out: the study 'second") for note in board.notes) == 1
    named = autotrain.leaderboard(["second/two", "third"], runs)
    assert set(named.frame()["study"]) == {"third"}
    assert any("left out" in note for note in named.notes)


@pytest.mark.parametrize("lose", [*LOSSES, lambda runs: Workspace(runs).database.unlink()])
def test_a_lost_study_is_deleted_for_good(runs, lose):
    lose(runs)
    autotrain.delete_study("second/two", runs)
    assert not Workspace(runs).study("second/two").root.exists()
    with pytest.raises(StudyError, match="no study 'second/two'"):
        found_study("second/two", runs)
    assert {one.name for one in found_studies(runs)} == {"first", "third"}


def test_without_the_database_every_study_is_named(runs):
    Workspace(runs).database.unlink()
    found = found_studies(runs)
    assert [one.name for one in found] == NAMES
    assert all("studies.db is not there" in one.problem for one in found)
    assert not Workspace(runs).database.exists()
    frame = autotrain.studies(runs)
    assert list(frame["problem"].astype(bool)) == [True] * 3


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_damaged_database_is_a_problem_of_each_study(runs, content):
    Workspace(runs).database.write_bytes(content)
    assert all(one.problem for one in found_studies(runs))


def test_a_trial_without_its_folder_is_still_in_the_study(runs):
    study = load_stored("first", runs)
    shutil.rmtree(study.paths.trial(1).root)
    again = load_stored("first", runs)
    assert [trial.values for trial in again.trials] == [trial.values for trial in study.trials]
    assert again.trials[1].epochs == ()


def test_an_unknown_study_is_refused_with_the_nearest(runs):
    with pytest.raises(StudyError, match=r"no study 'frist'.*did you mean 'first'"):
        load_stored("frist", runs)


def test_a_lost_study_that_is_asked_for_says_what_to_do(runs):
    remove_folder(runs)
    with pytest.raises(
        StudyError, match=r"cannot be opened: its folder .* is gone.*autotrain delete"
    ):
        load_stored("second/two", runs)


@pytest.mark.parametrize("command", ["read", "studies", "leaderboard"])
def test_reading_creates_no_database(tmp_path, runs, command):
    elsewhere = tmp_path / "typo.db"
    url = f"sqlite:///{elsewhere}"
    reading = {
        "read": lambda: autotrain.load_study("first", runs, storage=url).trials,
        "leaderboard": lambda: autotrain.leaderboard(runs=runs, storage=url),
    }
    if command == "studies":
        assert "typo.db is not there" in autotrain.studies(runs, url)["problem"][0]
    else:
        with pytest.raises(autotrain.AutotrainError, match=r"typo\.db is not there"):
            reading[command]()
    assert not elsewhere.exists()


def test_an_empty_workspace_has_none(tmp_path):
    assert found_studies(tmp_path / "nothing") == []
    assert not (tmp_path / "nothing").exists()
