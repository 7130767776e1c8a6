"""Checkpoints: arrays and a small record in one file that is whole or refused.

The first line is JSON with the SHA-256 of what follows, a NumPy `.npz` without pickles. The file
is written aside, then renamed, so that a killed process leaves the old one. Its path may be one of
`universal_pathlib`, on whatever storage a cluster shares.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.errors import CheckpointError
from autotrain.files import JsonObject, replaced


def write_checkpoint(
    path: Path,
    record: Mapping[str, Any],
    groups: Mapping[str, Sequence[np.ndarray]],
    durable: bool = True,
) -> None:
    """Write `record` (JSON) and named groups of arrays to `path`, replacing what is there.

    Args:
        durable: wait until the disk has it, so that a power failure leaves the old or the new file.
    """
    body = io.BytesIO()
    named: JsonObject = {
        f"{g}.{i}": a for g, arrays in groups.items() for i, a in enumerate(arrays)
    }
    np.savez(body, **named)
    data = body.getbuffer()
    sizes = {group: len(arrays) for group, arrays in groups.items()}
    head = {"sha256": hashlib.sha256(data).hexdigest(), "groups": sizes, "record": dict(record)}
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(path, Path):  # an object store puts an object there whole or not at all
        path.write_bytes(json.dumps(head).encode() + b"\n" + data)
        return
    with replaced(path) as aside, aside.open("wb") as file:
        file.write(json.dumps(head).encode() + b"\n")
        file.write(data)
        file.flush()
        if durable:
            os.fsync(file.fileno())


def read_checkpoint(path: Path) -> tuple[JsonObject, dict[str, list[np.ndarray]]]:
    """The record and the groups of arrays in `path`.

    Raises:
        CheckpointError: when the file is missing, cut short or altered.
    """
    try:
        line, _, data = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        if hashlib.sha256(data).hexdigest() != head["sha256"]:
            raise CheckpointError(f"the checkpoint {path} is damaged: its SHA-256 does not match")
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            groups = {
                group: [stored[f"{group}.{i}"] for i in range(size)]
                for group, size in head["groups"].items()
            }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"the checkpoint {path} cannot be read: {error}") from error
    return head["record"], groups


def fork_checkpoint(source: Path, target: Path, params: Mapping[str, Any], seed: int) -> None:
    """Let another trial go on from a checkpoint: the same weights and state, its own best to come.

    The checkpoint of a function of the user's own is copied as it is.

    Args:
        params: of the other trial, of the same structure.
        seed: of the other trial.
    """
    try:
        record, groups = read_checkpoint(source)
    except CheckpointError:
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
        return
    own = {"params": dict(params), "seed": seed, "best_value": None, "best_epoch": record["epoch"]}
    write_checkpoint(target, {**record, **own}, {**groups, "best": []})
