"""export, predict, evaluate and drift as commands: answers, exit statuses, mistakes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

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


def script(model, *words, stdin=None):
    return subprocess.run(
        [sys.executable, model / "predict.py", *map(str, words)],
        input=stdin, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def test_standard_input_is_read_and_a_closed_pipe_is_no_mistake(model, table, tmp_path):
    said = script(model, table).stdout
    again = script(model, "-", "--id", "size", stdin=table.read_bytes())
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[0] == b"size,class,probability,problem"
    assert [line.split(b",")[1:] for line in again.stdout.splitlines()[1:]] == [
        line.split(b",")[1:] for line in said.splitlines()[1:]
    ]
    big = tmp_path / "big.csv"
    big.write_text(table.read_text() + "\n".join(table.read_text().splitlines()[1:] * 40))
    for command in (
        f"{sys.executable} {model / 'predict.py'} {big}",
        f"{sys.executable} -m autotrain.cli predict {model} {big}",
    ):
        ended = subprocess.run(f"{command} | head -1", shell=True, capture_output=True, timeout=120)
        assert ended.stdout == b"example,class,probability,problem\n"
        assert b"Traceback" not in ended.stderr
        assert b"Broken" not in ended.stderr


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
    wrong = CliRunner().invoke(command, ["s", "--out", "x", "--format", "onxn"])
    assert wrong.exit_code == 2
    assert "'onxn' must be one of keras, saved_model, onnx, litert" in wrong.output
