"""Data sets of `keras.datasets`, loaded in a child process.

Importing Keras takes seconds and claims the backend, so the caller's process never does it:
`python -m autotrain.data.sources.keras_datasets NAME OUT.npz` is the child.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data.dataset import Dataset
from autotrain.data.sources.base import DataSource
from autotrain.data.sources.npz import load_npz
from autotrain.errors import DataError
from autotrain.processes import ProcessError, run_python
from autotrain.space import DataSpec
from autotrain.tasks import Task

_SOCKET_SECONDS = 20.0
# -P: a file in the current folder must not stand in for a module of Keras. The warning: the package
# imports this module before it runs as a program.
_CHILD_FLAGS = ("-P", "-W", "ignore::RuntimeWarning:runpy", "-m")
_GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_TORONTO = "https://www.cs.toronto.edu/~kriz/"


@dataclass(frozen=True)
class KerasDataset:
    """One loader of Keras.

    Attributes:
        files: address of each original file, and the path below Keras's folder where it expects it
            (the `get_file` calls in `keras/src/datasets/`).
        shape: of one image, `(h, w, c)`.
        class_names: empty where labels name themselves.
    """

    files: tuple[tuple[str, str], ...]
    shape: tuple[int, int, int]
    class_names: tuple[str, ...] = ()


_FASHION_FILES = tuple(
    (f"{_GOOGLE}{file}", f"datasets/fashion-mnist/{file}")
    for file in (
        "train-labels-idx1-ubyte.gz",
        "train-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
    )
)

KERAS_DATASETS = {
    "cifar10": KerasDataset(
        ((f"{_TORONTO}cifar-10-python.tar.gz", "datasets/cifar-10-batches-py-target_archive"),),
        (32, 32, 3),
        (
            *("airplane", "automobile", "bird", "cat", "deer"),
            *("dog", "frog", "horse", "ship", "truck"),
        ),
    ),
    "cifar100": KerasDataset(
        ((f"{_TORONTO}cifar-100-python.tar.gz", "datasets/cifar-100-python-target_archive"),),
        (32, 32, 3),
    ),
    "mnist": KerasDataset(((f"{_GOOGLE}mnist.npz", "datasets/mnist.npz"),), (28, 28, 1)),
    "fashion_mnist": KerasDataset(
        _FASHION_FILES,
        (28, 28, 1),
        (
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
    ),
}


class KerasDatasets(DataSource):
    """By name; a name wins over a file that is called so."""

    names = tuple(KERAS_DATASETS)
    form = f"a data set of Keras ({', '.join(names)})"
    classes_only = True

    def matches(self, spec: DataSpec) -> bool:
        """One of the names."""
        return spec.source in self.names

    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """See `load_keras`."""
        return load_keras(str(spec.source))


def load_keras(name: str) -> Dataset:
    """Load a data set through Keras's own loader: from its cache, or else from the network.

    Args:
        name: one of `KERAS_DATASETS`.

    Raises:
        DataError: neither cached nor reachable; names the file, its address and its place.
    """
    before = [path for path in _places(name) if path.exists()]
    try:
        with tempfile.TemporaryDirectory(prefix="autotrain-") as folder:
            out = Path(folder) / "data.npz"
            reason = _run_child(name, out)
            if not reason:
                return load_npz(out, name)
    except OSError as error:
        raise DataError(
            f"{name}: no room to load it in {tempfile.gettempdir()} ({error}); "
            "free some space, or set TMPDIR to another folder"
        ) from error
    raise DataError(_help(name, reason, before))


def _run_child(name: str, out: Path) -> str:
    """Run this file as a child process; return why it failed, or an empty string."""
    words = [*_CHILD_FLAGS, "autotrain.data.sources.keras_datasets", name, str(out)]
    # A download of minutes should be seen, but only by a person: stdout may be read by a program.
    progress = sys.stderr.fileno() if _is_terminal() else subprocess.PIPE
    try:
        run_python(words, environment={"TF_CPP_MIN_LOG_LEVEL": "3"}, progress=progress)
    except ProcessError as error:
        return str(error)
    return "" if out.exists() else "the loader wrote nothing"


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _places(name: str) -> list[Path]:
    """Where Keras looks for the files: its rules in `config.py` and `file_utils.get_file`."""
    fallback = Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir())
    user = Path.home()
    home = Path(os.environ.get("KERAS_HOME") or (user if os.access(user, os.W_OK) else fallback))
    if not os.environ.get("KERAS_HOME"):
        home = home / ".keras"
    home = home.expanduser()
    if home.exists() and not os.access(home, os.W_OK):
        home = fallback / ".keras"
    return [home / place for _, place in KERAS_DATASETS[name].files]


def _help(name: str, reason: str, before: list[Path]) -> str:
    """The one message about a data set that cannot be had: what to put where, and the ways out."""
    lines = [f"{name} could not be loaded: it is not in Keras's cache and not reachable ({reason})"]
    places = _places(name)
    gone = [path for path in before if not path.exists()]
    if len(before) == len(places):
        lines = [f"{name} could not be loaded, although Keras's cache has files of it ({reason})"]
    if gone:
        lines.append(f"  {gone[0]} was there but was not the original file; Keras removed it")
    lines.append("  to use it, download and save under exactly this name:")
    for (address, _), place in zip(KERAS_DATASETS[name].files, places, strict=True):
        lines.append(f"    {address}  as  {place}")
        plain = place.parent / address.rsplit("/", 1)[-1]
        if plain != place and plain.exists():
            lines.append(f"    ({plain} exists: rename it)")
    lines.append("  to run without it: --data digits, or --data file.npz (x_train and y_train)")
    return "\n".join(lines)


class _PlainUnpickler(pickle.Unpickler):
    """Lists, dictionaries and bytes only: a class name in the file is refused, never imported."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")


def _class_names(name: str) -> tuple[str, ...]:
    """Names of the classes; CIFAR-100's are in a file next to its images."""
    if name != "cifar100":
        return KERAS_DATASETS[name].class_names
    meta = _places(name)[0].parent / "cifar-100-python-target/cifar-100-python/meta"
    try:
        with meta.open("rb") as file:
            names = _PlainUnpickler(file, encoding="bytes").load()[b"fine_label_names"]
        return tuple(label.decode() for label in names)
    except (OSError, pickle.UnpicklingError, KeyError, AttributeError, EOFError, ValueError):
        return ()


def _child(name: str, out: str) -> None:
    import socket

    socket.setdefaulttimeout(_SOCKET_SECONDS)
    import keras

    # A keras.json that says channels_first would turn the images around.
    keras.config.set_image_data_format("channels_last")
    (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    names = _class_names(name)
    if names:
        arrays["class_names"] = np.array(names)
    np.savez(out, **arrays)


KERAS = KerasDatasets()

if __name__ == "__main__":
    try:
        _child(sys.argv[1], sys.argv[2])
    except Exception as error:
        print(" ".join(f"{type(error).__name__}: {error}".split()), file=sys.stderr)
        sys.exit(1)
