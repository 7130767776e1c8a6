"""Small data of every kind that can be learnt within seconds, as files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autotrain.data import DataInfo, data_folder, prepare
from autotrain.space import DataSpec

CLASSES = ("ant", "bee", "cat")
_COUNT = 240


@dataclass(frozen=True)
class Prepared:
    """Prepared data, in a folder as `autotrain.data` keeps it."""

    folder: Path
    info: DataInfo


def _labels() -> Iterator[tuple[int, np.random.Generator]]:
    generator = np.random.default_rng(0)
    for i in range(_COUNT):
        yield i % len(CLASSES), generator


def _npz(folder: Path, x: list[np.ndarray]) -> DataSpec:
    path = folder / "examples.npz"
    labels = np.array([label for label, _ in _labels()])
    np.savez(path, x=np.stack(x), y=labels, class_names=np.array(CLASSES))
    return DataSpec(source=str(path))


def _csv(folder: Path, header: list[str], rows: list[list[object]]) -> DataSpec:
    path = folder / "examples.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return DataSpec(source=str(path), target="label")


def images(folder: Path) -> DataSpec:
    """Gray images of 8 x 8 pixels, of which a class has its own bright rows."""
    found = []
    for label, generator in _labels():
        image = generator.integers(0, 90, (8, 8, 1))
        image[2 * label : 2 * label + 3] += 120
        found.append(image.astype("uint8"))
    return _npz(folder, found)


def numbers(folder: Path) -> DataSpec:
    """Rows of four numbers."""
    return _npz(folder, [g.normal((label, 0, -label, 1), 0.4) for label, g in _labels()])


def rows(folder: Path) -> DataSpec:
    """Rows of numbers with holes, and of a category."""
    cities = ("Oslo", "Ghent", "Xi'an")
    found: list[list[object]] = []
    for label, generator in _labels():
        size = f"{generator.normal(label, 0.4):.3f}" if generator.random() > 0.1 else ""
        known = generator.random() > 0.2
        city = cities[label if known else generator.integers(3)]
        found.append([size, city, f"{generator.normal():.3f}", CLASSES[label]])
    return _csv(folder, ["size/m", "home city", "noise", "label"], found)


def sequences(folder: Path) -> DataSpec:
    """Two numbers at twelve steps of time, of which the first rises as its class does."""
    time = np.linspace(0, 1, 12)[:, np.newaxis]
    found = [g.normal(0, 0.3, (12, 2)) + (label - 1) * 2 * time * (1, 0) for label, g in _labels()]
    return _npz(folder, found)


def texts(folder: Path) -> DataSpec:
    """Texts, of which one word tells the class."""
    words = [f"word{i}" for i in range(12)]
    found: list[list[object]] = []
    for label, generator in _labels():
        chosen = [*generator.choice(words, 5), f"about{label}"]
        found.append([" ".join(generator.permutation(chosen)), CLASSES[label]])
    return _csv(folder, ["text", "label"], found)


# By the kind of input: what writes the files, and the modality that reads them.
KINDS: dict[str, tuple[Callable[[Path], DataSpec], str]] = {
    "images": (images, "image"),
    "numbers": (numbers, "tabular"),
    "rows": (rows, "tabular"),
    "texts": (texts, "text"),
    "sequences": (sequences, "sequence"),
}


def prepared(kind: str, folder: Path) -> Prepared:
    """Data of one of `KINDS`, in a folder that is there and empty."""
    write, modality = KINDS[kind]
    info = prepare(write(folder), folder / "cache", 0, "classification", modality)
    return Prepared(data_folder(folder / "cache", info.fingerprint), info)
