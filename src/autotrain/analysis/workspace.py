"""Finding the studies of a workspace, those too of which a part is lost."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy

from autotrain.analysis.stored_study import StoredStudy
from autotrain.errors import AutotrainError, StudyError, nearest
from autotrain.paths import StudyPaths, Workspace, folder_name
from autotrain.storage.optuna_reader import open_database, owned_studies
from autotrain.storage.optuna_storage import sqlite_url
from autotrain.storage.settings import StudySettings, read_settings


@dataclass(frozen=True)
class FoundStudy:
    """A study of a workspace.

    Attributes:
        name: its own; that of its folder where its settings cannot be read.
        study: with its trials read; None where it cannot be.
        problem: why it cannot be; empty otherwise.
    """

    name: str
    study: StoredStudy | None = None
    problem: str = ""


def found_studies(runs: str | Path = "runs", storage: str | None = None) -> list[FoundStudy]:
    """All studies of a workspace in the order of their start; nothing is written.

    One that was damaged or half removed by other tools is among them, with what is wrong.

    Args:
        storage: the database to read instead of each study's own.
    """
    workspace = Workspace(Path(runs))
    folders = _folders(workspace)
    found = [_found(folder, workspace, storage) for folder in folders]
    return [*found, *_without_folder(workspace, {folder.name for folder in folders})]


def found_study(name: str, runs: str | Path = "runs", storage: str | None = None) -> FoundStudy:
    """One study of a workspace, also if a part of it is lost.

    Raises:
        StudyError: there is nothing of that name.
    """
    workspace = Workspace(Path(runs))
    folder = workspace.study(name).root
    if _began(folder) is not None:
        return _found(folder, workspace, storage)
    for found in _without_folder(workspace, set()):
        if found.name == name:
            return found
    names = [_name_of(folder) for folder in _folders(workspace)]
    here = f"studies there: {', '.join(names)}" if names else "there are no studies there"
    raise StudyError(f"no study '{name}' in {workspace.root}; {nearest(name, names) or here}")


def load_stored(name: str, runs: str | Path = "runs", storage: str | None = None) -> StoredStudy:
    """Open a study of a workspace; its trials are read when they are asked for.

    Raises:
        StudyError: there is none of that name, or its settings are lost.
    """
    workspace = Workspace(Path(runs))
    paths = workspace.study(name)
    if paths.study.exists():
        return open_study(read_settings(paths.study), workspace, storage)
    lost = found_study(name, runs, storage)
    raise StudyError(
        f"the study '{name}' cannot be opened: {lost.problem}; put that back, or remove the rest "
        f"with  autotrain delete {shlex.quote(name)}"
    )


def open_study(
    settings: StudySettings, workspace: Workspace, storage: str | None = None
) -> StoredStudy:
    """The study of settings that were read already."""
    paths = workspace.study(settings.name, (settings.about or {}).get("storage_path"))
    return StoredStudy(settings, paths, storage_of(settings, workspace, storage))


def storage_of(settings: StudySettings, workspace: Workspace, url: str | None) -> str:
    """The storage URL to use: the one given, else the study's own, else the workspace's."""
    stored = (settings.about or {}).get("storage")
    return url or stored or sqlite_url(workspace.database)


def storable_url(url: str) -> str | None:
    """The URL as it may be written to disk; None when it holds a password or is no URL."""
    try:
        return None if sqlalchemy.engine.make_url(url).password else url
    except sqlalchemy.exc.ArgumentError:
        return None


def _folders(workspace: Workspace) -> list[Path]:
    """Folders of studies, also of one that has lost its settings, the oldest first."""
    children = workspace.root.iterdir() if workspace.root.is_dir() else ()
    found = [child for child in children if not child.name.startswith(".")]
    known = {folder: _began(folder) for folder in found}
    return sorted((f for f in found if known[f] is not None), key=lambda f: (known[f], f.name))


def _began(folder: Path) -> float | None:
    """When a study's folder was begun, in seconds; None where it is no study's."""
    paths = StudyPaths(folder)
    for path in (paths.study, paths.trials):
        try:
            return path.stat().st_mtime
        except OSError:
            continue
    return None


def _name_of(folder: Path) -> str:
    """The name of a study, or that of its folder where it cannot be read."""
    try:
        return read_settings(StudyPaths(folder).study).name
    except StudyError:
        return folder.name


def _found(folder: Path, workspace: Workspace, storage: str | None) -> FoundStudy:
    path, name = StudyPaths(folder).study, folder.name
    if not path.exists():
        return FoundStudy(name, problem=f"its settings, {path}, are gone")
    try:
        settings = read_settings(path)
        name = settings.name
        study = open_study(settings, workspace, storage)
        study.refresh()
    except AutotrainError as error:
        return FoundStudy(name, problem=str(error))
    return FoundStudy(name, study)


def _without_folder(workspace: Workspace, folders: set[str]) -> Iterator[FoundStudy]:
    """Studies of autotrain in the workspace's own database whose folder is gone."""
    try:
        names = owned_studies(open_database(sqlite_url(workspace.database)))
    except StudyError:
        return  # no database, or a damaged one, which each study says of itself
    for name in names:
        if folder_name(name) not in folders and not workspace.study(name).study.exists():
            problem = f"its folder {workspace.study(name).root} is gone"
            yield FoundStudy(name, problem=problem)
