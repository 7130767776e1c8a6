"""Reading `.npz` files: which arrays are there, without ever unpickling anything."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from autotrain.data.arrays import assemble
from autotrain.data.dataset import Dataset
from autotrain.data.sources.base import DataSource, path_of
from autotrain.errors import DataError, nearest
from autotrain.space import DataSpec
from autotrain.tasks import Task

_FORMS = "x_train, y_train[, x_val, y_val][, x_test, y_test][, class_names], or x, y"
# Names in a file, and the one name used here for each.
_KEYS = {
    "x": "x_train",
    "y": "y_train",
    "x_train": "x_train",
    "y_train": "y_train",
    "x_val": "x_val",
    "y_val": "y_val",
    "x_validation": "x_val",
    "y_validation": "y_val",
    "x_test": "x_test",
    "y_test": "y_test",
    "class_names": "class_names",
    "feature_names": "feature_names",
}


class Npz(DataSource):
    """Arrays in one file, with or without a validation and a test part."""

    form = "an .npz file with x_train and y_train"
    options = ("modality",)

    def matches(self, spec: DataSpec) -> bool:
        """A file whose name ends so."""
        path = path_of(spec)
        return path is not None and path.is_file() and path.suffix.lower() == ".npz"

    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """See `load_npz`."""
        path = Path(str(spec.source)).expanduser()
        return load_npz(path, spec.source, task.name, modality, spec.modality)


def load_npz(
    path: Path,
    name: str | None = None,
    task: str = "classification",
    modality: str | None = None,
    said: str | None = None,
) -> Dataset:
    """Read a file made by `numpy.savez` or `numpy.savez_compressed`.

    Args:
        path: the file.
        name: how messages call it; the path by default.
        task: what is predicted, a name of `TASKS`.
        modality: what the models read; said: what the arrays are, by `data.modality`.

    Raises:
        DataError: the file cannot be read, lacks arrays, or its arrays cannot be used.
    """
    where = name or str(path)
    arrays = _read(path, where)
    class_names = _names(where, "class_names", arrays.pop("class_names", None))
    feature_names = _names(where, "feature_names", arrays.pop("feature_names", None))
    return assemble(where, arrays, class_names, feature_names, task, modality, said)


def _read(path: Path, where: str) -> dict[str, np.ndarray]:
    try:
        _check_kind(path, where)
        with np.load(path, allow_pickle=False) as file:
            wanted = _match(where, file.files)
            return {name: _array(file, key, where) for key, name in wanted.items()}
    except MemoryError as error:
        raise DataError(
            f"{where}: does not fit into memory ({error}); save fewer or smaller examples"
        ) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise DataError(
            f"{where}: cannot be read as an .npz file, it may be damaged or incomplete ({error}); "
            "copy or save it again"
        ) from error


def _check_kind(path: Path, where: str) -> None:
    """By its first bytes; NumPy would take anything else for a pickle and advise to load it."""
    with path.open("rb") as file:
        start = file.read(6)
    if start == b"\x93NUMPY":
        raise DataError(
            f"{where}: is a single array, not an .npz file; save with  "
            "numpy.savez(path, x_train=..., y_train=...)"
        )
    if not start.startswith(b"PK"):
        raise DataError(
            f"{where}: cannot be read as an .npz file, it is "
            f"{'of another kind' if start else 'empty'}; save with  "
            "numpy.savez(path, x_train=..., y_train=...)"
        )


def _array(file: np.lib.npyio.NpzFile, key: str, where: str) -> np.ndarray:
    try:
        return np.asarray(file[key])
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise DataError(
            f"{where}: {key} is an array of Python objects, which is never loaded because reading "
            "it can run code; save it as numbers or text, for instance with  "
            f"{key}.astype(float)  or  numpy.stack({key})"
        ) from error


def _match(where: str, found: Iterable[str]) -> dict[str, str]:
    """Names in the file to names used here; other arrays are left unread."""
    keys = list(found)
    # A misspelt x_tset must not lose the locked test part without a word.
    odd = [k for k in keys if k not in _KEYS and k.lower().startswith(("x_", "y_"))]
    wanted = {key: _KEYS[key] for key in keys if key in _KEYS}
    present = set(wanted.values())
    if odd and {"x_train", "y_train"} <= present:
        hint = nearest(odd[0], _KEYS)
        raise DataError(f"{where}: unknown array {odd[0]!r}; known are {_FORMS} {hint}".rstrip())
    for split in ("train", "val", "test"):
        needed = [f"x_{split}", f"y_{split}"]
        missing = [key for key in needed if key not in present]
        if missing and (split == "train" or len(missing) == 1):
            hint = nearest(missing[0], [k for k in keys if k not in _KEYS])
            raise DataError(
                f"{where}: array {missing[0]!r} is missing; needed are {_FORMS}; "
                f"the file has {', '.join(keys) or 'no arrays'} {hint}".rstrip()
            )
    if len(present) < len(wanted):
        twice = sorted(k for k, v in wanted.items() if list(wanted.values()).count(v) > 1)
        raise DataError(f"{where}: {' and '.join(twice)} name the same part; keep one of them")
    return wanted


def _names(where: str, key: str, names: np.ndarray | None) -> tuple[str, ...]:
    if names is None:
        return ()
    if names.ndim != 1 or names.dtype.kind not in "SUiu":
        raise DataError(
            f"{where}: {key} must be a list of text, got dtype {names.dtype} "
            f"and shape {list(names.shape)}"
        )
    if names.dtype.kind == "S":
        names = np.char.decode(names, "utf-8", "replace")
    return tuple(str(name) for name in names)


NPZ = Npz()
