"""The layer order of ARCHITECTURE.md, the imports at start-up, and the size of files."""

from __future__ import annotations

import ast
import os
import re
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
    {"compat"},
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
    {"testing"},
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
    exceptions = {"compat/keras_internals.py", "data/sources/keras_datasets.py",
                  "api/study.py", "export/conversion.py", "export/formats/litert.py",
                  "export/formats/onnx.py",
                  "serving/keras_runtime.py", "serving/saved_model_runtime.py",
                  "serving/litert_runtime.py"}  # fmt: skip
    if names & {"keras", "tensorflow", "jax"}:
        inside = layer_of(path) in allowed or str(path.relative_to(PACKAGE)) in exceptions
        assert inside, f"{path} imports {names & {'keras', 'tensorflow', 'jax'}}"


PUBLIC = {"_exit"}  # of `os`
LIBRARY = re.compile(r"(keras|optuna|ray|jax|tf|tensorflow|dash|plotly)\.")


def names_made(path: Path) -> set[str]:
    """Functions, classes, variables and attributes that a file makes."""
    made = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            made.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_mine(node):
            made.add(node.attr)
    return made


def is_mine(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


ALL_MADE = set().union(*map(names_made, FILES))


def private_parts(path: Path) -> set[str]:
    """What a file uses that begins with an underscore and neither it nor a class of ours makes."""
    used, inherited = set(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            (inherited if is_mine(node) else used).add(node.attr)
            whole = ast.unparse(node)
            used |= {"_src"} if whole == "keras.src" else set()
            used |= (
                {"_patched"} if isinstance(node.ctx, ast.Store) and LIBRARY.match(whole) else set()
            )
        elif isinstance(node, ast.ImportFrom):
            used |= {*str(node.module).split("."), *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            used |= {part for alias in node.names for part in alias.name.split(".")}
        elif isinstance(node, ast.Call):  # getattr(x, "_name"), import_module("x._name")
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            named = ast.unparse(node.func).endswith(("attr", "import_module", ".get"))
            used |= {part for text in texts if named for part in str(text).split(".")}
    hidden = (used - names_made(path)) | (inherited - ALL_MADE)
    return {name for name in hidden if re.fullmatch(r"_[a-z]\w*", name)} - PUBLIC


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_private_parts_of_libraries_are_used_in_compat_only(path):
    """Of anybody else: what is private changes without a word, so each use there has a guard."""
    if layer_of(path) != "compat":
        assert not private_parts(path)


def test_every_private_part_that_compat_uses_is_found_by_that_test():
    found = {name for path in (PACKAGE / "compat").glob("*.py") for name in private_parts(path)}
    assert {
        "_rdb",
        "_flatten_layers",
        "_available",
        "_raylet",
        "_private",
        "_src",
        "_patched",
    } <= found


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


def test_a_leaderboard_in_a_terminal_needs_no_pandas():
    code = "from autotrain.reports.leaderboard_formats import as_table\n"
    code += "from boards import example_board; as_table(example_board(), 80)"
    assert "pandas" not in loaded_by(f"sys.path.append({str(ROOT / 'tests')!r})\n{code}")


def test_public_names_can_be_loaded_and_unknown_ones_are_refused():
    import autotrain

    assert all(getattr(autotrain, name) is not None for name in autotrain.__all__)
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        autotrain.serach  # noqa: B018
