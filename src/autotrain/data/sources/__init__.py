"""Where data comes from: one file for each form, asked in turn whether the data is of it."""

from __future__ import annotations

from pathlib import Path

from autotrain.data.dataset import Dataset
from autotrain.data.modalities import modality_named
from autotrain.data.sources.base import DataSource, path_of
from autotrain.data.sources.builtin import BUILT_IN
from autotrain.data.sources.image_folder import IMAGE_FOLDER
from autotrain.data.sources.keras_datasets import KERAS
from autotrain.data.sources.npz import NPZ
from autotrain.data.sources.table import TABLE
from autotrain.errors import DataError, nearest
from autotrain.registry import Registry
from autotrain.space import DataSpec
from autotrain.tasks import task_named

SOURCES: Registry[DataSource] = Registry(
    "data source",
    "autotrain.sources",
    {
        "builtin": BUILT_IN,
        "keras_datasets": KERAS,
        "npz": NPZ,
        "table": TABLE,
        "image_folder": IMAGE_FOLDER,
    },
)
BUILT_IN_NAMES = (*BUILT_IN.names, *KERAS.names)

_LARGEST_SIDE = 4096  # pixels; beyond that image_size is a slip
_OPTIONS = ("target", "text", "ignore", "header", "decimal")


def load_source(
    spec: DataSpec, task: str = "classification", modality: str | None = None
) -> Dataset:
    """Load and check the data that a space names.

    Args:
        spec: `source` is a built-in name (which wins over a file of that name; write `./digits`
            for a folder), or the path of something that one of `SOURCES` reads.
        task: what is predicted, a name of `TASKS`.
        modality: what the models read, a name of `MODALITIES`; a table becomes texts for `text`.

    Raises:
        DataError: nothing is there, or it cannot be read or used.
    """
    if spec.image_size is not None and not 1 <= spec.image_size <= _LARGEST_SIDE:
        raise DataError(
            f"data.image_size must be from 1 to {_LARGEST_SIDE} pixels, got {spec.image_size}"
        )
    if not spec.source:
        raise DataError(f"no data given: --data (or data: in the space) takes {_forms()}")
    source = _source_of(spec)
    _check_options(spec, source)
    if source.classes_only and not task_named(task).exclusive:
        raise DataError(
            f"{spec.source}: every example has one class here, which is no data for {task}; set a "
            "task such as image_classification, or use an .npz file or a table"
        )
    dataset = source.read(spec, task_named(task), modality)
    if spec.image_size is None:
        return dataset
    return modality_named(dataset.modality).resize(spec.source, dataset, spec.image_size)


def _forms() -> str:
    *some, last = (source.form for source in SOURCES.available().values())
    return f"{', '.join(some)}, or {last}"


def _source_of(spec: DataSpec) -> DataSource:
    # Names first; then packages' own, which may know better than ours what a folder holds.
    there = SOURCES.available()
    order = sorted(there, key=lambda name: (not there[name].names, name in SOURCES.built_in))
    for name in order:
        if there[name].matches(spec):
            return there[name]
    if path_of(spec) is not None:
        raise DataError(f"{spec.source}: this kind of file cannot be read; data must be {_forms()}")
    raise _absent(str(spec.source))


def _absent(text: str) -> DataError:
    try:
        path = Path(text).expanduser()
        path.exists()
        near = path.parent.iterdir() if path.parent.is_dir() else ()
        siblings = [item.name for item in near if not item.name.startswith(".")]
    except (OSError, ValueError, RuntimeError) as error:
        return DataError(f"{text}: cannot be opened ({error}); data must be {_forms()}")
    names = [name for source in SOURCES.available().values() for name in source.names]
    hint = nearest(text.lower(), names) or nearest(path.name, siblings)
    hint = f"; {hint}" if hint else ""
    return DataError(f"no data called {text!r}{hint}\ndata must be {_forms()}")


def _check_options(spec: DataSpec, source: DataSource) -> None:
    given = [name for name in _OPTIONS if getattr(spec, name) is not None]
    if given and not set(given) <= set(source.options):
        others = SOURCES.available().values()
        taking = " or ".join(other.form for other in others if set(given) <= set(other.options))
        raise DataError(
            f"{spec.source}: {' and '.join(given)} can be said of {taking} only; remove it"
        )
