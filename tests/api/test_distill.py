"""Students: from the command to a study that is a study like any other, with its teacher frozen."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml

import autotrain
from autotrain.analysis.leaderboard import pareto
from autotrain.api.distill import open_teacher, student_of, teacher_of
from autotrain.api.leaderboard import leaderboard
from autotrain.data import data_folder, open_arrays
from autotrain.data.teacher_outputs import open_outputs, write_outputs
from autotrain.errors import (
    ConfigurationError,
    DataError,
    SpaceError,
    StudyChangedError,
    StudyError,
)
from autotrain.paths import Workspace
from autotrain.space import Fixed, Float, Space, load_space

STUDENT = {"study": "small", "trials": 2, "epochs": 2, "workers": 1, "pruner": "none", "seed": 5,
           "gpus": "none", "report": False, "display": "none",
           "overrides": {"depth": 1, "width": 4}}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(runs, tmp_path_factory):
    """A copy of the workspace with two studies, in which `small` learns from the best of `one`."""
    folder = tmp_path_factory.mktemp("distilled") / "runs"
    shutil.copytree(runs, folder)
    autotrain.distill("one", "digits_cnn", runs=folder, **STUDENT)
    return folder


def command(*arguments, cwd, expect=0):
    answer = subprocess.run(
        [sys.executable, "-m", "autotrain.cli", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert answer.returncode == expect, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    return answer.stdout + answer.stderr


def test_student_has_the_teachers_data_and_split_and_its_name_in_the_settings(workspace):
    teacher, student = (autotrain.load_study(name, workspace) for name in ("one", "small"))
    assert student.settings.data == teacher.settings.data
    assert (student.settings.seed, student.settings.data.seed) == (5, 3)
    found = student.settings.teacher
    assert (found.study, found.study_id) == ("one", teacher.settings.id)
    assert found.trials == (teacher.best_trial.number,)
    for trial in student.trials:
        assert 0.1 <= trial.params["soft_weight"] <= 0.9
        assert 1.0 <= trial.params["temperature"] <= 8.0
        assert trial.params["width"] == 4


def test_the_teachers_outputs_are_those_of_its_best_model_on_the_training_part(workspace):
    info = autotrain.load_study("one", workspace).settings.data
    images = open_arrays(data_folder(workspace / ".data", info.fingerprint)).x_train
    outputs = open_outputs(workspace / "small" / "teacher.npy", (len(images), 10))
    code = (
        "import keras, numpy as np, sys;"
        "model = keras.models.load_model(sys.argv[1]);"
        "np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))"
    )
    source = data_folder(workspace / ".data", info.fingerprint) / "x_train.npy"
    model, target = workspace / "one" / "best" / "model.keras", workspace / "probabilities.npy"
    subprocess.run([sys.executable, "-c", code, model, source, target], check=True)
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    found = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, np.load(target), atol=1e-4)


@pytest.mark.slow
def test_a_students_configuration_gives_its_metrics_again(workspace, tmp_path):
    config = workspace / "small" / "trials" / "1" / "config.yaml"
    assert yaml.safe_load(config.read_text())["teacher"]["study"] == "one"
    arguments = ["--gpus", "none", "--runs", workspace]
    output = command("train", config, *arguments, cwd=tmp_path)
    assert "equal to the recorded metrics in all 2 epochs" in output
    alone = tmp_path / "other" / "trials" / "1" / "config.yaml"
    alone.parent.mkdir(parents=True)
    shutil.copy(config, alone)
    output = command("train", alone, *arguments, cwd=tmp_path, expect=2)
    assert f"{tmp_path}/other/teacher.npy: the teacher's outputs are missing" in output


def test_the_command_goes_on_with_the_teacher_that_the_study_began_with(workspace):
    outputs = workspace / "small" / "teacher.npy"
    before, study = outputs.read_bytes(), autotrain.load_study("one", workspace)
    outputs.unlink()
    more = autotrain.distill("one", "digits_cnn", runs=workspace, **{**STUDENT, "trials": 3})
    assert len(more.complete_trials()) == 3
    assert outputs.read_bytes() == before
    # Whatever has become of the teacher's study.
    paths = Workspace(workspace).study("small")
    study.trials.clear()
    assert teacher_of(study, 1, paths) == more.settings.teacher


def test_another_teacher_under_the_same_name_is_refused(workspace):
    with pytest.raises(StudyChangedError, match=r"teacher\.study: was one, now two"):
        autotrain.distill("two", "digits_cnn", runs=workspace, **STUDENT)
    with pytest.raises(StudyChangedError, match=r"teacher\.trials: was \[\d\], now \[\d, \d\]"):
        autotrain.distill("one", "digits_cnn", 2, runs=workspace, **STUDENT)
    with pytest.raises(StudyChangedError, match=r"teacher"):
        autotrain.search("digits_cnn", runs=workspace, **{**STUDENT, "seed": 3, "overrides": {
            "depth": 1, "width": 4}})  # fmt: skip


def test_teacher_and_student_stand_on_one_leaderboard(workspace):
    board = leaderboard(["one", "small"], workspace, gpus="none")
    assert set(board.frame()["study"]) == {"one", "small"}
    assert not [note for note in board.notes if note.startswith("data")]
    assert any(note.startswith("teacher differs: ") for note in board.notes)
    rows = board.frame().set_index("study")
    assert rows.loc["small", "bytes"] < rows.loc["one", "bytes"]
    kept = pareto(board, ["val_accuracy", "size"]).frame()
    assert "small" in set(kept["study"])  # nothing is smaller


@pytest.mark.slow
def test_students_of_an_ensemble_are_confirmed_on_either_backend(workspace):
    from autotrain.api.confirm import confirm

    for backend in ("tensorflow", "jax"):
        options = {**STUDENT, "study": f"of-two-{backend}", "trials": 1, "backend": backend}
        study = autotrain.distill("one", "digits_cnn", 2, runs=workspace, **options)
        assert len(study.settings.teacher.trials) == 2
        assert confirm(study, 1, 2, workers=1, gpus="none")


# Before anything starts.


def test_a_trials_configuration_as_student_fixes_all_but_the_lesson(workspace):
    config = workspace / "mine.yaml"
    shutil.copy(workspace / "small" / "trials" / "0" / "config.yaml", config)
    params = yaml.safe_load(config.read_text())["params"]
    space = student_of(config)
    free = {n for n, p in space.parameters.items() if not isinstance(p, Fixed)}
    assert free == {"soft_weight", "temperature"}
    assert all(space.parameters[n].value == v for n, v in params.items() if n not in free)
    assert (space.model, space.task, space.budget.epochs) == ("cnn", "image_classification", 2)
    assert space.name == "small-0"


def test_a_spaces_own_temperature_stays_and_numbers_have_none():
    space = load_space("digits_cnn")
    mine = Space.from_dict(
        {**space.to_dict(), "parameters": {**space.parameters, "temperature": Float(2.0, 3.0)}}
    )
    assert student_of(mine).parameters["temperature"] == Float(2.0, 3.0)
    assert student_of(mine).parameters["soft_weight"] == Float(0.1, 0.9)
    numbers = student_of("tabular_regression").parameters
    assert "soft_weight" in numbers
    assert "temperature" not in numbers


@pytest.mark.parametrize(
    ("study", "student", "options", "error", "message"),
    [
        ("nobody", "digits_cnn", {}, StudyError, "no study 'nobody'"),
        ("one", "digits_cnn", {"data": "digits"}, ConfigurationError, "leave out --data"),
        ("one", "digits_cnn", {"overrides": {"data.test": 0.1}}, ConfigurationError, "--set data.t"),
        ("one", "tabular_mlp", {}, ConfigurationError, "'mlp' reads tabular data"),
        ("one", "digits_cnn", {"ensemble": 4}, ConfigurationError, r"--ensemble 4, .* has 3"),
        ("one", "digits_cnn", {"ensemble": 0}, ConfigurationError, "at least 1, got 0"),
        ("one", "digits_cnn", {"objective": lambda p, r: 1}, ConfigurationError, "has no teacher"),
        ("one", "no/config.yaml", {}, SpaceError, "there is no such file"),
    ],
)  # fmt: skip
def test_what_no_student_can_do_is_refused(runs, study, student, options, error, message):
    with pytest.raises(error, match=message):
        autotrain.distill(
            study, student, runs=runs, display="none", workers=0, **{"epochs": 1, **options}
        )


def test_a_function_teaches_nobody(tmp_path):
    space = Space({"x": Float(0.0, 1.0)}, "val_loss", budget={"epochs": 1, "trials": 1})
    options = {"runs": tmp_path, "workers": 0, "display": "none", "study": "mine"}
    autotrain.search(space, objective=lambda params, reporter: params["x"], **options)
    with pytest.raises(ConfigurationError, match="'mine' is searched with a function"):
        open_teacher("mine", tmp_path, None)


def test_an_ensemble_without_a_teacher_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"--ensemble needs a teacher.* got 2 without one"):
        autotrain.search("digits_cnn", runs=tmp_path, ensemble=2, display="none")


def test_a_weight_without_a_teacher_is_refused(tmp_path):
    space = student_of("digits_cnn")
    with pytest.raises(ConfigurationError, match=r"soft_weight needs a teacher.*autotrain distill"):
        autotrain.search(space, runs=tmp_path, workers=0, display="none")


# The outputs.


def test_outputs_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "teacher.npy"
    write_outputs(path, np.zeros((5, 3), "float32"))
    assert open_outputs(path, (5, 3)).dtype == "float32"
    with pytest.raises(DataError, match=r"its shape is \[5, 3\], the data's is \[6, 3\]"):
        open_outputs(path, (6, 3))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(DataError, match="missing or damaged"):
        open_outputs(path, (5, 3))
