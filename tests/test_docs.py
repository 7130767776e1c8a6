"""The documentation shows what is true: code runs, tables match, links and commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autotrain.catalog.compatibility import check_space
from autotrain.catalog.hyperparameters import HYPERPARAMETERS
from autotrain.data import BUILT_IN_NAMES
from autotrain.serving.table_reader import MISSING, SUFFIXES
from autotrain.space import DataSpec, load_space
from extending import write_files

ROOT = Path(__file__).parents[1]
PAGES = [*(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
         *sorted((ROOT / "docs").glob("*.md"))]  # fmt: skip


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), flags=re.S)


def test_ci_runs_exactly_the_readmes_test_command():
    commands = blocks(ROOT / "README.md", "sh")
    assert commands[1].strip() in (ROOT / ".ci/run").read_text("utf-8").splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_spaces_in_yaml_are_right(page, tmp_path):
    for i, text in enumerate(blocks(page, "yaml")):
        if "parameters:" in text:
            file = tmp_path / f"space{i}.yaml"
            file.write_text(text, "utf-8")
            check_space(load_space(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_with_an_objective_of_its_own_runs(page, tmp_path):
    write_files(page, tmp_path)  # which the other code of the page imports
    for code in blocks(page, "python"):
        if "objective=" in code:
            answer = subprocess.run(
                [sys.executable, "-c", code],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_hyperparameter_is_in_the_table_with_its_rule():
    text = (ROOT / "docs/training.md").read_text("utf-8")
    for name, info in HYPERPARAMETERS.items():
        row = f"| `{name}` | {info.rule()} | {'structure' if info.structural else 'value'} |"
        assert row in text, row


def test_every_option_named_in_the_readme_exists():
    from autotrain.cli import distill, leaderboard, report, search
    from autotrain.cli.spaces import show_space

    commands = [c.command for c in (distill, leaderboard, report, search)] + [show_space]
    known = {n for c in commands for parameter in c.params for n in parameter.opts}
    for option in re.findall(r"`(--[a-z-]+)", (ROOT / "README.md").read_text("utf-8")):
        assert option in known, option


def test_data_sections_are_right():
    sections = [
        yaml.safe_load(text)["data"]
        for text in blocks(ROOT / "docs/data.md", "yaml")
        if "parameters:" not in text
    ]
    assert sections
    for section in sections:
        assert DataSpec(**section).source == section["source"]


def test_what_the_page_on_data_lists_is_what_the_code_knows():
    text = (ROOT / "docs/data.md").read_text("utf-8")
    for name in (*BUILT_IN_NAMES, *SUFFIXES, *filter(None, MISSING)):
        assert f"`{name}`" in text, name
