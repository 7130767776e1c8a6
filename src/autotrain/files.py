"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from autotrain.errors import ConfigurationError

JsonObject: TypeAlias = dict[str, Any]  # what is written as JSON or YAML, or sent as such


@contextmanager
def replaced(path: Path, ending: str = ".tmp", overwrite: bool = True) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes that name, or on failure disappears.

    Args:
        ending: of the name until then, for writers that go by it.
        overwrite: otherwise a file that is there by then stays, and what was written disappears.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}{ending}")
    try:
        yield aside
        if overwrite:
            aside.replace(path)
        else:
            with suppress(FileExistsError):
                os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path, alone: bool = False) -> Iterator[Path]:
    """A folder beside `path` to fill; at the end it takes that name, or on failure disappears.

    Args:
        alone: the caller holds a lock, so what a killed process left aside can be removed.

    Raises:
        OSError: a folder of that name, with something in it, is there by then.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    for left in path.parent.glob(f".{path.name}.*.tmp") if alone else ():
        shutil.rmtree(left, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        yield aside
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def write_json(path: Path, content: object) -> None:
    """Write readable JSON, aside and then renamed."""
    with replaced(path) as aside:
        aside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def read_json(path: Path) -> JsonObject:
    """What `write_json` wrote; nothing where there is no file.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        found: JsonObject = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error}): delete it to measure again"
        ) from None
    return found
