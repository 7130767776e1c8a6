"""Prepared data in words."""

from __future__ import annotations

from autotrain.data.dataset import SPLITS, DataInfo
from autotrain.data.modalities import modality_named
from autotrain.tasks import task_named

_UNEVEN = 10  # times as many examples


def describe(info: DataInfo) -> str:
    """One line for people, and one more for each thing that they should know."""
    splits = " / ".join(f"{info.sizes[name]:,} {name}" for name in SPLITS)
    outputs = task_named(info.task).describe(info.class_names)
    lines = [f"{info.source}: {modality_named(info.modality).describe(info)}, {outputs}; {splits}"]
    if info.dropped:
        rows = "row" if info.dropped == 1 else "rows"
        lines.append(f"dropped: {info.dropped:,} {rows} without a target")
    if info.left_out:
        columns = ", ".join(f"{name} ({why})" for name, why in info.left_out.items())
        lines.append(f"left out: {columns}")
    return "\n".join([*lines, *_uneven(info), *info.notes])


def _uneven(info: DataInfo) -> list[str]:
    counts = info.class_counts.get("train", ())
    if not counts or max(counts) < _UNEVEN * min(counts):
        return []
    low, high = counts.index(min(counts)), counts.index(max(counts))
    return [
        f"uneven {task_named(info.task).plural}: {info.class_names[high]!r} has {counts[high]:,} "
        f"training examples, {info.class_names[low]!r} only {counts[low]:,}"
    ]
