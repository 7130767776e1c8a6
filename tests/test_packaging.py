"""What is imported is declared, and what is used beyond its promises has an upper bound."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "autotrain"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NAMES = {"PIL": "pillow", "pydantic_core": "pydantic", "yaml": "pyyaml", "sklearn": "scikit-learn",
         "upath": "universal-pathlib", "dash_ag_grid": "dash-ag-grid", "ai_edge_litert": "ai-edge-litert",
         "mlflow": "mlflow-skinny"}  # fmt: skip
OURS = {"autotrain", "runtime", *(path.stem for path in (PACKAGE / "serving").glob("*.py"))}


def requirements(lines):
    """Bounds by the name of a distribution."""
    return dict(re.fullmatch(r"([\w-]+)(?:\[[\w-]+\])?(.*)", line).groups() for line in lines)


CORE = requirements(PROJECT["dependencies"])
EXTRAS = {
    name: bounds
    for lines in PROJECT["optional-dependencies"].values()
    for name, bounds in requirements(lines).items()
}


def imported():
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - OURS


@pytest.mark.parametrize("name", sorted(imported()))
def test_what_is_imported_is_declared(name):
    assert NAMES.get(name, name) in {**CORE, **EXTRAS}


@pytest.mark.parametrize("name", ["tensorflow", "keras", "optuna", "sqlalchemy", "ray", "plotly",
                                  "dash", "dash-ag-grid", "flask", "jax"])  # fmt: skip
def test_what_is_used_beyond_its_promises_has_an_upper_bound(name):
    assert "<" in {**EXTRAS, **CORE}[name]


def test_the_same_bounds_stand_wherever_a_package_is_named():
    lines = [line for some in PROJECT["optional-dependencies"].values() for line in some]
    for name, bounds in {**EXTRAS, **CORE}.items():
        for line in (*lines, *PROJECT["dependencies"]):
            if name in requirements([line]):
                assert line.endswith(bounds), line


def test_everything_but_code_that_pages_need_is_in_the_package():
    files = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.*")}
    assert {"reports/templates/page.html", "reports/assets/style.css", "reports/assets/figures.js",
            "reports/assets/plotly-strict.min.js.gz", "dashboard/assets/dashboard.js"} <= files  # fmt: skip
