"""Removing a study for good: its folder, its checkpoints elsewhere, and its trials in the database."""

from __future__ import annotations

import shutil
from pathlib import Path

from autotrain.analysis.workspace import found_study, storage_of
from autotrain.errors import ConfigurationError, StudyError
from autotrain.paths import StudyPaths, Workspace
from autotrain.storage.deletion import delete_stored
from autotrain.storage.lock import study_lock
from autotrain.storage.optuna_storage import sqlite_url
from autotrain.storage.settings import StudySettings, read_settings


def delete_study(name: str, runs: str | Path = "runs", storage: str | None = None) -> None:
    """Remove a study for good, also what is left of one that was damaged or half removed.

    Prepared data stays, for other studies use it too, and so do copies that a tracker made.

    Args:
        storage: the database, where it is another one than the study's own.

    Raises:
        StudyError: there is nothing of that name, or its database cannot be reached.
        StudyLockedError: it is being searched.
        ConfigurationError: its folder cannot be removed.
    """
    workspace = Workspace(Path(runs))
    found_study(name, runs, storage)
    settings = _settings(workspace.study(name))
    paths = workspace.study(name, (settings.about or {}).get("storage_path") if settings else None)
    if settings is not None:
        url = storage_of(settings, workspace, storage)
    else:
        url = storage or sqlite_url(workspace.database)
    # Trials first: a study without its folder would go unnoticed in a database of many.
    with study_lock(name, paths.lock, url):
        delete_stored(url, name, settings.id if settings else None)
        for folder in (paths.shared_root, paths.root):
            if folder is not None and folder.exists():
                _remove(folder)


def _settings(paths: StudyPaths) -> StudySettings | None:
    """What the study is, as far as that can still be read."""
    try:
        return read_settings(paths.study)
    except StudyError:
        return None


def _remove(folder: Path) -> None:
    try:
        if not isinstance(folder, Path):  # behind a URI
            folder.rmdir(recursive=True)
            return
        shutil.rmtree(folder.resolve())
        if folder.is_symlink():
            folder.unlink()
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be removed: {error}") from None
