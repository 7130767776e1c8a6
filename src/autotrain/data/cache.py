"""Prepared arrays on disk: split once, written once, memory-mapped by every worker."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autotrain.data.arrays import chunks
from autotrain.data.dataset import SPLITS, Arrays, DataInfo, Dataset
from autotrain.data.modalities import modality_named
from autotrain.data.sources import load_source
from autotrain.data.sources.keras_datasets import KERAS_DATASETS
from autotrain.data.split import split
from autotrain.data.texts import open_vocabulary, write_vocabulary
from autotrain.errors import AutotrainError, DataError
from autotrain.space import DataSpec
from autotrain.tasks import task_named

_FORMAT = 2  # raise it when the same source would give other arrays
_INFO = "info.json"
_TEMPORARY = ".writing-"
_ABANDONED_SECONDS = 24 * 3600.0


def prepare(
    spec: DataSpec,
    cache: Path,
    seed: int,
    task: str = "classification",
    modality: str | None = None,
) -> DataInfo:
    """Load, check, split and encode data, and keep the parts as arrays on disk.

    The same content, task, fractions and seed always give the same folder, which is written once:
    aside first, then renamed, so that a killed process never leaves half a folder under its name.

    Args:
        spec: what to load and how to split it.
        cache: folder of all prepared data; made where it is missing.
        seed: of the split.
        task: what is predicted: `classification`, `multilabel` or `regression`.
        modality: what the models read: `image`, `tabular`, `text` or None; a table becomes texts
            where it is `text`.

    Raises:
        DataError: the data cannot be loaded, used or split, or the cache cannot be written.
    """
    known = _known(spec, cache, seed, task)
    if known is not None:
        return known
    dataset = load_source(spec, task, modality)
    fingerprint = _fingerprint(dataset, spec, seed)
    dataset = split(dataset, spec.validation, spec.test, seed)
    dataset = modality_named(dataset.modality).fit(str(spec.source), dataset)
    info = info_of(dataset, spec, seed, fingerprint)
    folder = data_folder(cache, info.fingerprint)
    if _read_info(folder) is None:
        try:
            _write(folder, dataset, info)
        except OSError as error:
            raise DataError(
                f"{folder}: prepared data cannot be written ({error.strerror or error}); free some "
                "space, or choose a folder that you may write to with --runs"
            ) from error
    return info


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
    info = _read_info(folder)
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


def _known(spec: DataSpec, cache: Path, seed: int, task: str) -> DataInfo | None:
    """Data of Keras that was prepared before: the published files never change, so no reload."""
    dataset = KERAS_DATASETS.get(spec.source or "")
    if dataset is None or not task_named(task).exclusive:
        return None
    height, width, channels = dataset.shape
    size = spec.image_size
    shape = (height, width, channels) if size is None else (size, size, channels)
    wanted = (spec.source, seed, spec.validation, spec.test, shape)
    for path in sorted(cache.glob(f"*/{_INFO}")):
        info = _read_info(path.parent)
        if info is None:
            continue
        if wanted == (info.source, info.seed, info.validation, info.test, info.input_shape):
            return info
    return None


def info_of(dataset: Dataset, spec: DataSpec, seed: int, fingerprint: str) -> DataInfo:
    """What is known of data that was split and fitted."""
    x, outputs, task = dataset.x["train"], len(dataset.class_names), task_named(dataset.task)
    counts = {split: task.counts(dataset.y_of(split), outputs) for split in SPLITS}
    return DataInfo(
        source=str(spec.source),
        modality=dataset.modality,
        fingerprint=fingerprint,
        seed=seed,
        validation=spec.validation,
        test=spec.test,
        input_shape=tuple(x.shape[1:]),
        dtype=str(x.dtype),
        classes=outputs,
        class_names=dataset.class_names,
        sizes={split: len(dataset.y_of(split)) for split in SPLITS},
        class_counts=counts if task.has_classes else {},
        task=dataset.task,
        columns=dataset.columns,
        left_out=dict(dataset.left_out),
        dropped=dataset.dropped,
        tokens=dataset.tokens,
        vocabulary_size=len(dataset.vocabulary) + 2 if dataset.tokens else 0,
        header=dataset.header,
        width=dataset.width,
        targets=dataset.targets,
        units=dataset.units,
        notes=dataset.notes,
    )


def _fingerprint(dataset: Dataset, spec: DataSpec, seed: int) -> str:
    """Its keys are those of the first version, so that data of old studies is found again."""
    arrays = {
        f"{axis}_{short}": getattr(dataset, axis)[split]
        for split, short in zip(SPLITS, ("train", "val", "test"), strict=True)
        if split in dataset.x
        for axis in ("x", "y")
    }
    head = {
        "format": _FORMAT,
        "arrays": [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()],
        "goal": [dataset.modality, dataset.task, list(dataset.class_names)],
        "columns": [[c.name, c.kind, list(c.levels)] for c in dataset.columns],
        "texts": [dataset.tokens, list(dataset.vocabulary)],
        "split": [spec.validation, spec.test, seed],
    }
    digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    for array in arrays.values():
        for piece in chunks(array):
            digest.update(piece.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _write(folder: Path, dataset: Dataset, info: DataInfo) -> None:
    """Write aside, then rename; another process may do the same at the same time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    with _aside(folder.parent) as aside:
        for split in SPLITS:
            rows = dataset.rows.get(split)
            _save(aside / f"x_{split}.npy", dataset.x[split], rows)
            _save(aside / f"y_{split}.npy", dataset.y[split], rows)
        if dataset.tokens:
            write_vocabulary(aside, dataset.vocabulary)
        text = json.dumps({"format": _FORMAT, **info.to_dict()}, indent=1, ensure_ascii=False)
        (aside / _INFO).write_text(text + "\n", encoding="utf-8")
        if folder.exists() and _read_info(folder) is None:
            folder.rename(aside / "damaged")
        try:
            aside.rename(folder)
        except OSError:
            if _read_info(folder) is None:  # otherwise another process was faster, which is fine
                raise
    shutil.rmtree(folder / "damaged", ignore_errors=True)


@contextlib.contextmanager
def _aside(cache: Path) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=cache))
    try:
        path.chmod(0o755)  # mkdtemp makes it private, and a cache may be shared
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(cache: Path) -> None:
    """Remove what killed processes left behind."""
    for path in cache.glob(f"{_TEMPORARY}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _save(path: Path, array: np.ndarray, rows: np.ndarray | None) -> None:
    """Write rows of an array as `.npy`, in pieces.

    Not through a memory map: on a full disk that kills the process instead of raising an error.
    """
    shape = (len(array) if rows is None else len(rows), *array.shape[1:])
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file,
            {
                "descr": np.lib.format.dtype_to_descr(array.dtype),
                "fortran_order": False,
                "shape": shape,
            },
        )
        for piece in chunks(array, rows):
            file.write(piece.data)
        file.flush()
        os.fsync(file.fileno())


def _read_info(folder: Path) -> DataInfo | None:
    """What a folder holds, or None where it is missing, of another version or damaged."""
    try:
        raw = json.loads((folder / _INFO).read_text(encoding="utf-8"))
        if raw.pop("format") != _FORMAT:
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
