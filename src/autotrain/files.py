"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced(path: Path, ending: str = ".tmp") -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes that name, or on failure disappears.

    Args:
        ending: of the name until then, for writers that go by it.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}{ending}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
