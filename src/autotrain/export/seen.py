"""Whether rows are rows that a model was trained on: fingerprints of these are kept with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from autotrain.paths import ExportPaths
from autotrain.serving.predict import Model

_MOST = 200_000  # fingerprints; of more rows those with the smallest stand for all
_SALT = b"autotrain row"


def write_seen(folder: Path, x: np.ndarray) -> None:
    """Keep the fingerprints of training rows [n, ...]; nothing else of a row can be told from one."""
    found = np.unique(_fingerprints(x))[:_MOST]
    np.save(ExportPaths(folder).seen, found)


def share_seen(model: Model, x: np.ndarray) -> list[str]:
    """A sentence about how many of these rows [n, ...] the model was trained on, if any."""
    path = ExportPaths(model.folder).seen
    if not path.exists() or path.name not in model.files:
        return []
    known = np.load(path, allow_pickle=False)
    mine = _fingerprints(x)
    if len(known) == _MOST:
        mine = mine[mine <= known[-1]]  # of the others nothing is known
    count = int(np.isin(mine, known).sum())
    if not count:
        return []
    return [
        f"warning: {count / len(mine):.0%} of these rows are rows that the model was trained on, so it "
        "will do worse on new ones"
    ]


def _fingerprints(x: np.ndarray) -> np.ndarray:
    rows = np.ascontiguousarray(x, "float32").reshape(len(x), -1)
    digests = [hashlib.blake2b(row.tobytes(), digest_size=8, key=_SALT).digest() for row in rows]
    return np.frombuffer(b"".join(digests), "<u8")
