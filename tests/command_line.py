"""Running the command line as a user does: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys


def autotrain(*arguments, cwd, expect=0, **env):
    answer = subprocess.run(
        [sys.executable, "-m", "autotrain.cli", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "COLUMNS": "160", **env},
    )
    assert answer.returncode == expect, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    return answer.stdout + answer.stderr
