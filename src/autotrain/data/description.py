"""Prepared data in words."""

from __future__ import annotations

from autotrain.data.dataset import SPLITS, DataInfo
from autotrain.data.modalities import modality_named
from autotrain.tasks import Task, task_named

_MOST_CLASSES = 20
_UNEVEN = 10  # times as many examples


def describe(info: DataInfo) -> str:
    """One line for people, and one more for each thing that they should know."""
    splits = " / ".join(f"{info.sizes[name]:,} {name}" for name in SPLITS)
    outputs = task_named(info.task).describe(info.class_names)
    lines = [f"{info.source}: {modality_named(info.modality).describe(info)}, {outputs}; {splits}"]
    if info.dropped:
        rows = ("window" if info.series else "row") + ("" if info.dropped == 1 else "s")
        lines.append(f"dropped: {info.dropped:,} {rows} without a target")
    if info.left_out:
        columns = ", ".join(f"{name} ({why})" for name, why in info.left_out.items())
        lines.append(f"left out: {columns}")
    return "\n".join([*lines, *info.notes, *_classes(info), *_uneven(info)])


def _classes(info: DataInfo) -> list[str]:
    """Each class with its count, twenty at most."""
    splits = [info.class_counts[name] for name in SPLITS if name in info.class_counts]
    if not splits or not task_named(info.task).exclusive:
        return []
    totals = [sum(counts) for counts in zip(*splits, strict=True)]
    said = [f"{name} {total:,}" for name, total in zip(info.class_names, totals, strict=True)]
    more = f" and {len(said) - _MOST_CLASSES:,} more" if len(said) > _MOST_CLASSES else ""
    return [f"classes: {', '.join(said[:_MOST_CLASSES])}{more}"]


def task_of(info: DataInfo) -> Task:
    """The task of prepared data, with what it has learnt from it and the names of its outputs."""
    return task_named(info.task).of(info.class_names).fitted(info.series)


def _uneven(info: DataInfo) -> list[str]:
    counts = info.class_counts.get("train", ())
    if not counts or max(counts) < _UNEVEN * min(counts):
        return []
    low, high = counts.index(min(counts)), counts.index(max(counts))
    return [
        f"uneven {task_named(info.task).plural}: {info.class_names[high]!r} has {counts[high]:,} "
        f"training examples, {info.class_names[low]!r} only {counts[low]:,}"
    ]
