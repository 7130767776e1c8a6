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
import math
import string
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

if __package__:
    from autotrain.serving import answers, reading
    from autotrain.serving.manifest import check
else:  # as a script in the folder of a model, to which nothing is to be added
    sys.dont_write_bytecode = True
    import answers  # type: ignore[no-redef]
    import reading  # type: ignore[no-redef]
    from manifest import check  # type: ignore[no-redef]

READS_STRINGS = ("keras", "saved_model")  # the others get the numbers that are made here
_PUNCTUATION = str.maketrans(string.ascii_uppercase, string.ascii_lowercase, string.punctuation)


class Model:
    """An exported model.

    Attributes:
        folder: where it lies.
        inputs: what it reads: `modality`, `shape`, `dtype`, `columns`, `tokens`, `strings`.
        card: what is known of it; `classes` are the names of its outputs.
        modality, task: what it reads and what it predicts, by name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._named = folder, check(folder)
        self.inputs, self.card = self.facts("inputs.json"), self.facts("card.json")
        # Models of before call the modality `kind`, and the task `goal`.
        self.modality: str = self.inputs.setdefault("modality", self.inputs.get("kind", ""))
        self.task: str = self.card.get("goal") or self.card["task"]
        self.answer = answers.ANSWERS[self.card.get("answer") or answers.BY_TASK[self.task]]
        self.classes: list[str] = self.card["classes"]
        self.unknown: Counter[tuple[str, str]] = Counter()
        self._numbers = {token: i for i, token in enumerate(self.inputs["vocabulary"], 2)}
        levels = {c["name"]: c["levels"] for c in self.inputs["columns"]}
        self._codes = {
            name: {v: i for i, v in enumerate(known, 1)} for name, known in levels.items()
        }
        load, file = RUNTIMES[self.card["format"]]
        if not any(name == file or name.startswith(f"{file}/") for name in self._named):
            raise reading.InputError(f"{file} is not named in the manifest of {folder}")
        self._run = load(folder / file)

    def facts(self, name: str) -> dict[str, Any]:
        """What a JSON file of the folder holds.

        Raises:
            InputError: the manifest does not name it.
        """
        if name not in self._named:
            raise reading.InputError(f"{name} is not named in the manifest of {self.folder}")
        found: dict[str, Any] = json.loads((self.folder / name).read_text("utf-8"))
        return found

    def predict(self, batch: Any) -> np.ndarray:
        """Probabilities [n, classes], or numbers [n, outputs].

        Args:
            batch: images or rows as an array [n, ...], rows as a dictionary of columns, or texts.
        """
        strings = self.inputs["strings"] and self.card["format"] in READS_STRINGS
        if isinstance(batch, dict):
            self._note(batch)
        x = self._strings(batch) if strings else self.numbers(batch)
        found: np.ndarray = np.array(self._run(x), "float32")
        return found

    def numbers(self, batch: Any) -> np.ndarray:
        """A batch as the arrays that the model was trained on [n, ...]."""
        if isinstance(batch, dict):
            columns = (self._column(c, batch[c["name"]]) for c in self.inputs["columns"])
            return np.stack(list(columns), axis=1)
        if isinstance(batch, list):
            return self.tokens(batch)
        return np.asarray(batch, self.inputs["dtype"])

    def _strings(self, batch: Any) -> Any:
        """A batch for a model that reads strings itself; arrays are numbers already."""
        if isinstance(batch, list):
            return np.array(batch, object)[:, None]
        if not isinstance(batch, dict):
            return self.numbers(batch)
        columns = self.inputs["columns"]
        return {c["name"]: self._raw(c, batch[c["name"]])[:, None] for c in columns}

    def _raw(self, column: dict[str, Any], cells: list[str]) -> np.ndarray:
        """[n] numbers; of a category its levels, empty where one is missing."""
        if column["kind"] != "category":
            return self._column(column, cells)
        return np.array(["" if cell in reading.MISSING else cell for cell in cells], object)

    def _column(self, column: dict[str, Any], cells: list[str]) -> np.ndarray:
        """[n] numbers; of a category codes, 0 for what is missing or unknown."""
        if column["kind"] != "category":
            return np.array([_number(cell) for cell in cells], "float32")
        codes = self._codes[column["name"]]
        return np.array([codes.get(cell, 0) for cell in cells], "float32")

    def _note(self, batch: dict[str, list[str]]) -> None:
        """Count levels that training has not seen."""
        for c in self.inputs["columns"]:
            known, name = self._codes[c["name"]], c["name"]
            if c["kind"] == "category":
                missing = reading.MISSING
                cells = (v for v in batch[name] if v not in known and v not in missing)
                self.unknown.update((name, cell) for cell in cells)

    def tokens(self, texts: list[str]) -> np.ndarray:
        """Numbers of a text's words or characters [n, length]: 0 is padding, 1 an unknown one."""
        found = np.zeros((len(texts), self.inputs["shape"][0]), "int32")
        for row, text in zip(found, texts, strict=True):
            plain = text.translate(_PUNCTUATION)
            words = list(plain) if self.inputs["tokens"] == "character" else plain.encode().split()
            known = [self._numbers.get(w if isinstance(w, str) else w.decode(), 1) for w in words]
            row[: len(known)] = known[: len(row)]
        return found


def _number(cell: str) -> float:
    return math.nan if cell in reading.MISSING else float(cell)


# Runtimes: each from a file to a function of a batch.


def _keras(path: Path) -> Any:
    import keras

    model = keras.saving.load_model(path, safe_mode=True)
    return lambda x: model.predict_on_batch(_tensors(x))


def _tensors(x: Any) -> Any:
    """Strings as TensorFlow's, for Keras takes no arrays of objects."""
    import tensorflow as tf

    if isinstance(x, dict):
        return {name: tf.constant(values.tolist()) for name, values in x.items()}
    return tf.constant(x.tolist()) if x.dtype == object else x


def _saved_model(path: Path) -> Any:
    import tensorflow as tf

    model = tf.saved_model.load(str(path))
    return lambda x: model.serve(_tensors(x) if isinstance(x, dict) else tf.constant(_tensors(x)))


def _onnx(path: Path) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]


def _litert(path: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        from tensorflow.lite import Interpreter
    model = Interpreter(str(path))

    def run(x: Any) -> Any:
        place = model.get_input_details()[0]["index"]
        model.resize_tensor_input(place, x.shape)
        model.allocate_tensors()
        model.set_tensor(place, x)
        model.invoke()
        return model.get_tensor(model.get_output_details()[0]["index"])

    return run


RUNTIMES = {
    "keras": (_keras, "model.keras"),
    "saved_model": (_saved_model, "saved_model"),
    "onnx": (_onnx, "model.onnx"),
    "litert": (_litert, "model.tflite"),
}


# Writing what comes of it.


def answered(model: Model, source: Path) -> Iterator[tuple[list[str], np.ndarray, list[str]]]:
    """Names, outputs and problems by batch; an example with a problem has outputs of NaN."""
    for names, batch, problems in reading.read(model.inputs, source):
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
    except (reading.InputError, OSError, ImportError) as error:
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
