"""Finding and loading space files, and the spaces that are shipped."""

import os
import re
import subprocess
import sys

import pytest

from autotrain.catalog.compatibility import check_space
from autotrain.catalog.families import models_of
from autotrain.errors import SpaceError
from autotrain.space import Float, load_space, shipped_spaces
from autotrain.space.yaml_reader import LARGEST_FILE

GOOD = "objective: val_loss\nparameters: {x: {int: [1, 2]}}\n"
BUDGETS = {
    "cifar_cnn": (30, 50),
    "cifar_resnet": (40, 40),
    "digits_cnn": (6, 24),
    "image_small": (27, 60),
    "image_transfer": (12, 24),
    "tabular_mlp": (30, 40),
    "tabular_regression": (40, 40),
    "text_cnn": (9, 30),
    "text_transformer": (9, 24),
    "sequence": (27, 40),
    "forecast": (27, 30),
}
WITHOUT_DATA = (  # nothing fits everybody
    "tabular_regression",
    "text_cnn",
    "text_transformer",
    "sequence",
    "forecast",
)


def problem(name):
    with pytest.raises(SpaceError) as caught:
        load_space(name)
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize("name", BUDGETS)
def test_shipped_space_is_complete(name):
    space = load_space(name)
    assert space.name == name
    assert space.task
    assert models_of(space)
    assert bool(space.data and space.data.source) == (name not in WITHOUT_DATA)
    assert space.description
    check_space(space)
    if "momentum" in space.parameters:
        assert space.parameters["momentum"].conditions == {"optimizer": ("sgd",)}
    assert space.parameters["learning_rate"].log
    if "warmup" in space.parameters:
        assert isinstance(space.parameters["warmup"], Float)
        assert space.parameters["warmup"].high <= 0.3


@pytest.mark.parametrize("name", ["cifar_cnn", "cifar_resnet"])
def test_known_good_configurations_are_complete(name):
    space = load_space(name)
    assert len(space.start_from) >= 2
    for params in space.start_from:
        searched = {n for n, p in space.parameters.items() if p.kind != "fixed"}
        active = set(space.active(params)) & searched
        missing = {n for n in searched - active if space.is_active(n, space.active(params))}
        assert missing <= {"preactivation", "attention", "blocks"}, missing


@pytest.mark.parametrize("name", BUDGETS)
def test_shipped_space_explains_every_parameter(name):
    lines = shipped_spaces()[name].read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 100
    for number, line in enumerate(lines):
        if re.match(r"  \w+: ", line):
            assert lines[number - 1].startswith("  # "), line


def test_load_budgets_of_the_shipped():
    budgets = {name: load_space(name).budget for name in shipped_spaces()}
    found = {name: (budget.epochs, budget.trials) for name, budget in budgets.items()}
    assert found == BUDGETS


@pytest.mark.parametrize("suffix", [".yaml", ".yml"])
def test_load_path(tmp_path, suffix):
    path = tmp_path / f"mine{suffix}"
    path.write_text(GOOD)
    assert load_space(path) == load_space(str(path))
    assert load_space(path).name == "mine"
    assert load_space(path).locate("parameters") == f"{path}:2"


def test_load_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(GOOD)
    assert load_space("mine.yaml").locate() == "mine.yaml:1"


def test_load_unknown_name_lists_the_shipped():
    text = problem("cifar_cn")
    assert "cifar_cnn, cifar_resnet, digits_cnn" in text
    assert "did you mean 'cifar_cnn'?" in text
    assert "a space must be one of" in problem("")


def test_load_name_of_a_file_without_suffix_hints_at_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(GOOD)
    (tmp_path / "folder").mkdir()
    assert "did you mean the file mine.yaml?" in problem("mine")
    assert "that is a folder" in problem("folder")


def test_load_missing_file_hints_at_a_neighbour(tmp_path):
    (tmp_path / "mine.yaml").write_text(GOOD)
    assert "there is no such file (did you mean 'mine.yaml'?)" in problem(tmp_path / "mime.yaml")
    assert "there is no folder" in problem(tmp_path / "no" / "mine.yaml")


def test_load_folder_wrong_suffix_and_pipe(tmp_path):
    (tmp_path / "f.yaml").mkdir()
    assert "this is a folder" in problem(tmp_path / "f.yaml")
    (tmp_path / "space.json").write_text("{}")
    assert "must end in .yaml or .yml, got 'space.json'" in problem(tmp_path / "space.json")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "ordinary file" in problem(tmp_path / "pipe.yaml")
    assert "no such file" in problem(tmp_path / "a\0b.yaml")


def test_load_not_utf8_has_the_line(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"name: a\ndescription: caf\xe9\n")
    assert problem(path).startswith(f"{path}:2: the file must be UTF-8, got the byte 0xe9")
    path.write_bytes(GOOD.encode("utf-16"))
    assert ":1: the file must be UTF-8" in problem(path)


def test_load_byte_order_mark_is_ignored(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_space(path).name == "x"


def test_load_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "x.yaml"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    assert "must not be larger than 256 KiB" in problem(path)
    path.write_text(GOOD + "#" * (LARGEST_FILE - len(GOOD)))
    assert load_space(path)


def test_load_empty_file(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("")
    assert problem(path).startswith(f"{path}:1: a space must not be empty")


def test_import_space_stays_light():
    code = "import sys, autotrain.space; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"tensorflow", "keras", "ray", "optuna", "pandas", "plotly", "sklearn", "numpy"}
    assert not heavy & set(loaded)
