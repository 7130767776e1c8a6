"""`autotrain studies`."""

from __future__ import annotations

import click

from autotrain.cli.options import runs_option


@click.command("studies")
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def command(runs: str, as_json: bool) -> None:
    """The studies of a workspace, with counts and best values."""
    import json

    from rich.console import Console

    from autotrain.analysis.study import load_study, study_names
    from autotrain.reports.summary import summary_dict
    from autotrain.reports.tables import table_of
    from autotrain.reports.units import number

    names = study_names(runs)
    if as_json:
        for name in names:
            click.echo(json.dumps(summary_dict(load_study(name, runs))))
        return
    if not names:
        click.echo(f"no studies in {runs}; start one with  autotrain search --space digits_cnn")
        return
    rows = []
    for name in names:
        study = load_study(name, runs)
        best = study.leader
        metric = study.settings.space.objectives[0].metric
        value = f"{metric} {number(best.values[0])}" if best else ""
        number_of_best = str(best.number) if best else ""
        rows.append([name, str(len(study.trials)), value, number_of_best, study.counts_text])
    columns = ["study", "trials", "best", "trial", "states"]
    Console(highlight=False).print(table_of(columns, rows))
