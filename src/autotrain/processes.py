"""Modules of ours that run as processes of their own: one way to start them, one way to hear why not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO

_LONGEST = 500  # characters of a cause


class ProcessError(Exception):
    """A process of ours failed; the message is the line that says why."""


def run_python(
    words: Sequence[str],
    *,
    request: bytes = b"",
    environment: Mapping[str, str] | None = None,
    progress: IO[bytes] | int = subprocess.PIPE,
) -> bytes:
    """Run Python in a fresh process; what it wrote to standard output.

    Args:
        words: of its command line, such as `-m` and a module.
        request: what it reads from standard input.
        environment: variables besides those of this process.
        progress: where its standard output goes instead, for a person to see; then nothing comes
            back.

    Raises:
        ProcessError: it ended with another status than 0.
    """
    answer = subprocess.run(
        [sys.executable, *words],
        input=request,
        env={**os.environ, **(environment or {})},
        stdout=progress,
        stderr=subprocess.PIPE,
        check=False,
    )
    if answer.returncode:
        raise ProcessError(cause_in(answer.stderr, answer.returncode))
    return answer.stdout or b""


def cause_in(stderr: bytes, status: int) -> str:
    """The line of a traceback, or of other words, that says what was wrong."""
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    said = [line for line in lines if re.match(r"error: |[\w.]+(Error|Exception): ", line)]
    silent = [f"it ended with status {status} and without a word"]
    return (said or lines or silent)[-1][:_LONGEST]
