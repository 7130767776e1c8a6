"""A small leaderboard, for tests of what is made of one."""

from __future__ import annotations

from autotrain.analysis.leaderboard import Leaderboard


def example_board(**columns):
    """Two entries; columns replace those of the same name."""
    table = {"rank": [1, 2], "study": ["a", "b"], "trial": [0, 1],
             "val_accuracy": [0.9, 0.8], "mean": [None, None], "seeds": [None, None],
             "low": [0.8, None], "high": [0.95, None], "parameters": [10, 20],
             "bytes": [40, 80], "flops": [None, 5], "latency_1_ms": [2.0, 1.0],
             "latency_64_ms": [5.0, 4.0], "train_s": [1.0, 2.0], "epochs": [3, 3],
             "gpu_hours": [0.1, 0.1], "pruned": [0.5, 0.5], **columns}  # fmt: skip
    entries = [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]
    return Leaderboard(tuple(entries), "val_accuracy", ("data differs: a 1, b 2",))
