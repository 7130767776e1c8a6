"""What the folders in an image folder are: classes, or parts that hold the classes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from autotrain.errors import DataError, nearest
from autotrain.serving.image_reader import SUFFIXES, images_in, is_hidden

_PARTS = {
    "train": ("train", "training", "trn"),
    "val": ("val", "valid", "validation", "validate", "dev"),
    "test": ("test", "testing", "tst"),
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words}
_FILLING = {"set", "data", "dataset", "images", "imgs", "split", "part"}  # as in train_images

ClassFiles = dict[str, list[Path]]


def find_files(root: Path, folders: str, ignored: Sequence[str] = ()) -> dict[str, ClassFiles]:
    """Image files by part (`train`, `val`, `test`) and class; only `train` where there are no parts.

    Args:
        folders: `parts`, `classes`, or `auto` to find it out.
        ignored: names of folders that are left out.

    Raises:
        DataError: a folder that is neither, or may be both.
    """
    there = _known(root, ignored)
    parts = {name: part_of(name) for name in there}
    if folders == "classes" or (folders == "auto" and not _are_parts(root, there, parts)):
        return {"train": _classes(root, there)}
    return _splits(root, there, parts)


def part_of(name: str) -> str:
    """The part that a folder's name stands for, such as `val` for `Validation_Set`; or nothing."""
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
    telling = [word for word in words if word not in _FILLING]
    return _PART_OF.get(telling[0], "") if len(telling) == 1 else ""


def _known(root: Path, ignored: Sequence[str]) -> dict[str, Path]:
    there = _folders(root)
    for name in ignored:
        if name not in there:
            raise DataError(
                f"{root}: data.ignore must name a folder in it, got {name!r} "
                f"{nearest(name, there)}".rstrip()
                + f"; it has {', '.join(there) or 'none'}"
            )
    return {name: path for name, path in there.items() if name not in ignored}


def _are_parts(root: Path, there: Mapping[str, Path], parts: Mapping[str, str]) -> bool:
    """Whether they are parts and not classes.

    Raises:
        DataError: that stays unclear.
    """
    named = [name for name, part in parts.items() if part]
    nested = [name for name, path in there.items() if _holds_classes(path)]
    if any(name in nested for name in named):
        return True
    others = [name for name in there if name not in named]
    if named and not (others and {parts[name] for name in named} == {"train"}):
        # `train` beside `car` and `plane` is a class; `test` beside them may well be a part.
        beside = f"beside {', '.join(others[:3])}" if others else "without classes of their own"
        raise DataError(
            f"{root}: it is unclear whether {', '.join(map(repr, named))}, which hold images {beside}, "
            f"are parts or classes; --set data.ignore={','.join(named)} leaves them out, "
            "--set data.folders=classes makes each a class"
        )
    inner = {frozenset(_labels(path)) for path in there.values()}
    labels = sorted(next(iter(inner), ()))
    if 1 < len(there) == len(nested) and len(inner) == 1 and len(labels) > 1:
        raise DataError(
            f"{root}: it is unclear whether {', '.join(list(there)[:5])} are parts or classes, for each "
            f"holds {', '.join(labels[:5])}; call parts train, validation and test, or take "
            "the folders as classes with --set data.folders=classes"
        )
    return False


def _splits(
    root: Path, there: Mapping[str, Path], parts: Mapping[str, str]
) -> dict[str, ClassFiles]:
    splits: dict[str, ClassFiles] = {}
    for name, path in there.items():
        part = parts[name]
        if not part:
            hint = nearest(name, ("train", "validation", "val", "test"))
            raise DataError(
                f"{root}: next to train, validation and test there must be no other folder, got "
                f"{name!r}; rename or move it, or leave it out with --set data.ignore={name} "
                f"{hint}".rstrip()
            )
        if part in splits:
            raise DataError(f"{path}: there is another folder for the same part; keep one of them")
        splits[part] = _classes(path, _folders(path))
    if "train" not in splits:
        raise DataError(f"{root}: has {', '.join(there)} but no folder 'train'; add it")
    for part, classes in splits.items():
        _check_same(root, part, set(splits["train"]), set(classes))
    return {part: splits[part] for part in _PARTS if part in splits}


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


def _classes(folder: Path, there: Mapping[str, Path]) -> ClassFiles:
    classes: ClassFiles = {}
    for name, path in there.items():
        label = _composed(name)
        if label in classes:
            raise DataError(f"{path}: another folder has the same name in other bytes; rename one")
        classes[label] = images_in(path)
        if not classes[label]:
            raise DataError(
                f"{path}: a class folder must hold images ({' '.join(SUFFIXES)}), got none; "
                f"add some, delete the folder, or leave it out with --set data.ignore={name}"
            )
    if not classes:
        found = len(images_in(folder))
        seen = f"{found:,} images without one" if found else "no images at all"
        raise DataError(
            f"{folder}: an image folder holds one sub-folder per class, got {seen}; "
            "make a folder for each class and move its images there, or leave this folder out with "
            f"--set data.ignore={folder.name}"
        )
    return dict(sorted(classes.items()))


def _composed(name: str) -> str:
    """macOS stores accents decomposed, so the same name can come in two spellings."""
    return unicodedata.normalize("NFC", name)


def _labels(folder: Path) -> set[str]:
    return {_composed(name).lower() for name in _folders(folder)}


def _folders(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    found = (item for item in folder.iterdir() if not is_hidden(item.name) and _is_folder(item))
    return {path.name: path for path in sorted(found)}


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link that points at itself
        return False


def _holds_classes(folder: Path) -> bool:
    """Folders and no images of its own: `train` can also be a class, next to `car` and `plane`."""
    own = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return bool(_folders(folder)) and all(is_hidden(path.name) for path in own)
