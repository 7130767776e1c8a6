"""Running a child to its end while its wall time and the memory of its whole tree are measured."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

EVERY = 0.2  # seconds between two looks at the memory


class ChildFailed(Exception):
    """A child ended with another status than 0; the text is the end of what it printed."""


def run_measured(command: Sequence[str], env: Mapping[str, str], log: Path) -> tuple[float, float]:
    """Wall seconds from start to end, imports included, and the peak memory in bytes.

    Memory is the resident set of the child and all its descendants, summed, every 0.2 s. Pages
    that processes share are counted in each of them.

    Raises:
        ChildFailed: with the end of the log.
    """
    peak = 0

    def watch(root: psutil.Process) -> None:
        nonlocal peak
        while not over.wait(EVERY):
            peak = max(peak, _resident(root))

    over = threading.Event()
    with log.open("wb") as output:
        began = time.perf_counter()
        child = subprocess.Popen(command, env=dict(env), stdout=output, stderr=output)
        watcher = threading.Thread(target=watch, args=(psutil.Process(child.pid),), daemon=True)
        watcher.start()
        status = child.wait()
        wall = time.perf_counter() - began
    over.set()
    watcher.join()
    if status != 0:
        raise ChildFailed(log.read_text("utf-8", "replace")[-3000:])
    return wall, peak


def _resident(root: psutil.Process) -> int:
    total = 0
    try:
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.Error:  # ended meanwhile
            continue
    return total
