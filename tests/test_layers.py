"""The layer order of ARCHITECTURE.md, the imports at start-up, and the size of files."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "autotrain"
FILES = sorted(PACKAGE.rglob("*.py"))
# Imports go only to the left; names of one rank do not import each other.
ORDER = [
    {"errors"},
    {"trial", "paths", "files", "serving", "registry", "processes"},
    {"tasks"},
    {"space"},
    {"data"},
    {"catalog"},
    {"training"},
    {"storage"},
    {"tuner"},
    {"engines"},
    {"analysis"},
    {"reports"},
    {"trackers", "export", "dashboard"},
    {"api"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
HEAVY = {"tensorflow", "keras", "ray", "optuna", "pandas", "plotly", "jax", "torch", "sklearn",
         "mlflow", "tensorboard"}  # fmt: skip


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Layers that a file imports, at any depth, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("autotrain.")}
    return found & RANK.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_only_to_the_left(path):
    layer = layer_of(path)
    if layer == "__init__":  # the front door: names for users, loaded on first use
        return
    assert layer in RANK, f"{layer} has no place in the layer order"
    for other in imported(path) - {layer}:
        assert RANK[other] < RANK[layer], f"{path}: {layer} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_training_core_imports_keras(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    # Keras's own data loaders run in a child process; `Study.load_model` runs when it is asked for;
    # what is copied into exports runs where a model is used.
    allowed = {"training"}
    exceptions = {"data/sources/keras_datasets.py", "analysis/study.py", "export/conversion.py",
                  "export/formats/litert.py", "serving/keras_runtime.py",
                  "serving/saved_model_runtime.py", "serving/litert_runtime.py"}  # fmt: skip
    if names & {"keras", "tensorflow", "jax"}:
        inside = layer_of(path) in allowed or str(path.relative_to(PACKAGE)) in exceptions
        assert inside, f"{path} imports {names & {'keras', 'tensorflow', 'jax'}}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 320, path


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('MODULES', *sorted(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    line = next(x for x in answer.stdout.splitlines() if x.startswith("MODULES"))
    return {name.split(".")[0] for name in line.split()[1:]}


HELP = "from autotrain.cli import main\ntry: main({})\nexcept SystemExit: pass"


@pytest.mark.parametrize(
    "code",
    [
        "import autotrain",
        HELP.format(["--help"]),
        HELP.format(["search", "--help"]),
        HELP.format(["spaces", "list"]),
        "import autotrain; autotrain.Float(0.1, 1.0); autotrain.load_space('cifar_cnn')",
    ],
)
def test_start_up_loads_no_framework(code):
    assert not loaded_by(code) & HEAVY


def test_public_names_can_be_loaded_and_unknown_ones_are_refused():
    import autotrain

    assert all(getattr(autotrain, name) is not None for name in autotrain.__all__)
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        autotrain.serach  # noqa: B018
