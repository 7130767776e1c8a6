"""Writing what a model answers: a line for each example, as CSV.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import numpy as np

if __package__:
    from autotrain.serving.answers import Answer
    from autotrain.serving.input_file import Batch, Examples, InputError
else:
    from answers import Answer  # type: ignore[no-redef]
    from input_file import Batch, Examples, InputError  # type: ignore[no-redef]

STANDARD_INPUT = "-"
_SUFFIXES = {"tabular": ".csv", "text": ".txt"}  # of what comes from standard input


class Answering(Protocol):
    """What is needed of a model; see `predict.Model`."""

    answer: Answer
    classes: list[str]
    unknown: Counter[tuple[str, str]]

    def predict(self, batch: Examples) -> np.ndarray:
        """Probabilities or numbers."""


class Wanted(NamedTuple):
    """What is to be written besides the answer.

    Attributes:
        probabilities: of every class; id: the column that examples are called by.
        keep: columns to repeat; None for all.
    """

    probabilities: bool = False
    id: str | None = None
    keep: Sequence[str] | None = ()

    @property
    def columns(self) -> list[str] | None:
        """Those that must be read; None for all."""
        if self.keep is None:
            return None
        return list(dict.fromkeys([*([self.id] if self.id else []), *self.keep]))


def wanted(probabilities: bool, id: str | None, keep: str | Sequence[str] | None) -> Wanted:
    """From the words of a command line: `keep` is `a,b`, `all` or nothing."""
    if isinstance(keep, str):
        columns = None if keep == "all" else [name.strip() for name in keep.split(",")]
        return Wanted(probabilities, id, columns)
    return Wanted(probabilities, id, keep or ())


@contextmanager
def as_file(source: Path, modality: str) -> Iterator[Path]:
    """The source as a file; `-` is what comes from standard input.

    Raises:
        InputError: a model of this modality does not read from there.
    """
    if str(source) != STANDARD_INPUT:
        yield source
        return
    if modality not in _SUFFIXES:
        raise InputError(
            f"standard input holds a table or texts, and this model reads {modality} data"
        )
    with tempfile.TemporaryDirectory(prefix="predict-") as folder:
        path = Path(folder) / f"standard input{_SUFFIXES[modality]}"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path


def answered(
    model: Answering, found: Iterable[tuple[Batch, dict[str, list[str]]]]
) -> Iterator[tuple[list[str], np.ndarray, list[str], dict[str, list[str]]]]:
    """Names, outputs, problems and further columns by batch; a problem's outputs are NaN."""
    for (names, batch, problems), more in found:
        outputs = model.predict(batch)
        outputs[[bool(problem) for problem in problems]] = np.nan
        yield names, outputs, problems, more


def header(model: Answering, asked: Wanted, columns: Iterable[str]) -> list[str]:
    """Names of the answer's columns.

    Args:
        columns: those of the table that were read.
    """
    kept = [name for name in columns if asked.keep is None or name in asked.keep]
    chances = model.classes if _chances(model, asked) else []
    head = model.answer.header(model.classes)
    return [
        asked.id or "example",
        *(name for name in kept if name != asked.id),
        *head,
        *chances,
        "problem",
    ]


def rows(
    model: Answering,
    asked: Wanted,
    batch: tuple[list[str], np.ndarray, list[str], dict[str, list[str]]],
) -> Iterator[tuple[list[str], list[str | float], str]]:
    """Of each example what it is called and its kept cells, its answer, and its problem."""
    names, outputs, problems, more = batch
    kept = [
        cells for name, cells in more.items()
        if name != asked.id and (asked.keep is None or name in asked.keep)
    ]  # fmt: skip
    for i, (row, problem) in enumerate(zip(outputs, problems, strict=True)):
        called = [more[asked.id][i] if asked.id else names[i], *(cells[i] for cells in kept)]
        chances = [float(v) for v in row] if _chances(model, asked) else []
        answer = [] if problem else [*model.answer.values(model.classes, row), *chances]
        yield called, answer, problem


def _chances(model: Answering, asked: Wanted) -> bool:
    """Whether probabilities are to be added; other answers have them anyway."""
    return asked.probabilities and model.answer.header(model.classes) == ["class", "probability"]


def write(
    model: Answering,
    found: Iterable[tuple[Batch, dict[str, list[str]]]],
    out: Path | None,
    asked: Wanted = Wanted(),  # noqa: B008 (it cannot change)
    tick: Any = lambda count: None,
) -> None:
    """Predict and write; `tick` gets the number of examples of each batch."""
    parts = answered(model, found)
    if out is not None and out.suffix == ".npz":
        arrays = [(outputs, tick(len(names)))[0] for names, outputs, _, _ in parts]
        np.savez_compressed(out, outputs=np.concatenate(arrays))
        return
    if out is None:
        bad, count = _write_lines(model, parts, sys.stdout, asked, tick)
    else:
        with out.open("w", newline="", encoding="utf-8") as file:
            bad, count = _write_lines(model, parts, file, asked, tick)
    if bad:
        print(
            f"{bad} of {count} examples have a problem and no prediction; see the last column",
            file=sys.stderr,
        )
    for (column, level), times in model.unknown.most_common(5):
        print(
            f"unknown in training, taken as missing: {column} = {level!r}, {times} times",
            file=sys.stderr,
        )


def _write_lines(
    model: Answering, parts: Iterable[Any], file: IO[str], asked: Wanted, tick: Any
) -> tuple[int, int]:
    """How many have a problem, of how many."""
    writer, bad, count = csv.writer(file, lineterminator="\n"), 0, 0
    for part in parts:
        if not count:
            head = header(model, asked, part[3])
            writer.writerow(head)
        for called, answer, problem in rows(model, asked, part):
            cells = [v if isinstance(v, str) else format(v, model.answer.form) for v in answer]
            missing = [""] * (len(head) - len(called) - 1)
            writer.writerow([*called, *(cells or missing), problem])
            bad, count = bad + bool(problem), count + 1
        tick(len(part[0]))
    if not count:
        writer.writerow(header(model, asked, asked.columns or ()))
    return bad, count
