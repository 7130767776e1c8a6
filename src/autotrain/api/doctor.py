"""What a machine has, and what a search on it would use."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any

import psutil

from autotrain.catalog.families import FAMILIES
from autotrain.data import SOURCES
from autotrain.engines import ENGINES
from autotrain.engines.resources import find_gpus, plan_slots
from autotrain.export.formats import FORMATS
from autotrain.registry import Registry
from autotrain.trackers import TRACKERS
from autotrain.training.runtime import BACKENDS, compilation_cache
from autotrain.tuner.samplers import SAMPLERS
from autotrain.tuner.schedulers import PRUNERS, STRATEGIES

_PACKAGES = {
    "tensorflow": "", "keras": "", "optuna": "", "ray": "", "jax": "jax", "cmaes": "samplers",
    "torch": "samplers", "psycopg": "postgresql", "imbalanced-learn": "imbalance",
    "tensorboard": "tensorboard", "mlflow-skinny": "mlflow",
}  # fmt: skip
_REGISTRIES: tuple[tuple[str, Registry[Any]], ...] = (
    ("models", FAMILIES), ("data sources", SOURCES), ("samplers", SAMPLERS), ("pruners", PRUNERS),
    ("strategies", STRATEGIES), ("engines", ENGINES), ("backends", BACKENDS),
    ("trackers", TRACKERS), ("formats", FORMATS),
)  # fmt: skip


def doctor(
    gpus: str = "all", trials_per_gpu: int = 1, workers: int | None = None
) -> dict[str, str]:
    """What this machine has, what is installed, and what a search here would use.

    The arguments are those of `autotrain.search`.

    Returns:
        Texts by the words for what they say.

    Raises:
        ConfigurationError: there is no such GPU.
    """
    memory = psutil.virtual_memory()
    slots = plan_slots(gpus, trials_per_gpu, workers)
    where = f"{len({s.gpu.id for s in slots if s.gpu})} GPU(s)" if slots[0].gpu else "the CPU"
    cards = {f"GPU {gpu.id}": f"{gpu.name}, {gpu.memory_mb / 1024:.1f} GiB" for gpu in find_gpus()}
    default = os.environ.get("KERAS_BACKEND", "tensorflow")
    return {
        "system": f"{platform.platform()}, Python {platform.python_version()}",
        "processor": f"{psutil.cpu_count()} cores, {memory.total / 2**30:.1f} GiB of memory",
        **cards,
        **_packages(),
        **{words: _names(registry) for words, registry in _REGISTRIES},
        **_broken(),
        "backend": f"{default} (choose with --backend)",
        "JAX cache": str(compilation_cache()),
        "a search": f"{len(slots)} worker(s) on {where}, {slots[0].threads} thread(s) each",
    }


def _packages() -> dict[str, str]:
    """Backends, libraries and extras with their versions, without importing them."""
    needed = [form.extra for form in FORMATS.available().values() if form.extra is not None]
    formats = {name.replace("_", "-"): extra.name for extra in needed for name in extra.packages}
    found: dict[str, str] = {}
    for name, extra in {**_PACKAGES, **formats}.items():
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            install = f"pip install 'autotrain[{extra}]'" if extra else "reinstall autotrain"
            found[name] = f"not installed ({install})"
    return found


def _names(registry: Registry[Any]) -> str:
    """What there is, and which package added it."""
    left_out = registry.broken()
    origins = {name: registry.origin(name) for name in registry.names() if name not in left_out}
    return ", ".join(f"{name} ({origin})" if origin else name for name, origin in origins.items())


def _broken() -> dict[str, str]:
    """Why something that another package adds cannot be used; nothing where all can."""
    causes = [cause for _, registry in _REGISTRIES for cause in registry.broken().values()]
    return {"left out": "; ".join(causes)} if causes else {}
