"""A package of somebody else adds one of everything, and the product is not touched.

It is the package of `docs/extending.md`, installed as pip leaves it, with two entry points that cannot
be loaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest

from extending import PAGE, install, write_files

COORDINATOR = """
    import sys
    from autotrain.catalog.compatibility import check_space
    from autotrain.catalog.families import structure_of
    from autotrain.space import load_space

    check_space(load_space(sys.argv[1]))
    print(structure_of("sums", {"terms": 3})[0], "keras" in sys.modules)
"""
ADDED = {
    "samplers": "climb", "pruners": "top_half", "models": "sums", "data sources": "rows",
    "formats": "weights", "trackers": "lines",
}  # fmt: skip


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """A folder with the package as installed, its space and its data; a function that runs Python."""
    folder = tmp_path_factory.mktemp("outside")
    install(folder)
    space = (folder / "space.yaml").read_text().replace("model: mlp", "model: sums")
    added = "  terms: {int: [1, 3]}\n  damping: {float: [0.1, 0.9]}\n"
    (folder / "space.yaml").write_text(space.replace("  depth: {int: [1, 3]}\n", added))
    x = [[i % 7, (i * 5) % 11, i % 2] for i in range(90)]
    (folder / "data.rows").write_text(json.dumps({"x": x, "y": [i % 2 for i in range(90)]}))
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": ""}

    def run(*words):
        return subprocess.run(
            [sys.executable, *map(str, words)],
            capture_output=True, text=True, cwd=folder, env=environment, check=False,
        )  # fmt: skip

    return folder, run


@pytest.fixture(scope="module")
def searched(outside):
    """What a search with all of it said."""
    _, run = outside
    return run(
        *("-m", "autotrain.cli", "search", "--space", "space.yaml", "--data", "data.rows"),
        *("--sampler", "climb", "--pruner", "top_half", "--track", "lines"),
        *("--study", "s", "--trials", 8, "--epochs", 2, "--workers", 1, "--gpus", "none"),
        "--no-report",
    )


def test_coordinator_knows_a_family_without_its_keras_part(outside):
    folder, run = outside
    answer = run("-c", textwrap.dedent(COORDINATOR), folder / "space.yaml")
    assert answer.stdout.strip() == "('model', 'sums') False", answer.stderr


def test_unknown_parameter_of_a_family_is_answered_with_its_own(outside):
    folder, run = outside
    space = (folder / "space.yaml").read_text().replace("terms:", "trems:")
    (folder / "wrong.yaml").write_text(space)
    answer = run("-m", "autotrain.cli", "search", "--space", "wrong.yaml", "--data", "data.rows")
    assert answer.returncode == 2
    assert "did you mean 'terms'?" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_search_uses_sampler_pruner_family_source_and_tracker(outside, searched):
    folder, _ = outside
    assert searched.returncode == 0, searched.stderr
    lines = [
        json.loads(x) for x in (folder / "runs" / "s" / "lines.jsonl").read_text().splitlines()
    ]
    ends = [line for line in lines if "ended" in line]
    assert sorted(line["trial"] for line in ends) == list(range(8))
    assert {line["ended"] for line in ends} == {"COMPLETE", "PRUNED"}
    assert all(set(line["params"]) == {"terms", "damping", "learning_rate"} for line in ends)
    kept = [
        (a["params"]["damping"], b["params"]["damping"]) for a in ends for b in ends if a is not b
    ]
    assert any(one == other for one, other in kept)  # no other sampler repeats a number
    study = (folder / "runs" / "s" / "study.yaml").read_text()
    assert "pruner: top_half" in study
    assert "sampler: climb" in study


def test_an_entry_point_that_cannot_be_loaded_is_named_and_skipped(outside, searched):
    _, run = outside
    assert searched.returncode == 0
    assert "left out: the data source 'broken' of the package my_package 1.2" in searched.stderr
    answer = run("-m", "autotrain.cli", "search", "--space", "space.yaml", "--sampler", "broken")
    assert answer.returncode == 2
    assert (
        "error: the sampler 'broken' of the package my_package 1.2 cannot be loaded"
        in answer.stderr
    )
    assert "Traceback" not in answer.stderr


def test_its_format_is_written_and_runs_alone(outside, searched):
    folder, run = outside
    exported = run(
        *("-m", "autotrain.cli", "export", "s", "--format", "weights", "--out", "model"),
        *("--gpus", "none"),
    )
    assert exported.returncode == 0, exported.stderr
    assert (folder / "model" / "weights.keras").exists()
    (folder / "new.csv").write_text("column 1,column 2,column 3\n1,2,0\n3,4,1\n")
    alone = run(folder / "model" / "predict.py", "new.csv")
    ours = run("-m", "autotrain.cli", "predict", "model", "new.csv")
    assert alone.stdout == ours.stdout, alone.stderr + ours.stderr
    assert len(alone.stdout.splitlines()) == 3


def test_help_and_doctor_show_what_it_adds(outside):
    _, run = outside
    text = run("-m", "autotrain.cli", "search", "--help").stdout
    text += run("-m", "autotrain.cli", "export", "--help").stdout
    for kind in ("samplers", "pruners", "trackers", "formats"):
        assert ADDED[kind] in text
    found = run("-c", "import json, autotrain; print(json.dumps(autotrain.doctor()))")
    said = json.loads(found.stdout)
    for kind, name in ADDED.items():
        assert f"{name} (my_package 1.2)" in said[kind]
        assert "broken" not in said[kind]
    assert "the sampler 'broken' of the package my_package 1.2 cannot be loaded" in said["left out"]
    assert "the data source 'broken'" in said["left out"]
    shown = run("-m", "autotrain.cli", "doctor").stdout
    assert "climb (my_package 1.2)" in shown
    assert "left out" in shown


@pytest.mark.parametrize(
    "which",
    [
        "Source or Tracker or test_proposals or test_an_answer",
        pytest.param("not Source and not Tracker", marks=pytest.mark.slow),
    ],
)
def test_it_passes_the_suites_without_being_installed(tmp_path, which):
    write_files(PAGE, tmp_path)
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-k", which, "test_my_package.py"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout[-3000:]
