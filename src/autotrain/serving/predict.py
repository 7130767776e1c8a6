"""Predict with the model in this folder, from raw images, rows of a table or texts.

    python predict.py INPUT [--out FILE]

INPUT is an image, a folder of images, a table (CSV or Parquet, one row an example), a text file (one
text a line), or arrays (.npy, .npz with `x`). The answer is one line an example: CSV on the terminal
or in FILE, or with a FILE.npz all probabilities as an array.

It needs NumPy and the model's own runtime: TensorFlow, onnxruntime or LiteRT; Pillow for images.
Nothing but the files named in manifest.json is read, and nothing with another SHA-256 than there.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np

if __package__:
    from autotrain.serving import answers, image_reader, row_reader, sequence_reader, text_reader
    from autotrain.serving.encoder import Encoder
    from autotrain.serving.input_file import Batch, Examples, InputError, Inputs, read_arrays
    from autotrain.serving.manifest import check
else:  # as a script in the folder of a model, to which nothing is to be added
    sys.dont_write_bytecode = True
    import answers  # type: ignore[no-redef]
    import image_reader  # type: ignore[no-redef]
    import row_reader  # type: ignore[no-redef]
    import sequence_reader  # type: ignore[no-redef]
    import text_reader  # type: ignore[no-redef]
    from encoder import Encoder  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Batch,
        Examples,
        InputError,
        Inputs,
        read_arrays,
    )
    from manifest import check  # type: ignore[no-redef]

# By the modality of a model's inputs, from these and a path to batches.
READERS: dict[str, Callable[[Inputs, Path], Iterator[Batch]]] = {
    "image": image_reader.read,
    "tabular": row_reader.read,
    "text": text_reader.read,
    "sequence": sequence_reader.read,
}
_FOLDERS = ("image",)  # modalities of which a folder is a source


class Runtime(Protocol):
    """What runs a model's file: the module `runtime` beside this one, or the same within autotrain.

    Attributes:
        FILE: its name; READS_STRINGS: whether the model takes categories and texts as they are.
    """

    FILE: str
    READS_STRINGS: bool

    def load(self, path: Path) -> Callable[[Any], Any]:
        """A function from a batch to outputs [n, ...]."""


def read(inputs: Inputs, source: Path) -> Iterator[Batch]:
    """Batches of a source of any kind that a model with these `inputs` reads.

    Raises:
        InputError: it is not of such a kind, or lacks a column.
    """
    modality = inputs["modality"]
    if not source.exists():
        raise InputError(f"{source}: no such file or folder")
    if source.suffix.lower() in (".npy", ".npz"):
        return read_arrays(inputs, source)
    if source.is_dir() and modality not in _FOLDERS:
        raise InputError(f"{source} is a folder, and this model reads {modality} data from a file")
    return READERS[modality](inputs, source)


class Model:
    """An exported model.

    Args:
        folder: where it lies.
        runtimes: what runs the files of a format; by default that is the module beside this one.

    Attributes:
        inputs: what it reads: `modality`, `shape`, `dtype`, `columns`, `tokens`, `strings`, `table`.
        card: what is known of it; `classes` are the names of its outputs.
        modality, task: what it reads and what it predicts, by name.
        encoder: makes of raw examples what the model takes.
        unknown: cells of categories that training has not seen, with their columns, counted.
    """

    def __init__(self, folder: Path, runtimes: Callable[[str], Runtime] | None = None) -> None:
        self.folder, self._named = folder, check(folder)
        self.card, inputs = self.facts("card.json"), self.facts("inputs.json")
        # Models of before call the modality `kind`, and the task `goal`.
        self.modality: str = inputs.get("modality") or inputs["kind"]
        self.inputs = cast(Inputs, {**inputs, "modality": self.modality})
        self.task: str = self.card.get("goal") or self.card["task"]
        self.answer = answers.answer_of(self.card)
        self.classes: list[str] = self.card["classes"]
        self.unknown: Counter[tuple[str, str]] = Counter()
        self.encoder = Encoder(self.inputs)
        runtime = runtimes(self.card["format"]) if runtimes else _runtime()
        file = runtime.FILE
        if not any(name == file or name.startswith(f"{file}/") for name in self._named):
            raise InputError(f"{file} is not named in the manifest of {folder}")
        self._strings = bool(self.inputs["strings"] and runtime.READS_STRINGS)
        self._wide = reads_wide(runtime)
        self._encode: Callable[[Examples], Any] = self.encoder.strings
        if not self._strings:
            self._encode = self.encoder.numbers if self._wide else self.encoder.centred
        self._run = runtime.load(folder / file)

    def facts(self, name: str) -> dict[str, Any]:
        """What a JSON file of the folder holds.

        Raises:
            InputError: the manifest does not name it.
        """
        if name not in self._named:
            raise InputError(f"{name} is not named in the manifest of {self.folder}")
        found: dict[str, Any] = json.loads((self.folder / name).read_text("utf-8"))
        return found

    def predict(self, batch: Examples) -> np.ndarray:
        """Probabilities [n, classes], or numbers [n, outputs].

        Args:
            batch: images or rows as an array [n, ...], rows as a dictionary of columns, or texts.

        Raises:
            InputError: a cell of a column of numbers is none.
        """
        self.unknown.update(self.encoder.unknown(batch))
        found = np.array(self._run(self._encode(batch)))
        offset = self.inputs.get("target_offset")
        if not offset:
            return found.astype("float32", copy=False)
        return found if self._wide else found + np.array(offset)


def reads_wide(runtime: Runtime) -> bool:
    """Whether a runtime computes in 64 bits; one of a package that does not say so may not."""
    return bool(getattr(runtime, "READS_WIDE", False))


def _runtime() -> Runtime:
    import runtime

    found: Runtime = runtime
    return found


# Writing what comes of it.


def answered(model: Model, source: Path) -> Iterator[tuple[list[str], np.ndarray, list[str]]]:
    """Names, outputs and problems by batch; an example with a problem has outputs of NaN."""
    for names, batch, problems in read(model.inputs, source):
        outputs = model.predict(batch)
        outputs[[bool(problem) for problem in problems]] = np.nan
        yield names, outputs, problems


def lines(
    model: Model, names: list[str], outputs: np.ndarray, problems: list[str]
) -> list[list[str]]:
    """Rows of the answer: example, class and probability (or numbers, or labels), problem."""
    empty = [""] * (len(header(model)) - 2)
    return [
        [name, *(empty if problem else model.answer.cells(model.classes, row)), problem]
        for name, row, problem in zip(names, outputs, problems, strict=True)
    ]


def header(model: Model) -> list[str]:
    """Names of the answer's columns."""
    return ["example", *model.answer.header(model.classes), "problem"]


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Predict with the model in this folder.")
    parser.add_argument("input", type=Path)
    parser.add_argument("--out", type=Path, help="a CSV file, or .npz for all probabilities")
    options = parser.parse_args(arguments)
    try:
        write(Model(Path(__file__).resolve().parent), options.input, options.out)
    except (InputError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def write(model: Model, source: Path, out: Path | None, tick: Any = lambda count: None) -> None:
    """Predict and write; `tick` gets the number of examples of each batch."""
    if out is not None and out.suffix == ".npz":
        parts = [(outputs, tick(len(names)))[0] for names, outputs, _ in answered(model, source)]
        np.savez_compressed(out, outputs=np.concatenate(parts))
        return
    bad = count = 0
    file = sys.stdout if out is None else out.open("w", newline="", encoding="utf-8")
    try:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header(model))
        for names, outputs, problems in answered(model, source):
            writer.writerows(lines(model, names, outputs, problems))
            bad, count = bad + sum(map(bool, problems)), count + len(names)
            tick(len(names))
    finally:
        if out is not None:
            file.close()
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


if __name__ == "__main__":
    sys.exit(main())
