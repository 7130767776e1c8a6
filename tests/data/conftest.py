from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class FakeSpec:
    """Stands in for `autotrain.space.DataSpec`."""

    source: str | None = None
    image_size: int | None = None
    target: str | tuple[str, ...] | None = None
    text: str | None = None
    ignore: str | tuple[str, ...] | None = None
    header: bool | None = None
    decimal: str | None = None
    split_text: str = "auto"
    validation: float = 0.2
    test: float = 0.2


@pytest.fixture
def spec() -> Callable[..., FakeSpec]:
    def make(source: object = None, **settings: Any) -> FakeSpec:
        return FakeSpec(None if source is None else str(source), **settings)

    return make


@pytest.fixture
def npz(tmp_path: Path) -> Callable[..., Path]:
    """Save arrays as `tmp_path/data.npz`; `x` and `y` are a small table unless given."""

    def save(name: str = "data.npz", **arrays: Any) -> Path:
        if not arrays:
            arrays = {"x": np.arange(60.0).reshape(20, 3), "y": np.arange(20) % 2}
        path = tmp_path / name
        np.savez(path, **arrays)
        return path

    return save


@pytest.fixture
def shared_data() -> Path:
    default = Path(__file__).parents[2].parent / "shared" / "data"
    path = Path(os.environ.get("AUTOTRAIN_SHARED_DATA", default))
    if not path.is_dir():
        pytest.skip(f"real data is not at {path} (set AUTOTRAIN_SHARED_DATA)")
    return path
