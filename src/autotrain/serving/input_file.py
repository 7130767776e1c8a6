"""Files that a model is given: what can be wrong with one, and the text or arrays that are in it.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias, TypedDict, TypeVar, cast

import numpy as np

if __package__:
    from autotrain.serving.number_forms import Form
else:
    from number_forms import Form  # type: ignore[no-redef]

BATCH = 256
T = TypeVar("T")


class _Column(TypedDict):
    name: str
    kind: str
    levels: list[str]


class Column(_Column, total=False):
    """A column that a model reads; of a `category` the levels, in the order of their codes 1, 2 ...

    `form` says how numbers are written, where it is not as usual; `source` is the column of the table
    that it is read from, where that has another name, and `part` what of a time it is.
    """

    form: Form | None
    source: str
    part: str


class _TrainingTable(TypedDict):
    header: bool
    width: int
    targets: list[str]


class TrainingTable(_TrainingTable, total=False):
    """The table that a model was trained on: whether it had names, its columns, and the targets.

    `units` says whether the row below the names told units.
    """

    units: bool


class _Inputs(TypedDict):
    modality: str
    shape: list[int]
    dtype: str
    columns: list[Column]
    tokens: str
    vocabulary: list[str]
    strings: bool


class Inputs(_Inputs, total=False):
    """What a model reads: `inputs.json`.

    `shape` and `dtype` are of an example's prepared numbers; `tokens` and `vocabulary` of texts;
    `strings` says whether raw examples have text in them; `table` is None for other data.
    """

    table: TrainingTable | None


Rows: TypeAlias = dict[str, "np.ndarray | list[str]"]  # by column: numbers [n], or cells
Examples: TypeAlias = "np.ndarray | Rows | list[str]"  # arrays [n, ...], rows or texts
# Names of examples, the examples, and for each the problem with it.
Batch: TypeAlias = tuple[list[str], Examples, list[str]]


class InputError(ValueError):
    """Something is wrong with the model's files or with what it is given."""


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """The items, 256 at a time."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def plain_suffix(path: Path) -> str:
    """The ending of a file's name in lower case, that of the compressed file where it ends in .gz."""
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return plain.suffix.lower()


def read_text(path: Path) -> str:
    """All of a text in UTF-8, with or without a byte-order mark, compressed by gzip or not.

    Raises:
        InputError: it cannot be read, is other text than UTF-8, or no text.
    """
    with _text(path) as file:
        text = file.read()
    if "\0" in text:
        raise _no_text(path)
    return text


def read_lines(path: Path) -> Iterator[str]:
    """The lines of such a text, with their ends as they are, without holding more than one.

    Raises:
        InputError: as `read_text`.
    """
    with _text(path) as file:
        for line in file:
            if "\0" in line:
                raise _no_text(path)
            yield line


@contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    try:
        with _bytes(path) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError:
        raise InputError(_first_other(path)) from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error}); copy or save it again") from error


def _bytes(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb"))


def _first_other(path: Path) -> str:
    """Where a text stops being UTF-8; the decoder that noticed it knows only its own piece."""
    with _bytes(path) as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return (
                    f"{path}: text must be UTF-8, and line {number:,} is not "
                    f"(byte {line[error.start]:#04x}); save the file as UTF-8"
                )
    return f"{path}: text must be UTF-8; save the file as UTF-8"


def _no_text(path: Path) -> InputError:
    return InputError(f"{path}: a table is text in UTF-8, and this file holds zero bytes")


def read_arrays(inputs: Inputs, path: Path) -> Iterator[Batch]:
    """Batches of prepared examples: of the array in a .npy file, or of `x` in a .npz file.

    Args:
        inputs: of the model: `shape` of an example.

    Raises:
        InputError: there is no such array, or its examples have another shape than the model's.
    """
    try:
        found = np.load(path, mmap_mode="r" if path.suffix == ".npy" else None, allow_pickle=False)
        x = found if isinstance(found, np.ndarray) else found["x"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(f"{path} has no array that can be read: {error}") from None
    shape = tuple(inputs["shape"])
    if tuple(x.shape[1:]) != shape:
        raise InputError(
            f"{path}: an example of this model has the shape {shape}, got {tuple(x.shape[1:])}"
        )
    for start in range(0, len(x), BATCH):
        part = np.asarray(x[start : start + BATCH])
        yield [str(start + i) for i in range(len(part))], part, [""] * len(part)
