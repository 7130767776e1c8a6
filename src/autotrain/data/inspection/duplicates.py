"""Examples that come twice: in the source, in two parts of it, and with two labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b

import numpy as np

from autotrain.data.dataset import SPLITS, Dataset
from autotrain.data.inspection.records import Finding, counted, percent
from autotrain.data.tables import TableColumn

_MANY = 0.01  # of a part, from which on a measure is moved


def table_keys(columns: Mapping[str, TableColumn]) -> np.ndarray:
    """[n] numbers, the same for rows of the same cells."""
    import pandas as pd

    frame = pd.DataFrame({i: column.values for i, column in enumerate(columns.values())})
    keys: np.ndarray = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return keys


def array_keys(x: np.ndarray) -> np.ndarray:
    """[n] numbers, the same for examples [n, ...] of the same values."""
    found = np.empty(len(x), np.uint64)
    for i, row in enumerate(x):
        digest = blake2b(np.ascontiguousarray(row).tobytes(), digest_size=8).digest()
        found[i] = int.from_bytes(digest, "little")
    return found


def repeated(keys: np.ndarray) -> int:
    """How many come after another one that is the same."""
    return len(keys) - len(np.unique(keys))


def repeated_findings(keys: np.ndarray, what: str) -> Iterator[Finding]:
    """Whole rows, or examples with their labels, that come again."""
    count = repeated(keys)
    if count:
        text = f"{counted(count, what)} ({percent(count, len(keys))}) {'comes' if count == 1 else 'come'} again"
        yield Finding("note", "duplicates", text)


def shared_findings(dataset: Dataset, what: str) -> Iterator[Finding]:
    """Examples in two parts, and the same inputs with different targets.

    Args:
        dataset: one that was split, before it is fitted.
    """
    known = {id(x): array_keys(x) for x in {id(x): x for x in dataset.x.values()}.values()}
    keys = {
        split: known[id(dataset.x[split])][dataset.rows[split]]
        if split in dataset.rows
        else known[id(dataset.x[split])]
        for split in SPLITS
    }
    for split in SPLITS[1:]:
        twice = int(np.isin(keys[split], keys["train"]).sum())
        if twice:
            yield Finding(
                "warning" if twice >= _MANY * len(keys[split]) else "note",
                "in two parts",
                f"{counted(twice, what)} of {split} ({percent(twice, len(keys[split]))}) "
                f"{'has' if twice == 1 else 'have'} the inputs of one in train: "
                "what is measured there is partly memory",
            )
    yield from _contradictions(keys, dataset, what)


def _contradictions(
    keys: Mapping[str, np.ndarray], dataset: Dataset, what: str
) -> Iterator[Finding]:
    import pandas as pd

    y = np.concatenate([dataset.y_of(split) for split in SPLITS])
    if y.dtype.kind == "f" and dataset.task == "regression":
        return  # measurements differ
    labels = y if y.ndim == 1 else array_keys(y)
    frame = pd.DataFrame({"key": np.concatenate([keys[s] for s in SPLITS]), "label": labels})
    found = frame.groupby("key")["label"].agg(["size", "nunique"])
    several = found[found["nunique"] > 1]
    if several.empty:
        return
    often = frame[frame["key"].isin(several.index)].groupby(["key", "label"]).size()
    count, wrong = (
        int(several["size"].sum()),
        int(several["size"].sum() - often.groupby("key").max().sum()),
    )
    yield Finding(
        "warning",
        "contradictions",
        f"{counted(count, what)} ({percent(count, len(frame))}) share their inputs with others of "
        f"another class: any model is wrong about at least {wrong:,} of them",
    )
