"""A column of texts, in whatever language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from autotrain.data.inspection.records import Finding, counted, percent


def text_measures(texts: Sequence[str]) -> dict[str, str]:
    """Lengths, in words by name."""
    lengths, words = np.array([len(t) for t in texts]), np.array([len(t.split()) for t in texts])
    return {
        "characters of a text": _spread(lengths),
        "words between blanks": _spread(words),
        "different characters": f"{len(set().union(*map(set, texts))):,}",
    }


def text_findings(texts: Sequence[str], column: str) -> Iterator[Finding]:
    """Texts that are empty, or come again but for case and blanks."""
    bare = [" ".join(text.split()).casefold() for text in texts]
    empty = sum(not text for text in bare)
    if empty:
        text = f"{counted(empty, 'text')} ({percent(empty, len(bare))}) with nothing in it"
        yield Finding("warning", "empty texts", text, column)
    counts = Counter(filter(None, bare))
    again = counts.total() - len(counts)
    if again:
        most, times = counts.most_common(1)[0]
        yield Finding(
            "note",
            "duplicates",
            f"{counted(again, 'text')} ({percent(again, len(bare))}) come again but for case and blanks, "
            f"most often ({times:,} times) {most[:60]!r}",
            column,
        )


def _spread(values: np.ndarray) -> str:
    low, middle, most, high = np.quantile(values, [0, 0.5, 0.95, 1])
    return f"{low:,.0f} to {high:,.0f}, half up to {middle:,.0f}, 95 % up to {most:,.0f}"
