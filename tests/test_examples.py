"""Every example runs as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autotrain.catalog.compatibility import check_space
from autotrain.space import load_space

EXAMPLES = Path(__file__).parents[1] / "examples"


SLOW = ("search_digits.py",)  # what the README's first command does
FILES = [
    pytest.param(file, marks=pytest.mark.slow if file.name in SLOW else (), id=file.name)
    for file in sorted(EXAMPLES.glob("*.py"))
]


@pytest.mark.parametrize("file", FILES)
def test_example_runs(file, tmp_path):
    answer = subprocess.run(
        [sys.executable, str(file), str(tmp_path)], capture_output=True, text=True, timeout=240
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.name)
def test_example_space_is_right(file):
    check_space(load_space(file))


def test_every_example_is_listed():
    text = (EXAMPLES / "README.md").read_text("utf-8")
    for file in EXAMPLES.iterdir():
        assert file.name == "README.md" or file.name.startswith("__") or f"`{file.name}`" in text
