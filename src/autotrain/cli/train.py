"""`autotrain train`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autotrain.cli.options import data_option, runs_option


@click.command("train")
@click.argument("config")
@click.option("--out", metavar="DIR", help="Write model.keras and metrics.csv here.")
@click.option("--gpus", default="all", show_default=True, metavar="all|0|none", help="GPU to use.")
@data_option
@runs_option
def command(config: str, out: str | None, gpus: str, source: str | None, runs: str) -> None:
    """Train one recorded configuration again, as runs/STUDY/trials/N/config.yaml has it."""
    from autotrain.api.train import Retrained, train
    from autotrain.reports.units import number
    from autotrain.trial import Epoch

    def show(record: Epoch) -> None:
        metrics = "  ".join(f"{name} {number(value)}" for name, value in record.metrics.items())
        click.echo(f"epoch {record.epoch}  {metrics}")

    result: Retrained = train(config, runs, out=out, gpus=gpus, data=source, show=show)
    click.echo(_comparison(result))
    if out:
        click.echo(f"model       {Path(out) / 'model.keras'}")


def _comparison(result: Any) -> str:
    if result.recorded == 0:
        return "there are no recorded metrics next to the configuration to compare with"
    if result.first_difference is None:
        return f"equal to the recorded metrics in all {result.recorded} epochs"
    return f"differs from the recorded metrics from epoch {result.first_difference} on"
