"""`autotrain export`."""

from __future__ import annotations

from pathlib import Path

import click

from autotrain.cli.options import (
    FORMATS,
    QUANTIZATIONS,
    data_option,
    runs_option,
    storage_option,
)


@click.command("export")
@click.argument("study")
@runs_option
@storage_option
@data_option
@click.option("--trial", type=int, metavar="N", help="A trial whose weights are kept.")
@click.option("--best", is_flag=True, help="The best trial, which is the default.")
@click.option(
    "--ensemble", type=int, metavar="K", help="The mean of at most K trials, chosen greedily."
)
@click.option("--format", "form", type=FORMATS, default="keras", show_default=True)
@click.option("--refit", is_flag=True, help="Train again on training and validation data together.")
@click.option(
    "--seeds", type=int, default=1, show_default=True, metavar="S", help="Runs of --refit."
)
@click.option("--quantize", type=QUANTIZATIONS, help="Smaller, a little coarser.")
@click.option("--threshold", metavar="METRIC|NUMBER",
              help="Of two classes, the probability from which on one is said: chosen on validation "
              "by a metric such as f1:NAME or objective; or given; none for the likelier class.")  # fmt: skip
@click.option("--gpus", default="all", show_default=True, metavar="all|0,1|none",
              help="Where models are run and trained.")  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="A new folder."
)
def command(
    study: str,
    runs: str,
    storage: str | None,
    source: str | None,
    trial: int | None,
    best: bool,
    ensemble: int | None,
    form: str,
    refit: bool,
    seeds: int,
    quantize: str | None,
    threshold: str | None,
    gpus: str,
    out: Path,
) -> None:
    """A folder that runs elsewhere: the model, predict.py, a card, and proof that it is the same.

    It takes raw images, rows or texts. What was written is run by its own runtime in a process
    without autotrain, and compared with Keras; where it differs, nothing is kept.
    """
    from autotrain.analysis.workspace import load_stored
    from autotrain.api.export import ExportOptions, export
    from autotrain.api.study import Study
    from autotrain.errors import ConfigurationError
    from autotrain.export.card import threshold_text
    from autotrain.reports.units import bytes_text

    if best and (trial is not None or ensemble is not None):
        raise ConfigurationError("--best, --trial and --ensemble exclude each other")
    options = ExportOptions(form, trial, ensemble, refit, seeds, quantize, gpus, threshold)
    opened = Study.of(load_stored(study, runs, storage))
    if source:
        opened.locate_data(source)
    card = export(opened, out, options)
    check, members = card["check"], card["members"]
    who = ", ".join(f"{m['weight']:.0%} of trial {m['trial']}" for m in members)
    click.echo(f"{out}: {who} as {form}")
    click.echo(
        f"checked on {check['examples']} validation examples: largest difference "
        f"{check['largest_difference']:.2g}, same answer for {check['agreement']:.1%}"
    )
    if card["threshold"]:
        click.echo(threshold_text(card["threshold"]))
    if card["quantized_share"] is not None:
        click.echo(f"quantized to {quantize}: {card['quantized_share']:.1%} of the weights")
    click.echo(f"size {bytes_text(check['bytes'])} (Keras {bytes_text(check['keras_bytes'])})")
    for batch, ms in check["latency_ms"].items():
        other = check["keras_latency_ms"][batch]
        click.echo(f"latency for {batch}: {ms:.2f} ms (Keras {other:.2f} ms)")
    click.echo(f"next  python {out / 'predict.py'} INPUT")
