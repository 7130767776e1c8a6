"""Files that a model is given: what can be wrong with one, and the text or arrays that are in it.

Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias, TypedDict, TypeVar, cast

import numpy as np

if __package__:
    from autotrain.serving.number_forms import Form
else:
    from number_forms import Form  # type: ignore[no-redef]

BATCH = 256
_OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
COMPRESSED = (*_OPENERS, ".zip")
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

    `units` says whether the row below the names told units, `separator` what is between its cells, and
    `forms` how the numbers of targets are written, where that is not as usual.
    """

    units: bool
    separator: str
    forms: dict[str, Form]


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
    """The ending of a file's name in lower case, that of the file within where it is compressed."""
    plain = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    return plain.suffix.lower()


def parts_of(source: Path) -> list[Path]:
    """The files that a source names: several where it is a pattern, such as `part-*.csv`.

    Raises:
        InputError: nothing is called so.
    """
    if source.exists() or not any(mark in source.name for mark in "*?["):
        return [source]
    found = sorted(source.parent.glob(source.name))
    if not found:
        raise InputError(f"{source}: no file is called so")
    return found


def read_text(path: Path) -> str:
    """All of a text in UTF-8, with or without a byte-order mark, compressed by gzip or not.

    Raises:
        InputError: it cannot be read, is other text than UTF-8, or no text.
    """
    with _text(path) as file:
        text = file.read()
    if "\0" in text:
        raise _no_text(path, text[: text.index("\0")].count("\n") + 1)
    return text


def read_lines(path: Path) -> Iterator[str]:
    """The lines of such a text, with their ends as they are, without holding more than one.

    Raises:
        InputError: as `read_text`.
    """
    with _text(path) as file:
        for number, line in enumerate(file, 1):
            if "\0" in line:
                raise _no_text(path, number)
            yield line


@contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    try:
        with open_bytes(path) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError:
        raise InputError(_first_other(path)) from None
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: cannot be read ({error}); copy or save it again") from error


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """A file, or what is compressed in it; of a .zip archive the only file."""
    suffix = path.suffix.lower()
    if suffix in _OPENERS:
        with _OPENERS[suffix](path) as file:
            yield cast(IO[bytes], file)
    elif suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise InputError(
                    f"{path}: an archive must hold one file, and this holds {len(names)}"
                )
            with archive.open(names[0]) as file:
                yield file
    else:
        with path.open("rb") as file:
            yield file


def _first_other(path: Path) -> str:
    """Where a text stops being UTF-8; the decoder that noticed it knows only its own piece."""
    with open_bytes(path) as raw:
        for number, line in enumerate(raw, 1):
            if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
                return f"{path}: text must be UTF-8, and line 1 is not (UTF-16); save the file as UTF-8"
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return (
                    f"{path}: text must be UTF-8, and line {number:,} is not "
                    f"(byte {line[error.start]:#04x}); save the file as UTF-8, as with  "
                    f"iconv -f latin1 -t utf-8 {path.name} > new-{path.name}"
                )
    return f"{path}: text must be UTF-8; save the file as UTF-8"


def _no_text(path: Path, line: int) -> InputError:
    return InputError(
        f"{path}: a table is text in UTF-8, and line {line:,} of this file holds zero bytes; save it "
        "again as text"
    )


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
    yield from batches_of(inputs, x, str(path))


def batches_of(inputs: Inputs, x: np.ndarray, where: str) -> Iterator[Batch]:
    """Batches of an array of prepared examples; one that holds infinity has a problem.

    Raises:
        InputError: its examples have another shape than the model's.
    """
    shape = tuple(inputs["shape"])
    if tuple(x.shape[1:]) != shape:
        raise InputError(
            f"{where}: an example of this model has the shape {shape}, got {tuple(x.shape[1:])}"
        )
    for start in range(0, len(x), BATCH):
        part = np.asarray(x[start : start + BATCH])
        infinite = np.isinf(part).reshape(len(part), -1).any(axis=1)
        problems = ["its numbers must be finite" if wrong else "" for wrong in infinite]
        yield [str(start + i) for i in range(len(part))], part, problems
