"""`autotrain report`."""

from __future__ import annotations

from pathlib import Path

import click

from autotrain.cli.options import data_option, runs_option, storage_option


@click.command("report")
@click.argument("study")
@runs_option
@storage_option
@data_option
@click.option("--gpus", default="all", show_default=True, metavar="all|0,1|none",
              help="Where the best model is measured.")  # fmt: skip
@click.option("--baselines", is_flag=True,
              help="Compare with models of scikit-learn on the same split.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="By default report.html in the study's folder.")  # fmt: skip
def command(
    study: str,
    runs: str,
    storage: str | None,
    source: str | None,
    gpus: str,
    baselines: bool,
    out: Path | None,
) -> None:
    """One HTML file about a study: what was asked and found, and the best model. It needs no network."""
    from autotrain.api.study import load_study

    opened = load_study(study, runs, storage)
    if source:
        opened.locate_data(source)
    click.echo(str(opened.report(out, baselines=baselines, gpus=gpus)))
