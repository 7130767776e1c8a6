"""What every benchmark says of where it ran."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine_line(*packages: str) -> str:
    """Machine, Python and versions of packages."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    return (
        f"{processor()}, {cores()} cores, {platform.system()}, Python {platform.python_version()}"
        f"{', ' if versions else ''}{versions}; load {os.getloadavg()[0]:.1f}"
    )
