"""What is learnt from the training part alone: levels of categories, vocabulary, useless columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from autotrain.data.dataset import Column, Source
from autotrain.data.split import Part
from autotrain.data.texts import LONGEST
from autotrain.errors import DataError

_MOST_LEVELS = 1000
_MOST_TOKENS = 20_000  # with padding and the unknown token
_LENGTH_QUANTILE = 0.95
_FREE_TEXT_LEVELS = 20  # fewer levels are categories, however few rows there are


def fit(
    where: str, source: Source, parts: Mapping[str, Part]
) -> tuple[Source, dict[str, Part], dict[str, str]]:
    """Recode a table's categories or a text's tokens by what the training rows hold.

    A category's levels become 1, 2, ... from the most frequent on (1,000 at most), everything else
    0. Tokens become 2, 3, ... likewise (20,000 numbers at most), other tokens 1; texts are cut
    after the 95th percentile of the training texts' lengths. Of a table in a file, columns are left
    out that are missing or the same in all training rows, and text that nearly never repeats.

    Args:
        where: the source's name, for messages.
        source: checked arrays.
        parts: from `split`.

    Returns:
        The source and the parts as fitted, and the columns left out with the reason.

    Raises:
        DataError: nothing is left to learn from.
    """
    if source.kind == "text":
        return *_fit_texts(where, source, parts), {}
    if source.kind == "tabular":
        return _fit_table(where, source, parts)
    return source, dict(parts), {}


def _fit_texts(
    where: str, source: Source, parts: Mapping[str, Part]
) -> tuple[Source, dict[str, Part]]:
    x = _training_rows(parts)
    lengths = np.count_nonzero(x, axis=1)
    if not lengths.any():
        raise DataError(
            f"{where}: the training texts hold no {_unit(source)} at all; name another text:"
        )
    length = min(LONGEST, max(1, int(np.ceil(np.quantile(lengths, _LENGTH_QUANTILE)))))
    seen = _by_frequency(x[:, :length], len(source.vocabulary) + 2, first=2)[: _MOST_TOKENS - 2]
    new = np.ones(len(source.vocabulary) + 2, np.int32)
    new[0] = 0
    new[seen] = np.arange(2, len(seen) + 2)
    vocabulary = tuple(source.vocabulary[i - 2] for i in seen)

    def recode(x: np.ndarray) -> np.ndarray:
        return new[x[:, :length]]

    return replace(source, vocabulary=vocabulary), _recoded(parts, recode)


def _fit_table(
    where: str, source: Source, parts: Mapping[str, Part]
) -> tuple[Source, dict[str, Part], dict[str, str]]:
    x = _training_rows(parts)
    reasons = [_useless(column, x[:, i]) for i, column in enumerate(source.columns)]
    left_out = {c.name: why for c, why in zip(source.columns, reasons, strict=True) if why}
    if source.whole:
        empty = [name for name, why in left_out.items() if why == "missing"]
        if empty:
            raise DataError(
                f"{where}: {empty[0]!r} has no value in any training example; leave it out"
            )
        return source, dict(parts), {}
    kept = [i for i, why in enumerate(reasons) if not why]
    if not kept:
        said = ", ".join(f"{name} ({why})" for name, why in left_out.items())
        raise DataError(
            f"{where}: no column is left to learn from: {said}; add other columns, or choose a "
            "space whose models read texts"
        )
    fitted = [_fit_column(source.columns[i], x[:, i]) for i in kept]

    def recode(x: np.ndarray) -> np.ndarray:
        out = np.empty((len(x), len(kept)), np.float32)
        for j, (i, (_, new)) in enumerate(zip(kept, fitted, strict=True)):
            out[:, j] = x[:, i] if new is None else new[x[:, i].astype(np.int64)]
        return out

    columns = tuple(column for column, _ in fitted)
    return replace(source, columns=columns), _recoded(parts, recode), left_out


def _useless(column: Column, x: np.ndarray) -> str:
    """Why a column cannot help, judged by the training rows; empty where it can."""
    known = x[x > 0] if column.kind == "category" else x[~np.isnan(x)]
    if not known.size:
        return "missing"
    distinct = len(np.unique(known))
    if distinct == 1 and known.size == x.size:
        return "always the same"
    if column.kind == "category" and distinct > max(_FREE_TEXT_LEVELS, known.size / 2):
        return "nearly all different"
    return ""


def _fit_column(column: Column, x: np.ndarray) -> tuple[Column, np.ndarray | None]:
    """The column with its training levels, and the new code of each old one."""
    if column.kind == "number":
        return column, None
    seen = _by_frequency(x, len(column.levels) + 1, first=1)[:_MOST_LEVELS]
    new = np.zeros(len(column.levels) + 1, np.float32)
    new[seen] = np.arange(1, len(seen) + 1)
    return replace(column, levels=tuple(column.levels[i - 1] for i in seen)), new


def _by_frequency(codes: np.ndarray, size: int, first: int) -> np.ndarray:
    """Codes from `first` on that occur, most frequent first; ties in the order of the codes."""
    counts = np.bincount(codes.reshape(-1).astype(np.int64), minlength=size)
    counts[:first] = 0
    order = np.argsort(-counts, kind="stable")
    return order[: np.count_nonzero(counts)]


def _training_rows(parts: Mapping[str, Part]) -> np.ndarray:
    part = parts["train"]
    return part.x if part.rows is None else part.x[part.rows]


def _recoded(
    parts: Mapping[str, Part], recode: Callable[[np.ndarray], np.ndarray]
) -> dict[str, Part]:
    """Parts often share one array, which is recoded once."""
    arrays = {id(part.x): part.x for part in parts.values()}
    done = {key: recode(x) for key, x in arrays.items()}
    return {name: replace(part, x=done[id(part.x)]) for name, part in parts.items()}


def _unit(source: Source) -> str:
    return "character" if source.tokens == "character" else "word"
