"""Texts as token numbers, the same that Keras's `TextVectorization` layer gives on TensorFlow.

Done here in plain Python, because neither the coordinator nor a worker on JAX imports TensorFlow.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autotrain.errors import DataError

SPLITTERS = ("auto", "whitespace", "character")
LONGEST = 512  # tokens of a text that are read
_FIRST = 2  # number of the vocabulary's first token: 0 is padding, 1 an unknown token
_VOCABULARY = "vocabulary.json"
_SAMPLE_TEXTS, _SAMPLE_LETTERS = 2000, 1000

# `lower_and_strip_punctuation`: tf.strings.lower knows ASCII only, and so does Keras's pattern.
_STANDARDIZE = str.maketrans(string.ascii_uppercase, string.ascii_lowercase, string.punctuation)
# Scripts written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, Japanese, Chinese.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def tokenize(text: str, split: str) -> list[str]:
    """Tokens of a text: ASCII letters in lower case, ASCII punctuation removed.

    Args:
        text: as it came.
        split: `whitespace` (of ASCII) or `character` (Unicode code points).
    """
    plain = text.translate(_STANDARDIZE)
    if split == "character":
        return list(plain)
    # bytes.split() knows ASCII's spaces only, as tf.strings.split does; str.split() knows more.
    return [token.decode() for token in plain.encode().split()]


def choose_split(texts: Sequence[str]) -> str:
    """`character` where most letters belong to scripts without spaces, `whitespace` otherwise."""
    letters = unspaced = 0
    for text in texts[:_SAMPLE_TEXTS]:
        start = text[:_SAMPLE_LETTERS]
        letters += sum(map(str.isalpha, start))
        unspaced += len(_UNSPACED.findall(start))
    return "character" if unspaced * 2 > letters else "whitespace"


def encode_texts(texts: Sequence[str], split: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Number every token of all texts; `Modality.fit` reduces this to the training part's.

    Args:
        texts: `n` texts; of each the first 512 tokens are read.
        split: `whitespace` or `character`.

    Returns:
        Token numbers `[n, longest]` int32, padded with 0, and the vocabulary, sorted; its token at
        position i has the number i + 2.
    """
    tokens = [tokenize(text, split)[:LONGEST] for text in texts]
    vocabulary = tuple(sorted(set().union(*tokens)))
    numbers = {token: i for i, token in enumerate(vocabulary, _FIRST)}
    encoded = np.zeros((len(texts), max(map(len, tokens), default=0)), np.int32)
    for row, known in zip(encoded, tokens, strict=True):
        row[: len(known)] = [numbers[token] for token in known]
    return encoded, vocabulary


def decode_texts(tokens: np.ndarray, vocabulary: Sequence[str], split: str) -> list[str]:
    """Texts that give these token numbers again.

    Args:
        tokens: [n, length], 0 for padding and 1 for an unknown token, which becomes `�`.
        vocabulary: its token at position i has the number i + 2; split: as in `tokenize`.
    """
    names, between = ("", "�", *vocabulary), "" if split == "character" else " "
    return [between.join(names[token] for token in row if token) for row in tokens]


def write_vocabulary(folder: Path, vocabulary: Sequence[str]) -> None:
    """Keep the vocabulary next to the prepared arrays."""
    text = json.dumps(list(vocabulary), ensure_ascii=False, indent=0)
    (folder / _VOCABULARY).write_text(text + "\n", encoding="utf-8")


def open_vocabulary(folder: Path) -> tuple[str, ...]:
    """Tokens of prepared texts, most frequent first, for `TextVectorization(vocabulary=...)`.

    The token at position i has the number i + 2; 0 is padding and 1 an unknown token.

    Args:
        folder: from `data_folder`.

    Raises:
        DataError: the folder is missing, damaged, or not of texts.
    """
    path = folder / _VOCABULARY
    try:
        tokens = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(tokens, list) or not all(isinstance(t, str) for t in tokens):
            raise ValueError("it is not a list of tokens")
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: the vocabulary is missing or damaged ({error}); delete {folder} and start "
            "the search again, it is made anew from the source"
        ) from error
    return tuple(tokens)
