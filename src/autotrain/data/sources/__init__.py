"""Where data comes from: built-in names, `.npz` files, tables and image folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from autotrain.data.arrays import assemble
from autotrain.data.dataset import Source, Spec
from autotrain.data.decode import resize_arrays
from autotrain.data.sources.image_folder import load_folder
from autotrain.data.sources.keras_datasets import KERAS_DATASETS, load_keras
from autotrain.data.sources.npz import load_npz
from autotrain.data.sources.table import load_table
from autotrain.data.tables import TABLE_SUFFIXES, is_table
from autotrain.errors import DataError, nearest

_LARGEST_SIDE = 4096  # pixels; beyond that image_size is a slip
_TABLE_OPTIONS = ("target", "text", "ignore", "header")


def _digits(name: str) -> Source:
    from sklearn.datasets import load_digits

    data = load_digits()
    # Its pixels go from 0 to 16; every other image source has 0 to 255.
    pixels = np.round(data.images * (255 / 16)).astype(np.uint8)
    arrays = {"x_train": pixels, "y_train": data.target}
    return assemble(name, arrays, [str(label) for label in data.target_names])


def _table(name: str) -> Source:
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    arrays = {"x_train": data.data, "y_train": data.target}
    names = [str(label) for label in data.target_names]
    return assemble(name, arrays, names, [str(feature) for feature in data.feature_names])


_BUILT_IN: dict[str, Callable[[str], Source]] = {
    "digits": _digits,
    "iris": _table,
    "wine": _table,
    "breast_cancer": _table,
    **dict.fromkeys(KERAS_DATASETS, load_keras),
}
BUILT_IN_NAMES = tuple(_BUILT_IN)

_FORMS = (
    f"a built-in name ({', '.join(_BUILT_IN)}), an .npz file with x_train and y_train, "
    f"a table ({', '.join(TABLE_SUFFIXES)}), or a folder with one sub-folder of images per class"
)


def load_source(spec: Spec, goal: str = "classification", kind: str | None = None) -> Source:
    """Load and check the data that a space names.

    Args:
        spec: `source` is a built-in name (which wins over a file of that name; write `./digits`
            for a folder), or the path of an `.npz` file, of a table or of an image folder; `~` is
            expanded.
        goal: `classification`, `multilabel` or `regression`.
        kind: what the models read; `text` makes texts of a table.

    Returns:
        Checked arrays, see `Source`.

    Raises:
        DataError: nothing is there, or it cannot be read or used.
    """
    if spec.image_size is not None and not 1 <= spec.image_size <= _LARGEST_SIDE:
        raise DataError(
            f"data.image_size must be from 1 to {_LARGEST_SIDE} pixels, got {spec.image_size}"
        )
    if not spec.source:
        raise DataError(f"no data given: --data (or data: in the space) takes {_FORMS}")
    path = None if spec.source in _BUILT_IN else _existing(spec.source)
    table = path is not None and path.is_file() and is_table(path)
    _check_options(spec, table)
    if path is None or path.is_dir():
        _check_goal(spec.source, goal)
    if path is None:
        source = _BUILT_IN[spec.source](spec.source)
    elif path.is_dir():
        return load_folder(path, spec.image_size)
    elif table:
        source = load_table(path, spec, goal, kind)
    elif path.suffix.lower() == ".npz":
        source = load_npz(path, spec.source, goal)
    else:
        raise DataError(f"{spec.source}: this kind of file cannot be read; data is {_FORMS}")
    if spec.image_size is None:
        return source
    return resize_arrays(spec.source, source, spec.image_size)


def _check_options(spec: Spec, table: bool) -> None:
    given = [name for name in _TABLE_OPTIONS if getattr(spec, name) is not None]
    if given and not table:
        raise DataError(
            f"{spec.source}: {' and '.join(given)} can be said of a table only "
            f"({', '.join(TABLE_SUFFIXES)}); remove it"
        )


def _check_goal(source: str, goal: str) -> None:
    if goal != "classification":
        raise DataError(
            f"{source}: every example has one class here, which is no data for {goal}; set a task "
            "such as image_classification, or use an .npz file or a table"
        )


def _existing(text: str) -> Path:
    try:
        path = Path(text).expanduser()
        if path.exists():
            return path
        near = path.parent.iterdir() if path.parent.is_dir() else ()
        siblings = [item.name for item in near if not item.name.startswith(".")]
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(f"{text}: cannot be opened ({error}); data is {_FORMS}") from error
    hint = nearest(text.lower(), _BUILT_IN) or nearest(path.name, siblings)
    hint = f"; {hint}" if hint else ""
    raise DataError(f"no data called {text!r}{hint}\ndata is {_FORMS}")
