"""Texts: `[n, length]` int32 token numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.data.dataset import Column, DataInfo, Dataset
from autotrain.data.modalities.base import Modality, by_frequency, plural, recoded, write_csv
from autotrain.data.table_columns import Table
from autotrain.data.texts import (
    LONGEST,
    SPLITTERS,
    choose_split,
    decode_texts,
    encode_texts,
    open_vocabulary,
)
from autotrain.errors import DataError
from autotrain.serving.input_file import Inputs
from autotrain.space import DataSpec

_MOST_TOKENS = 20_000  # with padding and the unknown token
_LENGTH_QUANTILE = 0.95


class Texts(Modality):
    """Words or characters of a text by number: 0 is padding, 1 an unknown token."""

    name = "text"
    example_space = "text_cnn"
    reads_tables = True
    keeps_words = True
    sparse_features = True

    def from_table(
        self, where: str, table: Table, inputs: Sequence[str], rows: np.ndarray, spec: DataSpec
    ) -> Dataset:
        """One column of texts, with the numbers of all their tokens."""
        if spec.split_text not in SPLITTERS:
            raise DataError(
                f"data.split_text must be one of {', '.join(SPLITTERS)}, got {spec.split_text!r}"
            )
        column = _text_column(where, table, spec, inputs)
        texts = table[column].values[rows].tolist()
        tokens = choose_split(texts) if spec.split_text == "auto" else spec.split_text
        x, vocabulary = encode_texts(texts, tokens)
        return Dataset(
            x={"train": x},
            y={},
            class_names=(),
            modality=self.name,
            columns=(Column(column, "text"),),
            left_out={name: "beside the text" for name in inputs if name != column},
            tokens=tokens,
            vocabulary=vocabulary,
        )

    def fit(self, where: str, dataset: Dataset) -> Dataset:
        """Tokens by their frequency in the training rows, 20,000 numbers at most, other tokens 1.

        Texts are cut after the 95th percentile of the training texts' lengths.
        """
        x = dataset.x_of("train")
        lengths = np.count_nonzero(x, axis=1)
        if not lengths.any():
            raise DataError(
                f"{where}: the training texts hold no {_unit(dataset.tokens)} at all; name another "
                "text:"
            )
        length = min(LONGEST, max(1, int(np.ceil(np.quantile(lengths, _LENGTH_QUANTILE)))))
        size = len(dataset.vocabulary) + 2
        seen = by_frequency(x[:, :length], size, first=2)[: _MOST_TOKENS - 2]
        new = np.ones(size, np.int32)
        new[0] = 0
        new[seen] = np.arange(2, len(seen) + 2)
        vocabulary = tuple(dataset.vocabulary[i - 2] for i in seen)
        return recoded(dataset, lambda x: new[x[:, :length]], vocabulary=vocabulary)

    def describe(self, info: DataInfo) -> str:
        """How many, how long, and of how many tokens."""
        total, size = sum(info.sizes.values()), info.input_shape[0]
        return (
            f"{total:,} texts of up to {size:,} {plural(_unit(info.tokens), size)}, "
            f"vocabulary of {info.vocabulary_size:,}"
        )

    def reads(self, shape: Sequence[int], dtype: str, names: Sequence[str]) -> str:
        """Nothing has to be done before."""
        return "It reads texts as they are."

    def readable(self, info: DataInfo, folder: Path, x: np.ndarray) -> list[dict[str, str]]:
        """Texts as the tokens that a model reads, under `text`."""
        texts = decode_texts(x, open_vocabulary(folder), info.tokens)
        return [{"text": text} for text in texts]

    def to_raw(
        self, folder: Path, data: DataInfo | Dataset, vocabulary: Sequence[str], x: np.ndarray
    ) -> Path:
        """A CSV file of one column."""
        names = [column.name for column in data.columns] or ["text"]
        texts = decode_texts(x, vocabulary, data.tokens)
        return write_csv(folder / "examples.csv", names, [[text] for text in texts])

    def inputs(self, info: DataInfo, folder: Path) -> Inputs:
        """With the vocabulary."""
        vocabulary = list(open_vocabulary(folder))
        return {**super().inputs(info, folder), "vocabulary": vocabulary, "strings": True}

    def profile(self, columns: Sequence[Column], x: np.ndarray) -> dict[str, np.ndarray]:
        """Length, and share of unknown tokens."""
        length = np.count_nonzero(x, axis=1)
        unknown = (x == 1).sum(axis=1) / np.maximum(length, 1)
        return {"length in tokens": length.astype(float), "share of unknown tokens": unknown}

    def features(self, info: DataInfo, x: np.ndarray) -> Any:
        """How often each token is in a text, sparse, damped and made equally long (tf-idf, no idf)."""
        from scipy import sparse
        from sklearn.preprocessing import normalize

        row, flat = np.repeat(np.arange(len(x)), x.shape[1]), x.reshape(-1)
        known = flat > 0
        ones = np.ones(int(known.sum()), "float32")
        size = (len(x), info.vocabulary_size)
        counts = sparse.csr_matrix((ones, (row[known], flat[known])), size)
        counts.data = 1 + np.log(counts.data)
        return normalize(counts)


def _text_column(where: str, table: Table, spec: DataSpec, inputs: Sequence[str]) -> str:
    found = table.find(spec.text, "text")
    if found:
        if len(found) > 1 or found[0] not in inputs:
            raise DataError(
                f"{where}: text must be one column, neither target nor ignored, got {spec.text!r}"
            )
        return found[0]
    words = [name for name in inputs if table[name].numbers is None]
    if len(words) != 1:
        raise DataError(
            f"{where}: the column of texts must be named with text: in the data section, because "
            f"{len(words)} columns hold text; the columns are {table.listed()}"
        )
    return words[0]


def _unit(tokens: str) -> str:
    return "character" if tokens == "character" else "word"


TEXTS = Texts()
