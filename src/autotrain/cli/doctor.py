"""`autotrain doctor`."""

from __future__ import annotations

import click


@click.command("doctor")
@click.option(
    "--gpus", default="all", show_default=True, metavar="all|0,1|none", help="As in search."
)
@click.option("--trials-per-gpu", type=int, default=1, show_default=True, help="As in search.")
@click.option("--workers", type=int, metavar="N", help="As in search.")
def command(gpus: str, trials_per_gpu: int, workers: int | None) -> None:
    """What this machine has, and what a search here would use."""
    import platform

    import psutil

    from autotrain.engines.resources import find_gpus, plan_slots
    from autotrain.reports.tables import Table
    from autotrain.training.runtime import compilation_cache

    memory = psutil.virtual_memory()
    slots = plan_slots(gpus, trials_per_gpu, workers)
    where = f"{len({s.gpu.id for s in slots if s.gpu})} GPU(s)" if slots[0].gpu else "the CPU"
    cards = {f"GPU {gpu.id}": f"{gpu.name}, {gpu.memory_mb / 1024:.1f} GiB" for gpu in find_gpus()}
    rows = {
        "system": f"{platform.platform()}, Python {platform.python_version()}",
        "processor": f"{psutil.cpu_count()} cores, {memory.total / 2**30:.1f} GiB of memory",
        **cards,
        **_packages(),
        "JAX cache": str(compilation_cache()),
        "a search": f"{len(slots)} worker(s) on {where}, {slots[0].threads} thread(s) each",
    }
    click.echo(Table([], [*rows.items()]).text())


def _packages() -> dict[str, str]:
    """Backends, libraries and extras with their versions, without importing them."""
    import os
    from importlib import metadata

    from autotrain.export.formats import FORMATS

    wanted = {
        "tensorflow": "", "keras": "", "optuna": "", "ray": "", "jax": "extra jax",
        "cmaes": "extra samplers", "torch": "extra samplers", "psycopg": "extra postgresql",
        "tensorboard": "extra tensorboard", "mlflow-skinny": "extra mlflow",
    }  # fmt: skip
    for needed in (form.extra for form in FORMATS.available().values()):
        if needed is not None:
            names = (package.replace("_", "-") for package in needed.packages)
            wanted |= dict.fromkeys(names, f"extra {needed.name}")
    found: dict[str, str] = {}
    for name, extra in wanted.items():
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            install = (
                f"pip install 'autotrain[{extra.split()[-1]}]'" if extra else "reinstall autotrain"
            )
            found[name] = f"not installed ({install})"
    default = os.environ.get("KERAS_BACKEND", "tensorflow")
    found["backend"] = f"{default} (choose with --backend)"
    return found
