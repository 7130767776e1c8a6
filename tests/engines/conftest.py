"""Searches in processes of their own, so that they can be interrupted and killed for real."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable

import pytest

# Objectives that need no framework: workers start in well under a second.
PRELUDE = """
    import os, signal, sys, time
    from pathlib import Path
    import autotrain

    SPACE = autotrain.Space(
        {"x": autotrain.Float(-1.0, 1.0), "kind": autotrain.Choice(["a", "b"]),
         "y": autotrain.Int(1, 9, when={"kind": "a"})},
        "val_loss", name="quick", budget={"epochs": 4},
    )
    folder = Path(sys.argv[1])

    def curve(params, epoch):
        return params["x"] ** 2 + 1.0 / epoch + 0.01 * params.get("y", 5)

    def quick(params, reporter):
        for epoch in range(1, reporter.epochs + 1):
            reporter.report(epoch, val_loss=curve(params, epoch))

    def slow(params, reporter):
        for epoch in range(1, reporter.epochs + 1):
            (folder / "started").touch()
            time.sleep(0.15)
            reporter.report(epoch, val_loss=curve(params, epoch))

    def search(function=quick, **options):
        options = {"workers": 2, "runs": folder / "runs", "trials": 8, "report": False, **options}
        return autotrain.search(SPACE, objective=function, **options)
"""


class Script:
    """A Python script run in a child process on the test's folder."""

    def __init__(self, folder, body: str) -> None:
        self.folder = folder
        code = textwrap.dedent(PRELUDE) + textwrap.dedent(body)
        self.file = folder / "script.py"
        self.file.write_text(code)

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, str(self.file), str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def run(self, expect: int = 0) -> str:
        process = self.start()
        output, _ = process.communicate(timeout=120)
        assert process.returncode == expect, output
        return output


@pytest.fixture
def script(tmp_path) -> Callable[[str], Script]:
    return lambda body: Script(tmp_path, body)


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Wait on a condition, with a limit."""

    def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true in time"
            time.sleep(0.02)

    return wait
