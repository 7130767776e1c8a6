"""export, predict, evaluate and drift as commands: answers, exit statuses, mistakes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn import metrics as sk

from autotrain.cli import main


def run(capsys, *words):
    code = 0
    try:
        main([str(word) for word in words])
    except SystemExit as stop:
        code = stop.code or 0
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(scope="module")
def model(exported):
    return exported("rows", "saved_model")[0]


@pytest.fixture(scope="module")
def table(studies):
    return studies / "rows.csv"


def test_predict_writes_a_line_for_each_example(capsys, model, table, tmp_path):
    code, _, _ = run(capsys, "predict", model, table, "--out", tmp_path / "answers.csv")
    assert code == 0
    with (tmp_path / "answers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 240
    assert {row["class"] for row in rows} == {"yes", "no"}


def test_evaluate_gives_table_json_and_page(capsys, model, table, tmp_path):
    words = ("evaluate", model, "--data", table, "--target", "bought")
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert "true \\ said" in out
    code, out, _ = run(capsys, *words, "--format", "json")
    facts = json.loads(out)
    assert facts["examples"] == 240
    assert sum(map(sum, facts["confusion"]["counts"])) == 240
    run(capsys, *words, "--format", "html", "--out", tmp_path / "e.html")
    assert "Confusion matrix" in (tmp_path / "e.html").read_text("utf-8")


def test_evaluate_equals_what_predict_says(capsys, model, table, tmp_path):
    run(capsys, "predict", model, table, "--out", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open() as answers, table.open() as truth:
        pairs = list(zip(csv.DictReader(answers), csv.DictReader(truth), strict=True))
    share = sum(a["class"] == t["bought"] for a, t in pairs) / len(pairs)
    _, out, _ = run(
        capsys, "evaluate", model, "--data", table, "--target", "bought", "--format", "json"
    )
    assert json.loads(out)["metrics"]["accuracy"] == pytest.approx(share)


def test_evaluate_gives_any_metric_with_its_interval(capsys, model, table, tmp_path):
    run(capsys, "predict", model, table, "--out", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open() as answers, table.open() as truth:
        pairs = list(zip(csv.DictReader(answers), csv.DictReader(truth), strict=True))
    said = [answer["class"] == "yes" for answer, _ in pairs]
    true = [row["bought"] == "yes" for _, row in pairs]
    words = ("evaluate", model, "--data", table, "--target", "bought", "--format", "json")
    _, out, _ = run(capsys, *words, "--metric", "f2:yes", "--metric", "val_specificity:no")
    facts = json.loads(out)
    f2, specificity = facts["metrics"]["f2:yes"], facts["metrics"]["specificity:no"]
    assert (f2, specificity) == pytest.approx(
        (sk.fbeta_score(true, said, beta=2), sk.recall_score(true, said))
    )
    low, high = facts["interval"]["f2:yes"]
    assert low < f2 < high


def test_evaluate_says_what_is_undefined(capsys, model, table, tmp_path):
    lines = table.read_text().splitlines()
    (tmp_path / "yes.csv").write_text(
        "\n".join([lines[0], *(line for line in lines if line.endswith("yes"))]) + "\n"
    )
    words = ("evaluate", model, "--data", tmp_path / "yes.csv", "--target", "bought")
    code, out, _ = run(capsys, *words, "--metric", "recall:no", "--format", "json")
    facts = json.loads(out)
    assert code == 0
    counts = facts["confusion"]["counts"]
    assert facts["metrics"]["accuracy"] == counts[1][1] / facts["examples"]
    assert facts["metrics"]["auc"] is None
    assert facts["undefined"]["recall:no"] == "no example is of the class 'no'"
    assert "recall:no" not in facts["interval"]
    _, out, _ = run(capsys, *words)
    assert "mcc                undefined  only one class has examples" in out


def test_a_threshold_decides_about_every_answer(capsys, studies, exported, table, tmp_path):
    folder, card = exported("rows", "keras", threshold="f2:no")
    threshold = card["threshold"]
    assert (threshold["class"], threshold["metric"]) == ("no", "f2:no")
    assert threshold["validation"] >= threshold["likelier"]
    run(capsys, "predict", folder, table, "--out", tmp_path / "all.npz")
    run(capsys, "predict", folder, table, "--out", tmp_path / "a.csv")
    chance = np.load(tmp_path / "all.npz")["outputs"][:, card["classes"].index("no")]
    wanted = np.where(chance >= threshold["value"], "no", "yes")
    with (tmp_path / "a.csv").open() as answers, table.open() as truth:
        said = np.array([row["class"] for row in csv.DictReader(answers)])
        true = np.array([row["bought"] for row in csv.DictReader(truth)])
    assert (said == wanted).all()
    words = ("evaluate", folder, "--data", table, "--target", "bought", "--metric", "f2:no")
    _, out, _ = run(capsys, *words, "--format", "json")
    facts = json.loads(out)
    assert facts["metrics"]["accuracy"] == pytest.approx((said == true).mean())
    assert facts["metrics"]["f2:no"] == pytest.approx(
        sk.fbeta_score(true == "no", said == "no", beta=2)
    )
    assert np.trace(facts["confusion"]["counts"]) == (said == true).sum()
    script = [sys.executable, folder / "predict.py", table]
    alone = subprocess.run([*map(str, script)], capture_output=True, text=True, check=True)
    assert [row["class"] for row in csv.DictReader(alone.stdout.splitlines())] == said.tolist()
    assert "'no' is said from a probability of" in (folder / "README.md").read_text("utf-8")
    code, out, _ = run(capsys, "drift", folder, table)
    assert (code, "0 of 4 columns" in out) == (0, True)


def test_drift_ends_with_3_beyond_the_limit(capsys, model, table, tmp_path):
    code, out, _ = run(capsys, "drift", model, table)
    assert (code, "0 of 4 columns" in out) == (0, True)
    lines = table.read_text().splitlines()
    moved = [lines[0], *(f"99,{line.split(',', 1)[1]}" for line in lines[1:])]
    (tmp_path / "moved.csv").write_text("\n".join(moved) + "\n")
    code, out, _ = run(capsys, "drift", model, tmp_path / "moved.csv", "--format", "json")
    assert code == 3
    assert "size" in json.loads(out)["beyond"]
    code, _, _ = run(capsys, "drift", model, tmp_path / "moved.csv", "--limit", "1000")
    assert code == 0


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("export", "nothing", "--out", "OUT"), "no study 'nothing'"),
        (("export", "rows", "--out", "OUT", "--trial", "99"), "no trial 99"),
        (("export", "rows", "--out", "OUT", "--ensemble", "0"), "--ensemble"),
        (
            ("export", "rows", "--out", "OUT", "--trial", "1", "--ensemble", "2"),
            "exclude each other",
        ),
        (("export", "rows", "--out", "OUT", "--seeds", "3"), "--seeds"),
        (
            ("export", "rows", "--out", "OUT", "--format", "saved_model", "--quantize", "int8"),
            "saved_model has none",
        ),
        (("export", "rows", "--out", "."), "is there already"),
        (
            ("export", "rows", "--out", "OUT", "--threshold", "f1:nope"),
            "--threshold f1:nope: the class",
        ),
        (
            ("evaluate", "MODEL", "--data", "TABLE", "--target", "bought", "--metric", "recal:no"),
            "did you mean 'recall:no'",
        ),
        (("predict", "MODEL", "nowhere.csv"), "no such file"),
        (("predict", "nowhere", "TABLE"), "autotrain export STUDY"),
        (("evaluate", "MODEL", "--data", "digits"), "image data"),
        (("drift", "MODEL", "nowhere.csv"), "no such file"),
    ],
)
def test_mistakes_end_in_one_clear_message(capsys, studies, model, table, tmp_path, words, match):
    place = {"MODEL": model, "TABLE": table, "OUT": tmp_path / "out"}
    words = [place.get(word, word) for word in words]
    where = ("--runs", studies / "runs", "--gpus", "none") if words[0] == "export" else ()
    code, _, err = run(capsys, *words, *where)
    assert code
    assert match in err
    assert err.count("\n") <= 2
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_a_trial_without_weights_is_named(capsys, studies, model, tmp_path):
    import autotrain

    study = autotrain.load_study("rows", studies / "runs")
    worst = study.ranking()[-1]
    weights = study.paths.trial(worst.number).weights
    kept = weights.read_bytes()
    weights.unlink()
    try:
        words = ("export", "rows", "--trial", worst.number, "--out", tmp_path / "out")
        code, _, err = run(capsys, *words, "--runs", studies / "runs", "--gpus", "none")
    finally:
        weights.write_bytes(kept)
    assert code
    assert f"the weights of trial {worst.number} of 'rows' are not kept" in err


def test_help_names_the_commands():
    from autotrain.cli import cli

    text = CliRunner().invoke(cli, ["--help"]).output
    assert all(name in text for name in ("export", "predict", "evaluate", "drift", "dashboard"))


def test_help_of_export_lists_formats_and_quantizations():
    from autotrain.cli.export import command

    text = CliRunner().invoke(command, ["--help"]).output
    assert "--format [keras|saved_model|onnx|litert]" in text
    assert "--quantize [int8|float16]" in text
    wrong = CliRunner().invoke(command, ["no study", "--out", "x", "--format", "onxn"])
    said = str(wrong.exception)
    assert "--format must be one of keras, saved_model, onnx, litert, got 'onxn'" in said
    assert "did you mean 'onnx'?" in said
