"""A study in Python: each command has its equal, and gives what the command gives."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import autotrain
from autotrain.errors import ConfigurationError, DataError, StudyError, StudyLockedError
from autotrain.storage.lock import study_lock
from autotrain.testing.objectives import SPACE, quick


@pytest.fixture(scope="module")
def rows(searched, studies):
    searched("rows")
    return autotrain.load_study("rows", studies / "runs")


@pytest.fixture(scope="module")
def model(rows, tmp_path_factory):
    return rows.export(tmp_path_factory.mktemp("out") / "model", gpus="none")


@pytest.fixture
def quick_study(tmp_path):
    return autotrain.search(SPACE, objective=quick, runs=tmp_path / "runs", trials=3, workers=0,
                            report=False, display="none")  # fmt: skip


def test_trials_are_a_list_and_a_frame(quick_study):
    frame = quick_study.trials.frame()
    assert list(frame["number"]) == [trial.number for trial in quick_study.trials] == [0, 1, 2]
    assert list(frame["val_loss"]) == [trial.values[0] for trial in quick_study.trials]
    assert "params_x" in frame
    assert frame.equals(quick_study.trials_dataframe())


def test_leaderboard_report_and_export_are_those_of_the_commands(rows, model, tmp_path):
    board = rows.leaderboard(top=2, gpus="none")
    assert list(board.frame()["study"]) == ["rows"] * 2
    page = rows.report(tmp_path / "page.html", gpus="none")
    assert "rows" in page.read_text("utf-8")
    assert json.loads((model / "card.json").read_text())["members"][0]["trial"] == (
        rows.best_trial.number
    )


def test_predictions_are_a_frame_from_files_and_from_frames(rows, model, studies, tmp_path):
    path = studies / "rows.csv"
    found = autotrain.predict(model, path)
    assert list(found) == ["example", "class", "probability", "problem"]
    assert len(found) == 240
    assert set(found["class"]) <= {"yes", "no"}
    assert found["probability"].between(0.5, 1.0).all()
    frame = pd.read_csv(path).set_index(pd.Index(range(1000, 1240)))
    again = autotrain.predict(model, frame)
    assert list(again.index) == list(frame.index)
    assert list(again["class"]) == list(found["class"])
    np.testing.assert_allclose(again["probability"], found["probability"], atol=1e-6)
    of_study = rows.predict(frame.head(7))
    assert list(of_study["class"]) == list(found["class"][:7])
    out = tmp_path / "answers.csv"
    autotrain.predict(model, path, out)
    assert list(pd.read_csv(out)["class"]) == list(found["class"])


def test_rows_that_cannot_be_read_are_named_in_the_frame(model):
    frame = pd.DataFrame(
        {"size": ["60.5", "tall"], "colour": ["red", "red"], "weight/kg": [1000.0, 1000.0]}
    )
    found = autotrain.predict(model, frame)
    assert list(found["problem"].astype(bool)) == [False, True]
    assert found["class"].isna().tolist() == [False, True]
    with pytest.raises(DataError, match="lacks the column"):
        autotrain.predict(model, frame.drop(columns="colour"))


def test_texts_are_predicted_from_a_list(exported):
    folder, _ = exported("texts", "keras")
    found = autotrain.predict(folder, ["lovely great fine", "awful dull,\npoor", "the hotel"])
    assert list(found["class"][:2]) == ["good", "bad"]


def test_images_are_predicted_from_an_array(exported):
    from sklearn.datasets import load_digits

    folder, _ = exported("images", "keras")
    images = load_digits().images[:20, ..., None] / 16
    found = autotrain.predict(folder, (images * 255).astype("uint8"))
    assert len(found) == 20
    with pytest.raises(DataError, match="shape"):
        autotrain.predict(folder, images[:, :5])


def test_evaluation_has_metrics_tables_and_pages(rows, model, studies):
    found = autotrain.evaluate(model, studies / "rows.csv", "bought")
    assert found.metrics["accuracy"] == found.to_dict()["metrics"]["accuracy"] > 0.5
    assert "accuracy" in found.to_text()
    assert "<table>" in found._repr_html_()
    assert found.to_html().startswith("<!doctype html>")
    assert rows.evaluate(studies / "rows.csv", "bought").metrics == pytest.approx(found.metrics)


def test_drift_is_a_frame_with_the_worst_first(model, studies):
    frame = pd.read_csv(studies / "rows.csv")
    calm = autotrain.drift(model, frame)
    assert not calm["beyond"].any()
    frame["size"] += 40
    moved = autotrain.drift(model, frame)
    assert moved["psi"].is_monotonic_decreasing
    assert set(moved["column"][moved["beyond"]]) >= {"size"}


def test_a_trial_is_trained_again_to_the_same_metrics(rows, tmp_path):
    result = rows.train(1, out=tmp_path / "again", gpus="none")
    assert result.first_difference is None
    assert result.recorded == len(result.epochs) == 3
    assert (tmp_path / "again" / "model.keras").exists()
    with pytest.raises(StudyError, match="has no trial 99"):
        rows.train(99)


def test_confirming_ranks_by_the_mean(searched, studies):
    searched("texts")
    study = autotrain.load_study("texts", studies / "runs")
    frame = study.confirm(1, 2, workers=1, gpus="none").frame()
    assert list(frame["seeds"]) == [2]


def test_a_notebook_shows_a_study_escaped(tmp_path):
    name = "<script>alert(1)</script>"
    study = autotrain.search(SPACE, objective=quick, study=name, runs=tmp_path, trials=3, workers=0,
                             report=False, display="none")  # fmt: skip
    html = study._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert html.count("<tr>") == 1 + len(study.ranking())
    assert "params_x" in study.trials._repr_html_()
    assert "<script>" not in study.leaderboard()._repr_html_()


def test_studies_are_a_frame(quick_study):
    frame = autotrain.studies(quick_study.workspace.root)
    assert list(frame["study"]) == ["quick"]
    assert frame["best"][0] == quick_study.best_value
    assert frame["trials"][0] == 3
    assert len(autotrain.studies(quick_study.workspace.root / "none")) == 0


def test_a_study_is_deleted_unless_it_is_searched(quick_study):
    runs = quick_study.workspace.root
    with (
        study_lock("quick", quick_study.paths.lock, quick_study.storage_url),
        pytest.raises(StudyLockedError, match="is being searched"),
    ):
        quick_study.delete()
    quick_study.delete()
    assert not quick_study.paths.root.exists()
    assert len(autotrain.studies(runs)) == 0
    again = autotrain.search(SPACE, objective=quick, runs=runs, trials=2, workers=0,
                             report=False, display="none")  # fmt: skip
    assert len(again.trials) == 2


def test_checkpoints_elsewhere_go_with_the_study(tmp_path):
    runs, shared = tmp_path / "runs", tmp_path / "shared"
    study = autotrain.search(SPACE, objective=quick, runs=runs, trials=2, workers=0, report=False,
                             display="none")  # fmt: skip
    text = study.paths.study.read_text().replace("about:\n", f"about:\n  storage_path: {shared}\n")
    study.paths.study.write_text(text)
    (shared / "quick" / "trials" / "0").mkdir(parents=True)
    (shared / "other").mkdir()
    autotrain.delete_study("quick", runs)
    assert [path.name for path in shared.iterdir()] == ["other"]


def test_a_functions_study_has_no_model_to_use(quick_study, tmp_path):
    for use in (
        lambda: quick_study.predict(np.zeros((1, 2))),
        lambda: quick_study.export(tmp_path / "out"),
        lambda: quick_study.confirm(),
        lambda: quick_study.report(baselines=True),
    ):
        with pytest.raises((ConfigurationError, StudyError), match="function"):
            use()
