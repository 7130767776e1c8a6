"""Whether the files of an exported model are those that were exported.

Copied beside `predict.py` into every exported model; it needs nothing of autotrain.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

if __package__:
    from autotrain.serving.input_file import InputError
else:
    from input_file import InputError  # type: ignore[no-redef]


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()


def check(folder: Path) -> set[str]:
    """See that every file is the one of the manifest; their names.

    Raises:
        InputError: there is no manifest, or a file is missing, altered or not named in it.
    """
    try:
        files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} has no manifest.json that can be read: {error}") from None
    for name, wanted in files.items():
        path = folder / name
        if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{name} is not a file of {folder}")
        if not path.is_file():
            raise InputError(f"{path} is missing, though the manifest names it")
        if digest(path) != wanted:
            raise InputError(f"{path} is not the file that was exported: its SHA-256 differs")
    known = {folder / name for name in files}
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts[0] in ("saved_model",)
        if inside and path.is_file() and path not in known:
            raise InputError(f"{path} is not named in the manifest")
    return set(files)
