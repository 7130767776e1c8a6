"""`autotrain evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from autotrain.cli.options import trust_option, write_out


@click.command("evaluate")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--data", required=True, help="Labelled data, as for a search; all of it is used.")
@click.option(
    "--target",
    metavar="COLUMN",
    help="Of a table: the column with the truth; the model's own by default.",
)
@click.option("--format", "form", type=click.Choice(["table", "json", "html"]), default="table",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@trust_option
def command(
    model: Path, data: str, target: str | None, form: str, out: Path | None, trust: bool
) -> None:
    """How good an exported model is on labelled data: metrics, classes, confusion, calibration."""
    from autotrain.api.evaluate import evaluate

    found = evaluate(model, data, target, trust=trust)
    if form == "json":
        write_out(json.dumps(found.to_dict(), indent=1, ensure_ascii=False), out)
    else:
        write_out(found.to_html() if form == "html" else found.to_text(), out)
