"""`autotrain show`."""

from __future__ import annotations

import click

from autotrain.cli.options import runs_option, storage_option


@click.command("show")
@click.argument("study")
@runs_option
@storage_option
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="Rows to print."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(study: str, runs: str, storage: str | None, top: int, as_json: bool) -> None:
    """One study: what it is, its best trials, its failures, its size on disk."""
    import json

    from rich.console import Console

    from autotrain.analysis.workspace import load_stored
    from autotrain.reports.summary import facts, failures, ranking_table, summary_dict

    loaded = load_stored(study, runs, storage)
    if as_json:
        click.echo(json.dumps(summary_dict(loaded)))
        return
    console = Console(highlight=False)
    for label, text in facts(loaded):
        console.print(f"{label:<11} {text}", markup=False, soft_wrap=True)
    console.print()
    console.print(ranking_table(loaded, top))
    for cause, numbers in failures(loaded).items():
        console.print(f"\nfailed: trials {', '.join(map(str, numbers))}: {cause}", markup=False)
