"""Prepared examples as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autotrain.data.dataset import DataInfo
from autotrain.data.texts import decode_texts, open_vocabulary


def readable(info: DataInfo, folder: Path, x: np.ndarray) -> list[dict[str, str]]:
    """Rows of a table by column, or texts as the tokens that a model reads, under `text`.

    Args:
        folder: of the prepared data.
        x: [n, ...] prepared rows or token numbers; nothing comes of images.
    """
    if info.kind == "text":
        texts = decode_texts(x, open_vocabulary(folder), info.tokens)
        return [{"text": text} for text in texts]
    if info.kind == "tabular":
        return [
            {c.name: _cell(v, c.levels, c.kind) for c, v in zip(info.columns, row, strict=True)}
            for row in x
        ]
    return []


def _cell(value: float, levels: Sequence[str], kind: str) -> str:
    if kind == "category":
        return levels[int(value) - 1] if value else "missing or unknown"
    return "missing" if np.isnan(value) else f"{value:.6g}"
