"""`autotrain drift`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from autotrain.cli.options import counting, trust_option, write_out

BEYOND = 3


@click.command("drift")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("input", type=click.Path(path_type=Path))
@click.option("--limit", type=click.FloatRange(min=0), default=0.2, show_default=True,
              help="Of the population stability index; beyond it the exit status is 3.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json", "html"]), default="table",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@trust_option
def command(
    model: Path, input: Path, limit: float, form: str, out: Path | None, trust: bool
) -> None:
    """Compare new data with the data that a model was trained on, column by column.

    With each column its population stability index, the Kolmogorov-Smirnov distance of numbers, and
    how often chance would give as much; and the same of what the model predicts.
    """
    from dataclasses import asdict

    from autotrain.api.predict import drifts
    from autotrain.reports.html import render, section
    from autotrain.reports.text_tables import Table

    with counting("examples") as tick:
        found = drifts(model, input, trust, tick)
    beyond = [d for d in found if d.beyond(limit)]
    rows = [
        [d.name, f"{d.psi:.3f}", "" if d.ks is None else f"{d.ks:.3f}", f"{d.p:.2g}",
         "beyond" if d.beyond(limit) else "", d.note] for d in found
    ]  # fmt: skip
    table = Table(["column", "PSI", "KS", "p", "", ""], rows)
    said = f"{len(beyond)} of {len(found)} columns moved by more than {limit:g}"
    if form == "json":
        facts = {
            "limit": limit,
            "beyond": [d.name for d in beyond],
            "columns": [asdict(d) for d in found],
        }
        write_out(json.dumps(facts, indent=1, ensure_ascii=False), out)
    elif form == "html":
        body = section("", "drift.html", said=said, columns=table)
        write_out(render("New data beside the training data", [body], figures=False), out)
    else:
        write_out(f"{table.text()}\n\n{said}", out)
    sys.exit(BEYOND if beyond else 0)
