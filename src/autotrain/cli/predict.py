"""`autotrain predict`."""

from __future__ import annotations

from pathlib import Path

import click

from autotrain.cli.options import counting, trust_option


@click.command("predict")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("input", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="CSV, or .npz for all probabilities; by default the terminal.")  # fmt: skip
@trust_option
def command(model: Path, input: Path, out: Path | None, trust: bool) -> None:
    """Class and probability of each example, with a model that `autotrain export` wrote.

    INPUT is an image, a folder of images, a table (CSV, Parquet), a text file with a text a line, or
    arrays (.npy, .npz). It is read a piece at a time, so it may be larger than the memory.
    """
    from autotrain.api.predict import write_predictions

    with counting("examples", shown=out is not None) as tick:
        write_predictions(model, input, out, trust, tick)
