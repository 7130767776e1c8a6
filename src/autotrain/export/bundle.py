"""The folder of an exported model: its files, and how it is opened again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autotrain import files, serving
from autotrain.errors import ConfigurationError
from autotrain.export.archive import ARCHIVES, unpacked
from autotrain.export.formats import FORMATS, ExportFormat
from autotrain.export.signing import is_ours, sign
from autotrain.files import write_json
from autotrain.paths import ExportPaths
from autotrain.serving.input_file import InputError
from autotrain.serving.manifest import digest
from autotrain.serving.predict import Model
from autotrain.tasks import Task, Threshold, task_named


def task_of(model: Model) -> Task:
    """What a model predicts, with the names of its outputs and its threshold."""
    task, threshold = task_named(model.task).of(model.classes), model.card.get("threshold")
    task = task.fitted(model.inputs.get("series", {}))
    if not threshold:
        return task
    return task.at(Threshold(model.classes.index(threshold["class"]), float(threshold["value"])))


def copy_scripts(folder: Path, form: ExportFormat) -> None:
    """Put `predict.py` and what it imports into a model's folder."""
    for path in Path(serving.__file__).parent.glob("*.py"):
        if path.stem != "__init__" and not path.stem.endswith("_runtime"):
            shutil.copyfile(path, folder / path.name)
    shutil.copyfile(vars(form.runtime)["__file__"], folder / "runtime.py")


def write_manifest(folder: Path) -> None:
    """Write down the SHA-256 of every file, and sign that; the last thing done to a folder."""
    paths = ExportPaths(folder)
    for path in (paths.manifest, paths.signature):
        path.unlink(missing_ok=True)
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    write_json(paths.manifest, {"files": {str(p.relative_to(folder)): digest(p) for p in found}})
    paths.signature.write_text(sign(paths.manifest.read_bytes()) + "\n")


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder beside the target that takes its name at the end, or disappears on failure.

    Raises:
        ConfigurationError: the target is there already, or cannot be written.
    """
    if target.exists():
        raise ConfigurationError(f"--out {target} is there already: choose another, or delete it")
    try:
        with files.new_folder(target) as aside:
            yield aside
    except OSError as error:
        raise ConfigurationError(f"--out {target} cannot be written: {error}") from error


@contextmanager
def opened(path: Path, trust: bool = False) -> Iterator[Model]:
    """An exported model, from its folder or from an archive of it.

    Only files that the manifest names are read, and only if they are what it says.

    Raises:
        ConfigurationError: it is no such folder, was altered, or is foreign and not trusted.
    """
    if path.suffix.lower() in (".h5", ".hdf5"):
        raise ConfigurationError(
            f"{path}: .h5 files can hold code and are not loaded; save as .keras"
        )
    if path.is_file() and path.name.lower().endswith(ARCHIVES):
        with unpacked(path) as folder:
            yield _open(folder, trust)
        return
    yield _open(path, trust)


def _open(folder: Path, trust: bool) -> Model:
    manifest = ExportPaths(folder).manifest
    if not folder.is_dir() or not manifest.is_file():
        raise ConfigurationError(
            f"{folder} is no exported model: it is a folder (or .zip, .tar.gz) with {manifest.name}, as "
            "`autotrain export STUDY --out FOLDER` writes it"
        )
    if not trust and not _is_ours(folder):
        raise ConfigurationError(f"{folder}: {FOREIGN}")
    try:
        model = Model(folder, lambda name: FORMATS.get(name).runtime)
    except ImportError as error:
        extra = _extra_of(str(error.name))
        install = f"pip install 'autotrain[{extra}]'" if extra else f"pip install {error.name}"
        raise ConfigurationError(
            f"{folder} needs a runtime that is not installed ({error}): {install}"
        ) from None
    except (InputError, OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{folder} cannot be used: {error}") from None
    return model


def _extra_of(package: str) -> str:
    """The extra of the format that needs a package; empty where none does."""
    extras = (form.extra for form in FORMATS.available().values())
    return next((extra.name for extra in extras if extra and package in extra.packages), "")


FOREIGN = (
    "this model was not exported by you on this machine (its signature is not yours). A model file is "
    "a program: it can take all memory, or answer wrongly on purpose. --trust uses it all the same; "
    "code of its own (Lambda layers, .h5, pickles) is refused even then"
)


def _is_ours(folder: Path) -> bool:
    paths = ExportPaths(folder)
    try:
        return is_ours(paths.manifest.read_bytes(), paths.signature.read_text().strip())
    except (OSError, UnicodeDecodeError):
        return False
