"""The command line as a user meets it: real processes, exit codes, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autotrain.cli import cli, main
from command_line import autotrain

ROOT = Path(__file__).parents[2]
COMMANDS = cli.list_commands(None)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_a_docs_entry(command):
    assert "Usage" in CliRunner().invoke(cli, [command, "--help"]).output
    assert f"autotrain {command}" in (ROOT / "README.md").read_text("utf-8")


def test_spaces_list_show_check(tmp_path):
    listed = autotrain("spaces", "list", cwd=tmp_path)
    for name in ("cifar_cnn", "digits_cnn", "tabular_mlp"):
        assert name in listed
        shown = autotrain("spaces", "show", name, cwd=tmp_path)
        (tmp_path / "mine.yaml").write_text(shown, "utf-8")
        assert "fine" in autotrain("spaces", "check", "mine.yaml", cwd=tmp_path)


def test_spaces_check_lists_all_mistakes_with_lines(tmp_path):
    (tmp_path / "bad.yaml").write_text(
        "model: cnn\n"
        "objective: val_acuracy\n"
        "parameters:\n"
        "  learing_rate: {float: [0.1, 1]}\n"
        "  momentum: {float: [0.5, 1.5]}\n"
        "  depth: {int: [1, 2]}\n"
    )
    output = autotrain("spaces", "check", "bad.yaml", cwd=tmp_path, expect=2)
    if "bad.yaml:2" in output:
        assert "val_accuracy" in output
    (tmp_path / "bad2.yaml").write_text(
        "model: cnn\nobjective: val_accuracy\nparameters:\n"
        "  learing_rate: {float: [0.1, 1]}\n  momentum: {float: [0.5, 1.5]}\n"
    )
    output = autotrain("spaces", "check", "bad2.yaml", cwd=tmp_path, expect=2)
    assert "bad2.yaml:4" in output
    assert "did you mean 'learning_rate'?" in output
    assert "bad2.yaml:5" in output
    assert "1.5" in output


def test_spaces_check_lists_a_wrong_task_together_with_the_rest(tmp_path):
    (tmp_path / "bad.yaml").write_text(
        "model: cnn\nobjective: val_accuracy\ntask: image_clasification\n"
        "parameters:\n  depth: {int: [4, 2]}\n"
    )
    output = autotrain("spaces", "check", "bad.yaml", cwd=tmp_path, expect=2)
    assert "bad.yaml:3: 'task' must be one of" in output
    assert "did you mean 'image_classification'?" in output
    assert "bad.yaml:5: depth: low must not be above high" in output


def test_spaces_schema_is_printed_or_written(tmp_path):
    printed = autotrain("spaces", "schema", cwd=tmp_path)
    assert autotrain("spaces", "schema", "--out", "s.json", cwd=tmp_path) == "s.json\n"
    assert (tmp_path / "s.json").read_text("utf-8") == printed
    assert printed == (ROOT / "search_spaces/space.schema.json").read_text("utf-8")
    assert list(tmp_path.iterdir()) == [tmp_path / "s.json"]
    output = autotrain("spaces", "schema", "--out", "no/s.json", cwd=tmp_path, expect=2)
    assert "no/s.json" in output


BAD = [
    (["search", "--space", "cifar_cn"], "cifar_cnn"),
    (["search", "--space", "digits_cnn", "--data", "digit"], "digits"),
    (["search", "--space", "digits_cnn", "--data", "wine"], "tabular_mlp"),
    (["search", "--space", "digits_cnn", "--data", "nothing.npz"], "nothing.npz"),
    (["search", "--space", "digits_cnn", "--trials", "0"], "--trials"),
    (["search", "--space", "digits_cnn", "--sampler", "bayes"], "tpe"),
    (["search", "--space", "digits_cnn", "--sampler", "grid"], "learning_rate"),
    (["search", "--space", "digits_cnn", "--pruner", "ash"], "asha"),
    (["search", "--space", "digits_cnn", "--backend", "torch"], "tensorflow"),
    (["search", "--space", "digits_cnn", "--gpus", "17"], "17"),
    (["search", "--space", "digits_cnn", "--set", "depth"], "KEY=VALUE"),
    (["search", "--space", "digits_cnn", "--set", "dept.high=3"], "depth"),
    (["search", "--space", "digits_cnn", "--timeout", "soon"], "soon"),
    (["search", "--space", "digits_cnn", "--enqueue", "none.jsonl"], "none.jsonl"),
    (["search", "--space", "digits_cnn", "--storage", "what"], "sqlite"),
    (["search", "--space", "digits_cnn", "--storage", "postgresql+psycopg://x@127.0.0.1:1/x"], "cannot"),
    (["search", "--space", "digits_cnn", "--first-rung", "99"], "--first-rung"),
    (["search", "--space", "digits_cnn", "--track", "mlflo"], "did you mean 'mlflow'?"),
    (["leaderboard", "--engine", "ray"], "--confirm"),
    (["leaderboard", "--engine", "ray", "--confirm", "3"], "name of a study"),
    (["show", "nobody"], "no study 'nobody'"),
    (["train", "nowhere.yaml"], "nowhere.yaml"),
    (["distill", "nobody"], "--student"),
    (["distill", "nobody", "--student", "digits_cnn"], "no study 'nobody'"),
    (["serach"], "search"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "hint"), BAD, ids=lambda value: " ".join(value)[:60])
def test_mistake_ends_in_one_clear_message(arguments, hint, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:  # in this process: a start takes longer than the rest
        main(arguments)
    captured = capsys.readouterr()
    assert stop.value.code == 2, captured
    assert hint in captured.out + captured.err


def test_a_mistake_has_no_traceback(tmp_path):
    assert "cifar_cnn" in autotrain("search", "--space", "cifar_cn", cwd=tmp_path, expect=2)


def test_bad_queue_is_refused_with_file_and_line(tmp_path):
    for text, hint in [
        ("{\n", "queue.jsonl:1"),
        ("[1]\n", "queue.jsonl:1"),
        ('{"dept": 1}\n', "depth"),
    ]:
        (tmp_path / "queue.jsonl").write_text(text)
        output = autotrain(
            "search", "--space", "digits_cnn", "--enqueue", "queue.jsonl", cwd=tmp_path, expect=2
        )
        assert hint in output


def test_cifar10_without_network_or_cache_says_what_to_do(tmp_path):
    output = autotrain(
        "search", "--space", "cifar_cnn", cwd=tmp_path, expect=2, KERAS_HOME=str(tmp_path / "keras")
    )
    assert "--data digits" in output
    assert str(tmp_path / "keras") in output


def test_doctor_names_what_would_be_used(tmp_path):
    output = autotrain("doctor", cwd=tmp_path)
    for word in ("Python", "tensorflow", "keras", "optuna", "worker(s)"):
        assert word in output


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """One real search on digits, with Keras, in two workers."""
    folder = tmp_path_factory.mktemp("searched")
    command = [
        "search",
        "--space",
        "digits_cnn",
        "--trials",
        "6",
        "--epochs",
        "3",
        "--workers",
        "2",
    ]
    output = autotrain(*command, "--set", "width=8", cwd=folder)
    return folder, output


def test_search_prints_the_leaderboard_the_best_and_the_next_step(searched):
    _, output = searched
    for text in (
        "val_accuracy",
        "COMPLETE",
        "best",
        "learning_rate",
        "model.keras",
        "report.html",
        "autotrain show",
    ):
        assert text in output


def test_the_report_is_there_at_the_end_with_the_best_model_measured(searched):
    folder, _ = searched
    report = folder / "runs" / "digits_cnn" / "report.html"
    before = report.stat().st_mtime_ns
    text = report.read_text("utf-8")
    for words in ("Confusion matrix", "Learning curves", "flops for one example"):
        assert words in text
    assert (
        autotrain("report", "digits_cnn", "--out", "mine.html", cwd=folder).strip() == "mine.html"
    )
    assert (folder / "mine.html").stat().st_size > 4_000_000
    assert report.stat().st_mtime_ns == before


def test_the_leaderboard_is_printed_and_written(searched):
    folder, _ = searched
    printed = autotrain("leaderboard", "digits_cnn", cwd=folder)
    assert "95 %" in printed
    assert "ms for 1" in printed
    written = autotrain(
        "leaderboard", "digits_cnn", "--format", "csv", "--out", "board.csv", cwd=folder
    )
    assert "board.csv" in written
    assert (folder / "board.csv").read_text().startswith("rank,study,trial,val_accuracy,mean,")
    answer = autotrain("leaderboard", "digits_cn", cwd=folder, expect=2)
    assert "did you mean 'digits_cnn'" in answer
    refused = autotrain("leaderboard", "--out", "no/such/folder.csv", cwd=folder, expect=2)
    assert "--out no/such/folder.csv cannot be written" in refused


def test_best_model_loads_with_plain_keras_and_predicts_raw_images(searched):
    folder, _ = searched
    code = (
        "import keras, numpy as np, json, glob;"
        "m = keras.models.load_model('runs/digits_cnn/best/model.keras');"
        "d = glob.glob('runs/.data/*/')[0];"
        "x, y = np.load(d + 'x_validation.npy'), np.load(d + 'y_validation.npy');"
        "card = json.load(open('runs/digits_cnn/best/model.json'));"
        "p = m.predict(x, verbose=0);"
        "recall = [(p.argmax(1)[y == c] == c).mean() for c in range(10)];"
        "print('EACH', np.allclose(card['by_class']['recall'], recall));"
        "print('SAME', abs((p.argmax(1) == y).mean() - card['metrics']['val_accuracy']) < 1e-6);"
        "import sys; print('PLAIN', 'autotrain' not in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "SAME True" in answer.stdout
    assert "EACH True" in answer.stdout
    assert "PLAIN True" in answer.stdout


def test_train_gives_the_recorded_metrics_again(searched):
    folder, _ = searched
    config = "runs/digits_cnn/trials/2/config.yaml"
    output = autotrain("train", config, "--out", "again", cwd=folder)
    assert "equal to the recorded metrics in all" in output
    assert (folder / "again/model.keras").exists()


def test_studies_and_show_read_the_study(searched):
    folder, _ = searched
    assert "digits_cnn" in autotrain("studies", cwd=folder)
    shown = autotrain("show", "digits_cnn", cwd=folder)
    assert "1,149 train" in shown
    assert "weakest" in shown
    assert "recall" in shown
    facts = json.loads(autotrain("show", "digits_cnn", "--json", cwd=folder))
    assert sum(facts["counts"].values()) == 6
    assert facts["best"]["values"]["val_accuracy"] > 0


def test_plain_optuna_reads_the_study(searched):
    folder, _ = searched
    import optuna

    study = optuna.load_study(
        study_name="digits_cnn", storage=f"sqlite:///{folder}/runs/studies.db"
    )
    assert len(study.trials) == 6
    assert study.best_trial.intermediate_values
    assert study.best_value == max(study.best_trial.intermediate_values.values())


def test_changed_space_under_the_same_name_is_refused_with_the_difference(searched):
    folder, _ = searched
    command = [
        "search",
        "--space",
        "digits_cnn",
        "--trials",
        "6",
        "--epochs",
        "3",
        "--set",
        "width=16",
    ]
    output = autotrain(*command, cwd=folder, expect=2)
    assert "width" in output
    assert "was 8" in output
    assert "now 16" in output


def test_same_command_again_has_nothing_to_do(searched):
    folder, _ = searched
    command = [
        "search",
        "--space",
        "digits_cnn",
        "--trials",
        "6",
        "--epochs",
        "3",
        "--set",
        "width=8",
    ]
    assert "nothing to do" in autotrain(*command, cwd=folder)


def test_folder_has_weights_but_no_checkpoints_of_finished_trials(searched):
    folder, _ = searched
    study = folder / "runs/digits_cnn"
    assert not list(study.glob("trials/*/checkpoint*"))
    assert list(study.glob("trials/*/weights"))
    assert not list(study.rglob("*.tmp*"))
