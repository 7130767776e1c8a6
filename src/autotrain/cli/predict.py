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
@click.option("--probabilities", is_flag=True, help="With the probability of every class.")
@click.option("--id", metavar="COLUMN", help="Of the table, to call examples by.")
@click.option("--keep", metavar="COLUMNS", help="Of the table, to repeat: a,b or all.")
@trust_option
def command(
    model: Path,
    input: Path,
    out: Path | None,
    probabilities: bool,
    id: str | None,
    keep: str | None,
    trust: bool,
) -> None:
    """Class and probability of each example, with a model that `autotrain export` wrote.

    INPUT is an image, a folder of images, a table (CSV, Parquet, Feather, JSON lines, Excel) or
    several (`part-*.csv`), a text file with a text a line, or arrays (.npy, .npz); `-` is a table or
    texts from standard input. It is read a piece at a time, so it may be larger than the memory.
    """
    from autotrain.api.predict import write_predictions
    from autotrain.serving.output import wanted

    with counting("examples", shown=out is not None) as tick:
        asked = wanted(probabilities, id, keep)
        write_predictions(model, input, out, trust, tick, asked)
