"""Texts of a whole source as token numbers, by the tokens of `serving.tokens`, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autotrain.errors import DataError
from autotrain.serving.tokens import encode, numbers_of, tokenize

SPLITTERS = ("auto", "whitespace", "character")
LONGEST = 512  # tokens of a text that are read
_VOCABULARY = "vocabulary.json"
_SAMPLE_TEXTS, _SAMPLE_LETTERS = 2000, 1000

# Scripts written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, Japanese, Chinese.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


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
    longest = max(map(len, tokens), default=0)
    return encode(tokens, numbers_of(vocabulary), longest), vocabulary


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
