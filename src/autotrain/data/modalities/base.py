"""What is read: the contract of a kind of data.

A modality is one object that knows how its examples are learnt from, described, written back and
compared. Besides it, a new modality needs its inputs (`training/inputs.py`), its reader
(`serving/`), and a source that gives such arrays.
"""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from autotrain.data.dataset import Column, DataInfo, Dataset
from autotrain.data.tables import Table
from autotrain.errors import DataError
from autotrain.serving.input_file import Column as InputColumn
from autotrain.serving.input_file import Inputs, TrainingTable
from autotrain.space import DataSpec

MOST_VALUES = 200_000  # of a column that are looked at where new data is compared with old


class Modality(ABC):
    """One kind of data.

    Attributes:
        name: as a space's `task` begins: `image` in `image_classification`.
        example_space: a shipped space for it, for messages.
        reads_tables: whether a table in a file can be read as such data.
        keeps_words: whether cells of a table are texts, in which words such as NA are words.
        sparse_features: whether `features` are mostly zeros, which must not be centred.
    """

    name: str
    example_space: str
    reads_tables = False
    keeps_words = False
    sparse_features = False

    # From a source to arrays.

    def from_table(
        self, where: str, table: Table, inputs: Sequence[str], rows: np.ndarray, spec: DataSpec
    ) -> Dataset:
        """The inputs of a table's rows; without targets, which are the task's.

        Args:
            where: the source's name, for messages.
            inputs: names of the columns that are neither target nor ignored.
            rows: [n] bool, those that have a target.

        Raises:
            DataError: columns that cannot be read so.
        """
        raise DataError(f"{where}: a table is no {self.name} data")

    def resize(self, where: str, dataset: Dataset, side: int) -> Dataset:
        """Bring examples to squares of `side` pixels.

        Raises:
            DataError: they have no pixels, or cannot be resized.
        """
        raise DataError(f"{where}: data.image_size is for images, and this is a table; remove it")

    def fit(self, where: str, dataset: Dataset) -> Dataset:
        """Recode inputs by what the training rows hold.

        Raises:
            DataError: nothing is left to learn from.
        """
        return dataset

    # In words, and as raw examples again.

    @abstractmethod
    def describe(self, info: DataInfo) -> str:
        """How many examples of what, such as "150 rows of 4 features"."""

    @abstractmethod
    def reads(self, shape: Sequence[int], dtype: str, names: Sequence[str]) -> str:
        """A sentence about what a model reads.

        Args:
            names: of the columns, as they are to be shown.
        """

    def readable(self, info: DataInfo, folder: Path, x: np.ndarray) -> list[dict[str, str]]:
        """Prepared examples [n, ...] as people read them, by column; nothing for images.

        Args:
            folder: of the prepared data.
        """
        return []

    def to_raw(
        self, folder: Path, data: DataInfo | Dataset, vocabulary: Sequence[str], x: np.ndarray
    ) -> Path:
        """Write examples as a user has them, so that an export can be tried from the very start.

        Args:
            data: what they are, prepared or as loaded; vocabulary: of its texts.
            x: [n, ...] its inputs.
        """
        path = folder / "examples.npy"
        np.save(path, np.asarray(x))
        return path

    # For exported models.

    def inputs(self, info: DataInfo, folder: Path) -> Inputs:
        """What a model reads, for `serving/predict.py`; plain data.

        Args:
            folder: of the prepared data.
        """
        table: TrainingTable = {
            "header": bool(info.header),
            "width": info.width,
            "targets": list(info.targets),
            "units": info.units,
        }
        return {
            "modality": self.name,
            "shape": list(info.input_shape),
            "dtype": info.dtype,
            "columns": cast("list[InputColumn]", [c.to_dict() for c in info.columns]),
            "tokens": info.tokens,
            "vocabulary": [],
            "strings": False,
            "table": table if info.width else None,
        }

    def labelled(self, source: str, target: str | None, shape: Sequence[int]) -> DataSpec:
        """How labelled data for a model is to be read.

        Args:
            shape: of an example, as the model reads it.
        """
        return DataSpec(source=source, target=target)

    @abstractmethod
    def profile(self, columns: Sequence[Column], x: np.ndarray) -> dict[str, np.ndarray]:
        """What tells examples apart from those of another time, each [n]: numbers, or words.

        Args:
            columns: of a table; empty where they have no names.
            x: [n, ...] prepared inputs.
        """

    @abstractmethod
    def features(self, info: DataInfo, x: np.ndarray) -> Any:
        """Prepared inputs as a matrix [n, features], dense or sparse, for models of scikit-learn."""


def recoded(
    dataset: Dataset, recode: Callable[[np.ndarray], np.ndarray], **changes: Any
) -> Dataset:
    """A data set with other inputs and other fields; splits that share an array go on sharing it."""
    done = {id(x): recode(x) for x in {id(x): x for x in dataset.x.values()}.values()}
    return replace(dataset, x={k: done[id(x)] for k, x in dataset.x.items()}, **changes)


def by_frequency(codes: np.ndarray, size: int, first: int) -> np.ndarray:
    """Codes from `first` on that occur, most frequent first; ties in the order of the codes."""
    counts = np.bincount(codes.reshape(-1).astype(np.int64), minlength=size)
    counts[:first] = 0
    order = np.argsort(-counts, kind="stable")
    return order[: np.count_nonzero(counts)]


def write_csv(path: Path, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """A table with a header; the path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    return path


def plural(word: str, count: int) -> str:
    """The word for so many."""
    return word if count == 1 else f"{word}s"
