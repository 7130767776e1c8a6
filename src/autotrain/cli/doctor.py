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
    """What this machine has, what is installed, and what a search here would use."""
    from autotrain.api.doctor import doctor
    from autotrain.reports.text_tables import Table

    click.echo(Table([], [*doctor(gpus, trials_per_gpu, workers).items()]).text())
