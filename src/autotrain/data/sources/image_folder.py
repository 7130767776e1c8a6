"""Image folders: one folder per class, with or without train, validation and test folders."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np

from autotrain.data.arrays import assemble
from autotrain.data.dataset import Dataset
from autotrain.data.decode import decode_images
from autotrain.data.sources.base import DataSource, path_of
from autotrain.errors import DataError, nearest
from autotrain.serving.image_reader import SUFFIXES, images_in, is_hidden
from autotrain.space import DataSpec
from autotrain.tasks import Task

_SPLIT_NAMES = {
    "train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}

ClassFiles = dict[str, list[Path]]


class ImageFolder(DataSource):
    """A folder of class folders, or one with `train` and other splits, which hold them."""

    form = "a folder with one sub-folder of images per class"
    classes_only = True

    def matches(self, spec: DataSpec) -> bool:
        """Any folder."""
        path = path_of(spec)
        return path is not None and path.is_dir()

    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """See `load_folder`."""
        return load_folder(Path(str(spec.source)).expanduser(), spec.image_size)


def load_folder(root: Path, image_size: int | None = None) -> Dataset:
    """Read an image folder.

    Args:
        root: holds one folder per class, or `train` and any of `val`, `valid`, `validation` and
            `test`, which hold them. Hidden files and files that are no images are left out.
        image_size: side in pixels; without it images of one size keep it and others become
            squares (see `decode.target_size`).

    Returns:
        Images as `[n, h, w, 1 or 3]` uint8; classes in the order of their names.

    Raises:
        DataError: no images, fewer than two classes, classes that differ between the parts, or
            files that cannot be read (all of them are counted).
    """
    try:
        splits = _find(root)
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
    images = decode_images(root, files, image_size)
    arrays: dict[str, np.ndarray] = {}
    start = 0
    for split, classes in splits.items():
        counts = [len(classes[name]) for name in names]
        arrays[f"x_{split}"] = images[start : start + sum(counts)]
        arrays[f"y_{split}"] = np.repeat(np.arange(len(names)), counts)
        start += sum(counts)
    return assemble(str(root), arrays, names)


def _find(root: Path) -> dict[str, ClassFiles]:
    """Image files by split and class; only `train` where the folder has no splits."""
    folders = _folders(root)
    if not any(n.lower() in _SPLIT_NAMES and _holds_classes(path) for n, path in folders.items()):
        return {"train": _classes(root)}
    splits: dict[str, ClassFiles] = {}
    for name, path in folders.items():
        split = _SPLIT_NAMES.get(name.lower())
        if split is None:
            hint = nearest(name, _SPLIT_NAMES)
            raise DataError(
                f"{root}: next to train, validation and test there must be no other folder, got "
                f"{name!r}; rename or move it {hint}".rstrip()
            )
        if split in splits:
            raise DataError(f"{path}: there is another folder for the same part; keep one of them")
        splits[split] = _classes(path)
    if "train" not in splits:
        raise DataError(f"{root}: has {', '.join(folders)} but no folder 'train'; add it")
    for split, classes in splits.items():
        _check_same(root, split, set(splits["train"]), set(classes))
    return {split: splits[split] for split in ("train", "val", "test") if split in splits}


def _check_same(root: Path, split: str, train: set[str], other: set[str]) -> None:
    problems = [
        f"{names} only in {place}"
        for place, names in (("train", sorted(train - other)), (split, sorted(other - train)))
        if names
    ]
    if problems:
        raise DataError(
            f"{root}: train and {split} must have the same class folders, got "
            f"{' and '.join(problems)}; add, rename or remove these folders"
        )


def _classes(folder: Path) -> ClassFiles:
    classes: ClassFiles = {}
    for name, path in _folders(folder).items():
        # macOS stores accents decomposed, so the same name can come in two spellings.
        label = unicodedata.normalize("NFC", name)
        if label in classes:
            raise DataError(f"{path}: another folder has the same name in other bytes; rename one")
        classes[label] = images_in(path)
        if not classes[label]:
            raise DataError(
                f"{path}: a class folder must hold images ({' '.join(SUFFIXES)}), got none; "
                "add some, or delete the folder"
            )
    if not classes:
        found = len(images_in(folder))
        seen = f"{found:,} images without one" if found else "no images at all"
        raise DataError(
            f"{folder}: an image folder holds one sub-folder per class, got {seen}; "
            "make a folder for each class and move its images there"
        )
    return dict(sorted(classes.items()))


def _folders(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    found = (item for item in folder.iterdir() if not is_hidden(item.name) and item.is_dir())
    return {path.name: path for path in sorted(found)}


def _holds_classes(folder: Path) -> bool:
    """Folders and no images of its own: `train` can also be a class, next to `car` and `plane`."""
    own = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return bool(_folders(folder)) and all(is_hidden(path.name) for path in own)


IMAGE_FOLDER = ImageFolder()
