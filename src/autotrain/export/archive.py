"""Unpacking an archive that somebody sent, into a folder of its own and nowhere else."""

from __future__ import annotations

import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from autotrain.errors import ConfigurationError

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
MOST_FILES = 1000
MOST_BYTES = 8 * 2**30
MOST_RATIO = 200  # bytes unpacked for each byte of the archive; zeros compress a thousandfold
_PIECE = 1 << 20


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A temporary folder with the archive's files; of an archive of one folder, that folder.

    Raises:
        ConfigurationError: it holds links, devices, paths that lead elsewhere, names twice, or more
            files or bytes than a model has; nothing of it is kept.
    """
    with tempfile.TemporaryDirectory(prefix="autotrain-") as name:
        folder = Path(name)
        try:
            _unpack(path, folder)
        except (
            zipfile.BadZipFile,
            tarfile.TarError,
            EOFError,
            OSError,
            NotImplementedError,
        ) as error:
            raise ConfigurationError(f"{path} cannot be unpacked: {error}") from None
        inside = list(folder.iterdir())
        yield inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _unpack(path: Path, folder: Path) -> None:
    room = min(MOST_BYTES, max(path.stat().st_size, _PIECE) * MOST_RATIO)
    seen: set[str] = set()
    for name, file in _members(path):
        target = folder / _safe(path, name)
        if len(seen) >= MOST_FILES or str(target).lower() in seen:
            raise ConfigurationError(
                f"{path} holds more than {MOST_FILES} files, or one twice: {name}"
            )
        seen.add(str(target).lower())
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            while piece := file.read(_PIECE):
                room -= len(piece)
                if room < 0:
                    raise ConfigurationError(f"{path} unpacks to more than a model has; at {name}")
                out.write(piece)


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Names and contents of plain files.

    Raises:
        ConfigurationError: something else is in it than files and folders.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for item in archive.infolist():
                kind = stat.S_IFMT(item.external_attr >> 16)
                if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise ConfigurationError(f"{path} holds a link or a device: {item.filename}")
                if not item.is_dir():
                    with archive.open(item) as file:
                        yield item.filename, file
        return
    with tarfile.open(path) as packed:
        for member in packed:
            if not (member.isreg() or member.isdir()):
                raise ConfigurationError(f"{path} holds a link or a device: {member.name}")
            content: Any = packed.extractfile(member)
            if content is not None:
                yield member.name, content


def _safe(path: Path, name: str) -> PurePosixPath:
    found = PurePosixPath(name)
    bad = found.is_absolute() or ".." in found.parts or "\\" in name or ":" in name or "\0" in name
    if bad or not found.parts:
        raise ConfigurationError(f"{path} holds a path that leads elsewhere: {name!r}")
    return found
