"""Predict with the model in this folder, from raw images, rows of a table or texts.

    python predict.py INPUT [--out FILE] [--probabilities] [--id COLUMN] [--keep COLUMN,COLUMN|all]

INPUT is an image, a folder of images, a table (CSV, Parquet, Feather, JSON lines, Excel; one row an
example) or several (`part-*.csv`), a text file (one text a line), or arrays (.npy, .npz with `x`); `-`
reads a table or texts from standard input. The answer is one line an example: CSV on the terminal or
in FILE, or with a FILE.npz all probabilities as an array.

It needs NumPy and the model's own runtime: TensorFlow, onnxruntime or LiteRT; Pillow for images.
Nothing but the files named in manifest.json is read, and nothing with another SHA-256 than there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

import numpy as np

if __package__:
    from autotrain.serving import answers, image_reader, output, row_reader, text_reader
    from autotrain.serving.encoder import Encoder
    from autotrain.serving.input_file import (
        Batch,
        Examples,
        InputError,
        Inputs,
        parts_of,
        read_arrays,
    )
    from autotrain.serving.manifest import check
else:  # as a script in the folder of a model, to which nothing is to be added
    sys.dont_write_bytecode = True
    import answers  # type: ignore[no-redef]
    import image_reader  # type: ignore[no-redef]
    import output  # type: ignore[no-redef]
    import row_reader  # type: ignore[no-redef]
    import text_reader  # type: ignore[no-redef]
    from encoder import Encoder  # type: ignore[no-redef]
    from input_file import (  # type: ignore[no-redef]
        Batch,
        Examples,
        InputError,
        Inputs,
        parts_of,
        read_arrays,
    )
    from manifest import check  # type: ignore[no-redef]

More: TypeAlias = dict[str, list[str]]  # further columns of a batch, as they are written

# By the modality of a model's inputs, from these, a path and names of further columns to batches.
READERS: dict[str, Callable[[Inputs, Path, Sequence[str] | None], Iterator[tuple[Batch, More]]]] = {
    "image": lambda inputs, path, more: ((b, {}) for b in image_reader.read(inputs, path)),
    "tabular": row_reader.read_with,
    "text": text_reader.read_with,
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
    return (batch for batch, _ in read_with(inputs, source, ()))


def read_with(
    inputs: Inputs, source: Path, more: Sequence[str] | None
) -> Iterator[tuple[Batch, More]]:
    """Batches of a source, and what is written in further columns of a table.

    Args:
        more: names of these; None for all.

    Raises:
        InputError: as `read`, or there is no such column.
    """
    parts = parts_of(source)
    if len(parts) == 1:
        return _read_one(inputs, parts[0], more)
    return (
        (([f"{part.name}:{name}" for name in names], examples, problems), others)
        for part in parts
        for (names, examples, problems), others in _read_one(inputs, part, more)
    )


def _read_one(
    inputs: Inputs, source: Path, more: Sequence[str] | None
) -> Iterator[tuple[Batch, More]]:
    modality = inputs["modality"]
    if not source.exists():
        raise InputError(f"{source}: no such file or folder")
    if source.suffix.lower() in (".npy", ".npz"):
        return ((batch, {}) for batch in read_arrays(inputs, source))
    if source.is_dir() and modality not in _FOLDERS:
        raise InputError(f"{source} is a folder, and this model reads {modality} data from a file")
    return READERS[modality](inputs, source, more)


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
        files: names of those that its manifest names.
        unknown: cells of categories that training has not seen, with their columns, counted.
    """

    def __init__(self, folder: Path, runtimes: Callable[[str], Runtime] | None = None) -> None:
        self.folder, self.files = folder, check(folder)
        self.card, inputs = self.facts("card.json"), self.facts("inputs.json")
        # Models of before call the modality `kind`, and the task `goal`.
        self.modality: str = inputs.get("modality") or inputs["kind"]
        self.inputs = cast(Inputs, {**inputs, "modality": self.modality})
        self.task: str = self.card.get("goal") or self.card["task"]
        self.answer = answers.ANSWERS[self.card.get("answer") or answers.BY_TASK[self.task]]
        self.classes: list[str] = self.card["classes"]
        self.unknown: Counter[tuple[str, str]] = Counter()
        self.encoder = Encoder(self.inputs)
        runtime = runtimes(self.card["format"]) if runtimes else _runtime()
        file = runtime.FILE
        if not any(name == file or name.startswith(f"{file}/") for name in self.files):
            raise InputError(f"{file} is not named in the manifest of {folder}")
        self._strings = bool(self.inputs["strings"] and runtime.READS_STRINGS)
        self._run = runtime.load(folder / file)

    def facts(self, name: str) -> dict[str, Any]:
        """What a JSON file of the folder holds.

        Raises:
            InputError: the manifest does not name it.
        """
        if name not in self.files:
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
        encode = self.encoder.strings if self._strings else self.encoder.numbers
        found: np.ndarray = np.array(self._run(encode(batch)), "float32")
        return found


def _runtime() -> Runtime:
    import runtime

    found: Runtime = runtime
    return found


# The command line.


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Predict with the model in this folder.")
    parser.add_argument("input", type=Path, help="a file or folder; - for standard input")
    parser.add_argument("--out", type=Path, help="a CSV file, or .npz for all probabilities")
    parser.add_argument(
        "--probabilities", action="store_true", help="with the probability of every class"
    )
    parser.add_argument("--id", metavar="COLUMN", help="of the table, to call examples by")
    parser.add_argument("--keep", metavar="COLUMNS", help="of the table, to repeat: a,b or all")
    options = parser.parse_args(arguments)
    wanted = output.wanted(options.probabilities, options.id, options.keep)
    try:
        model = Model(Path(__file__).resolve().parent)
        with output.as_file(options.input, model.modality) as source:
            found = read_with(model.inputs, source, wanted.columns)
            output.write(model, found, options.out, wanted)
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (InputError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
