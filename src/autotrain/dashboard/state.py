"""The studies that the dashboard shows, each read again only where something is new."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from autotrain.analysis.stored_study import StoredStudy
from autotrain.analysis.workspace import open_study
from autotrain.errors import AutotrainError
from autotrain.paths import Workspace
from autotrain.reports.figures.base import Sources
from autotrain.storage.settings import read_settings

_Made = TypeVar("_Made")
_GONE = (AutotrainError, OSError, SQLAlchemyError)  # what a study can be lost by
_SHARE = 0.1  # of the time may go into drawing the same thing again


@dataclass
class _Kept:
    """Something drawn: of which version, how long that took, and when it was done."""

    made: Any
    version: int
    cost: float
    at: float


@dataclass
class Watched:
    """One study, with what was drawn of it. Several pages and threads share it.

    Attributes:
        version: counts up with every change.
        changed: the version that changed a trial last, by its number.
        began: the version in which it was there first.
    """

    study: StoredStudy
    version: int = 0
    changed: dict[int, int] = field(default_factory=dict)
    began: dict[int, int] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.RLock)
    _kept: dict[Any, _Kept] = field(default_factory=dict)
    _sources: tuple[int, Sources] | None = None  # which several figures share
    _looked: float = 0.0
    _owner: str | None = None

    def refresh(self, seconds: float = 0.5) -> int:
        """Read what is new, unless that was done just now; the version."""
        with self._lock:
            if time.monotonic() - self._looked < seconds:
                return self.version
            found, owner = self.study.refresh(), self.study.owner
            if found or owner != self._owner or not self.version:
                self.version += 1
                self.changed |= dict.fromkeys(found, self.version)
                self.began = dict.fromkeys(found, self.version) | self.began
            self._owner, self._looked = owner, time.monotonic()
            return self.version

    @property
    def owner(self) -> str | None:
        """Who searches it, when last looked."""
        return self._owner

    def drawn(self, key: object, draw: Callable[[Sources], _Made]) -> tuple[_Made, int]:
        """What `draw` makes of the study, and of which version that is.

        It is drawn once for all who look, and the more rarely the longer it takes.
        """
        with self._lock:
            kept = self._kept.get(key)
            now = time.monotonic()
            fresh = kept is not None and (
                kept.version == self.version or now - kept.at < kept.cost / _SHARE
            )
            if kept is None or not fresh:
                if self._sources is None or self._sources[0] != self.version:
                    self._sources = self.version, Sources(self.study)
                made = draw(self._sources[1])
                done = time.monotonic()
                kept = self._kept[key] = _Kept(made, self.version, done - now, done)
            return kept.made, kept.version


@dataclass
class Watcher:
    """All studies of a workspace.

    Attributes:
        storage: of the studies that do not name their own.
        broken: why a study cannot be shown, by the name of its folder.
    """

    runs: Path
    storage: str | None = None
    broken: dict[str, str] = field(default_factory=dict)
    _known: dict[str, tuple[float, Watched]] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.RLock)

    def all(self) -> list[Watched]:
        """The studies there are now, the latest first."""
        with self._lock:
            stamps = {file: _stamp(file) for file in self.runs.glob("*/study.yaml")}
            self.broken = {}
            found = {}
            for file, stamp in sorted(stamps.items(), key=lambda item: -item[1]):
                known = self._known.get(str(file))
                try:
                    if known is None or known[0] != stamp:
                        settings = read_settings(file)
                        study = open_study(settings, Workspace(self.runs), self.storage)
                        known = (stamp, Watched(study))
                    known[1].refresh()
                except _GONE as error:
                    self.broken[file.parent.name] = str(error)
                    continue
                found[str(file)] = known
            self._known = found
            return [watched for _, watched in found.values()]

    def study(self, id: str) -> Watched | None:
        """The study of an id, refreshed."""
        with self._lock:
            for _, watched in self._known.values():
                if watched.study.settings.id == id:
                    try:
                        watched.refresh()
                    except _GONE:
                        return None
                    return watched
        found = (w for w in self.all() if w.study.settings.id == id)
        return next(found, None)


def _stamp(file: Path) -> float:
    """When it was written; 0 for one that has just been deleted."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
