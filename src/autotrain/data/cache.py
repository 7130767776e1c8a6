"""Preparing data: read, split once, fitted, and written once for every worker."""

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
from autotrain.data.centring import offsets_of
from autotrain.data.dataset import SPLITS, DataInfo, Dataset
from autotrain.data.modalities import modality_named
from autotrain.data.prepared import FORMAT, INFO, data_folder, read_info
from autotrain.data.sources import load_source
from autotrain.data.sources.keras_datasets import KERAS_DATASETS
from autotrain.data.split import split
from autotrain.data.texts import write_vocabulary
from autotrain.errors import DataError
from autotrain.space import DataSpec
from autotrain.tasks import task_named

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
    return prepare_dataset(load_source(spec, task, modality), spec, cache, seed)


def prepare_dataset(dataset: Dataset, spec: DataSpec, cache: Path, seed: int) -> DataInfo:
    """As `prepare`, of data that a source has read.

    Args:
        spec: its name, and how to split it.

    Raises:
        DataError: the data cannot be used or split, or the cache cannot be written.
    """
    fingerprint = _fingerprint(dataset, spec, seed)
    dataset = split(dataset, spec.validation, spec.test, seed)
    dataset = modality_named(dataset.modality).fit(str(spec.source), dataset)
    info = _info_of(dataset, spec, seed, fingerprint)
    folder = data_folder(cache, info.fingerprint)
    if read_info(folder) is None:
        try:
            _write(folder, dataset, info)
        except OSError as error:
            raise DataError(
                f"{folder}: prepared data cannot be written ({error.strerror or error}); free some "
                "space, or choose a folder that you may write to with --runs"
            ) from error
    return info


def _known(spec: DataSpec, cache: Path, seed: int, task: str) -> DataInfo | None:
    """Data of Keras that was prepared before: the published files never change, so no reload."""
    dataset = KERAS_DATASETS.get(spec.source or "")
    if dataset is None or not task_named(task).exclusive:
        return None
    height, width, channels = dataset.shape
    size = spec.image_size
    shape = (height, width, channels) if size is None else (size, size, channels)
    wanted = (spec.source, seed, spec.validation, spec.test, shape)
    for path in sorted(cache.glob(f"*/{INFO}")):
        info = read_info(path.parent)
        if info is None:
            continue
        if wanted == (info.source, info.seed, info.validation, info.test, info.input_shape):
            return info
    return None


def _info_of(dataset: Dataset, spec: DataSpec, seed: int, fingerprint: str) -> DataInfo:
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
        series=dict(dataset.series),
        **offsets_of(dataset),
        pixels=dataset.pixels,
        aspect=dataset.aspect,
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
        "format": FORMAT,
        "arrays": [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()],
        "goal": [dataset.modality, dataset.task, list(dataset.class_names)],
        "columns": [[c.name, c.kind, list(c.levels)] for c in dataset.columns],
        "texts": [dataset.tokens, list(dataset.vocabulary)],
        "split": [spec.validation, spec.test, seed],
    }
    if dataset.windows is not None:
        head["series"] = dict(dataset.series)
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
        if dataset.windows is not None:
            _save(aside / "series.npy", dataset.windows.values, None)
            first = dataset.windows.first[dataset.rows["validation"]]
            _save(aside / "first_validation.npy", first, None)
        if dataset.tokens:
            write_vocabulary(aside, dataset.vocabulary)
        text = json.dumps({"format": FORMAT, **info.to_dict()}, indent=1, ensure_ascii=False)
        (aside / INFO).write_text(text + "\n", encoding="utf-8")
        if folder.exists() and read_info(folder) is None:
            folder.rename(aside / "damaged")
        try:
            aside.rename(folder)
        except OSError:
            if read_info(folder) is None:  # otherwise another process was faster, which is fine
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
