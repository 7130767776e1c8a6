"""Engines place trials on workers and carry messages; the study session decides.

A package adds one by an entry point of the group `autotrain.engines`: a function from
`EngineOptions` and the seconds after which a silent worker counts as hung to a context manager that
gives an `Engine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autotrain.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from autotrain.engines.base import Engine, EngineOptions

__all__ = ["ENGINES"]

ENGINES: Registry[Callable[[EngineOptions, float], AbstractContextManager[Engine]]] = Registry(
    "engine",
    "autotrain.engines",
    {
        "local": "autotrain.engines.local.launcher:opened",
        "ray": "autotrain.engines.ray.engine:opened",
    },
)
