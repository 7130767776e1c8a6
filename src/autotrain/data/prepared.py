"""Prepared arrays on disk, memory-mapped by every worker."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from autotrain.data.dataset import SPLITS, Arrays, DataInfo
from autotrain.data.texts import open_vocabulary
from autotrain.errors import AutotrainError, DataError
from autotrain.tasks import task_named

FORMAT = 2  # raise it when the same source would give other arrays
INFO = "info.json"


def find_prepared(cache: Path, fingerprint: str) -> DataInfo | None:
    """Prepared data of a fingerprint, if it is there whole.

    None also where an earlier version wrote it, which did not note all that is known today: whoever
    has the source can do better, and else `prepared_before` serves.
    """
    folder = data_folder(cache, fingerprint)
    info = read_info(folder)
    if info is None or info.fingerprint != fingerprint:
        return None
    raw = json.loads((folder / INFO).read_text(encoding="utf-8"))
    return info if info.to_dict().keys() <= raw.keys() else None


def prepared_before(cache: Path, fingerprint: str) -> DataInfo | None:
    """The same, by whatever version it was written."""
    info = read_info(data_folder(cache, fingerprint))
    return info if info is not None and info.fingerprint == fingerprint else None


def data_folder(cache: Path, fingerprint: str) -> Path:
    """The folder of one preparation."""
    return cache / fingerprint[:16]


def open_info(folder: Path) -> DataInfo:
    """What is known of prepared data.

    Args:
        folder: from `data_folder`.

    Raises:
        DataError: the folder is missing or damaged.
    """
    info = read_info(folder)
    if info is None:
        raise DataError(f"{folder}: prepared data is missing or damaged; start the search again")
    return info


def open_arrays(folder: Path) -> Arrays:
    """Memory-map the parts that a search may see, read-only.

    Args:
        folder: from `data_folder`.

    Raises:
        DataError: the folder is missing or damaged.
    """
    names = ("x_train", "y_train", "x_validation", "y_validation")
    return Arrays(**{name: _map(folder, name) for name in names})


def open_test(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Memory-map the locked test part; apart from `open_arrays`, so that it is a deliberate act.

    Args:
        folder: from `data_folder`.

    Returns:
        Inputs `[n, ...]` and targets as in `Arrays`, read-only.

    Raises:
        DataError: the folder is missing or damaged.
    """
    return _map(folder, "x_test"), _map(folder, "y_test")


def open_series(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Of a forecast the series [rows], and the row of each validation example's first target.

    Args:
        folder: from `data_folder`.

    Raises:
        DataError: the folder is missing or damaged.
    """
    return np.array(_map(folder, "series")), np.array(_map(folder, "first_validation"))


def read_info(folder: Path) -> DataInfo | None:
    """What a folder holds, or None where it is missing, of another version or damaged."""
    try:
        raw = json.loads((folder / INFO).read_text(encoding="utf-8"))
        if raw.pop("format") != FORMAT:
            return None
        info = DataInfo.from_dict(raw)
        if not info.fingerprint.startswith(folder.name):
            return None
        if info.tokens and len(open_vocabulary(folder)) != info.vocabulary_size - 2:
            return None
        target = task_named(info.task).target_shape(info.classes)
        for split in SPLITS:
            size = info.sizes[split]
            for axis, shape in (("x", info.input_shape), ("y", target)):
                if _map(folder, f"{axis}_{split}").shape != (size, *shape):
                    return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, AutotrainError):
        return None
    return info


def _map(folder: Path, name: str) -> np.ndarray:
    path = folder / f"{name}.npy"
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path}: prepared data is missing or damaged ({error}); delete {folder} and start the "
            "search again, it is made anew from the source"
        ) from error
