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

    from autotrain.engines.slots import find_gpus, plan_slots
    from autotrain.training.runtime import compilation_cache

    memory = psutil.virtual_memory()
    click.echo(f"system      {platform.platform()}, Python {platform.python_version()}")
    click.echo(f"processor   {psutil.cpu_count()} cores, {memory.total / 2**30:.1f} GiB of memory")
    for gpu in find_gpus():
        click.echo(f"GPU {gpu.id:<7} {gpu.name}, {gpu.memory_mb / 1024:.1f} GiB")
    for name, found in _packages().items():
        click.echo(f"{name:<11} {found}")
    click.echo(f"JAX cache   {compilation_cache()}")
    slots = plan_slots(gpus, trials_per_gpu, workers)
    where = f"{len({s.gpu.id for s in slots if s.gpu})} GPU(s)" if slots[0].gpu else "the CPU"
    click.echo(f"a search    {len(slots)} worker(s) on {where}, {slots[0].threads} thread(s) each")


def _packages() -> dict[str, str]:
    """Backends, libraries and extras with their versions, without importing them."""
    import os
    from importlib import metadata

    wanted = {
        "tensorflow": "", "keras": "", "optuna": "", "ray": "", "jax": "extra jax",
        "cmaes": "extra samplers", "torch": "extra samplers", "psycopg": "extra postgresql",
        "tensorboard": "extra tensorboard", "mlflow-skinny": "extra mlflow",
    }  # fmt: skip
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
