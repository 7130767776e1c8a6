"""Prepared data in words."""

from __future__ import annotations

from collections import Counter

from autotrain.data.dataset import PARTS, DataInfo

_UNEVEN = 10  # times as many examples


def describe(info: DataInfo) -> str:
    """One line for people, and one more for each thing that they should know."""
    parts = " / ".join(f"{info.sizes[part]:,} {part}" for part in PARTS)
    lines = [f"{info.source}: {_examples(info)}, {_outputs(info)}; {parts}"]
    if info.dropped:
        lines.append(f"dropped: {info.dropped:,} {_plural('row', info.dropped)} without a target")
    if info.left_out:
        columns = ", ".join(f"{name} ({why})" for name, why in info.left_out.items())
        lines.append(f"left out: {columns}")
    return "\n".join([*lines, *_uneven(info)])


def _examples(info: DataInfo) -> str:
    total, size = sum(info.sizes.values()), info.input_shape[0]
    if info.kind == "image":
        return f"{total:,} images {'x'.join(map(str, info.input_shape))}"
    if info.kind == "text":
        unit = "character" if info.tokens == "character" else "word"
        return (
            f"{total:,} texts of up to {size:,} {_plural(unit, size)}, "
            f"vocabulary of {info.vocabulary_size:,}"
        )
    kinds = Counter(column.kind for column in info.columns)
    categories = kinds["category"]
    mixed = ""
    if categories:
        numbers = f"{kinds['number']:,} {_plural('number', kinds['number'])}"
        mixed = f" ({numbers}, {categories:,} {'category' if categories == 1 else 'categories'})"
    return f"{total:,} rows of {size:,} {_plural('feature', size)}{mixed}"


def _outputs(info: DataInfo) -> str:
    if info.goal == "classification":
        return f"{info.classes:,} classes"
    if info.goal == "multilabel":
        return f"{info.classes:,} {_plural('label', info.classes)}"
    names = ", ".join(info.class_names[:5])
    more = f" and {info.classes - 5:,} more" if info.classes > 5 else ""
    return f"{_plural('number', info.classes)} to predict: {names}{more}"


def _uneven(info: DataInfo) -> list[str]:
    counts = info.class_counts.get("train", ())
    if not counts or max(counts) < _UNEVEN * min(counts):
        return []
    low, high = counts.index(min(counts)), counts.index(max(counts))
    what = "labels" if info.goal == "multilabel" else "classes"
    return [
        f"uneven {what}: {info.class_names[high]!r} has {counts[high]:,} training "
        f"examples, {info.class_names[low]!r} only {counts[low]:,}"
    ]


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
