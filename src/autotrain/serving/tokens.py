"""Texts as token numbers, the same that Keras's `TextVectorization` layer gives on TensorFlow.

Done here in plain Python, because coordinator, JAX and half of the export formats have no strings.
Like all files of this folder it is copied beside `predict.py` into every exported model, and read
by training too, so that both see the same; it needs nothing of autotrain.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

import numpy as np

FIRST = 2  # number of the vocabulary's first token: 0 is padding, 1 an unknown token

# `lower_and_strip_punctuation`: tf.strings.lower knows ASCII only, and so does Keras's pattern.
_STANDARDIZE = str.maketrans(string.ascii_uppercase, string.ascii_lowercase, string.punctuation)


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


def encode(texts: Sequence[Sequence[str]], numbers: Mapping[str, int], length: int) -> np.ndarray:
    """Token numbers [n, length] int32: 0 is padding, 1 an unknown token; longer texts are cut.

    Args:
        texts: the tokens of each.
        numbers: of the known tokens.
    """
    found = np.zeros((len(texts), length), np.int32)
    for row, text in zip(found, texts, strict=True):
        known = [numbers.get(token, 1) for token in text[:length]]
        row[: len(known)] = known
    return found


def numbers_of(vocabulary: Sequence[str]) -> dict[str, int]:
    """The number of each token; that at position i has the number i + 2."""
    return {token: i for i, token in enumerate(vocabulary, FIRST)}
