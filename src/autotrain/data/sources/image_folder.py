"""Image folders: one folder per class, with or without train, validation and test folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from autotrain.data.arrays import assemble
from autotrain.data.dataset import Dataset
from autotrain.data.decode import decode_images
from autotrain.data.sources.base import DataSource, path_of
from autotrain.data.sources.folder_layout import find_files
from autotrain.errors import DataError
from autotrain.space import DataSpec
from autotrain.tasks import Task


class ImageFolder(DataSource):
    """A folder of class folders, or one with `train` and other splits, which hold them."""

    form = "a folder with one sub-folder of images per class"
    options = ("ignore", "folders", "skip_damaged", "aspect")
    classes_only = True

    def matches(self, spec: DataSpec) -> bool:
        """Any folder."""
        path = path_of(spec)
        return path is not None and path.is_dir()

    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """See `load_folder`."""
        return load_folder(Path(str(spec.source)).expanduser(), spec)


def load_folder(root: Path, spec: DataSpec | None = None) -> Dataset:
    """Read an image folder.

    Args:
        root: holds one folder per class, or folders for training and for validation or test (see
            `folder_layout`), which hold them. Hidden files and files that are no images are left out.
        spec: what else is said of it: `image_size` (side in pixels; without it images of one size
            keep it and others become squares, see `decode.target_size`), `folders`, `ignore`,
            `aspect` and `skip_damaged`.

    Returns:
        Images as `[n, h, w, 1 or 3]` uint8, or float32 where they have more than 8 bits; classes in
        the order of their names.

    Raises:
        DataError: no images, fewer than two classes, classes that differ between the parts, or
            files that cannot be read (all of them are named).
    """
    spec = spec or DataSpec()
    ignored = (spec.ignore,) if isinstance(spec.ignore, str) else spec.ignore or ()
    try:
        splits = find_files(root, spec.folders, [n for some in ignored for n in some.split(",")])
    except OSError as error:
        raise DataError(
            f"{root}: cannot be listed ({error}); check that you may read the folder"
        ) from error
    names = sorted(splits["train"])
    if len(names) < 2:
        raise DataError(
            f"{root}: classification needs at least two class folders, got only {names[0]!r}"
        )
    files = [path for classes in splits.values() for name in names for path in classes[name]]
    decoded = decode_images(root, files, spec)
    arrays: dict[str, np.ndarray] = {}
    start = position = 0
    for split, classes in splits.items():
        sizes = [len(classes[name]) for name in names]
        kept = decoded.kept[position : position + sum(sizes)]
        labels = np.repeat(np.arange(len(names)), sizes)[kept]
        _check_all_there(root, split, names, labels)
        arrays[f"x_{split}"] = decoded.images[start : start + len(labels)]
        arrays[f"y_{split}"] = labels
        start, position = start + len(labels), position + sum(sizes)
    dataset = assemble(str(root), arrays, names)
    return replace(
        dataset, aspect=spec.aspect, pixels="deep" if decoded.deep else "", notes=decoded.notes
    )


def _check_all_there(root: Path, split: str, names: list[str], labels: np.ndarray) -> None:
    lacking = sorted(set(range(len(names))) - set(labels.tolist()))
    if lacking:
        raise DataError(
            f"{root}: no image of the class {names[lacking[0]]!r} in {split} can be read; mend them, "
            f"or leave the class out with --set data.ignore={names[lacking[0]]}"
        )


IMAGE_FOLDER = ImageFolder()
