"""`autotrain studies`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autotrain.cli.options import runs_option, storage_option

if TYPE_CHECKING:
    from autotrain.analysis.workspace import FoundStudy


@click.command("studies")
@runs_option
@storage_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def command(runs: str, storage: str | None, as_json: bool) -> None:
    """The studies of a workspace, with counts and best values."""
    import json
    import shlex

    from rich.console import Console

    from autotrain.analysis.workspace import found_studies
    from autotrain.reports.summary import summary_dict
    from autotrain.reports.text_tables import table_of

    found = found_studies(runs, storage)
    if as_json:
        for one in found:
            facts = {"study": one.name, "problem": one.problem}
            click.echo(json.dumps(facts if one.study is None else summary_dict(one.study)))
        return
    if not found:
        click.echo(f"no studies in {runs}; start one with  autotrain search --space digits_cnn")
        return
    console = Console(highlight=False)
    rows = [_row(one) for one in found]
    console.print(table_of(["study", "trials", "best", "trial", "states"], rows))
    lost = [one for one in found if one.problem]
    for one in lost:
        console.print(f"\n'{one.name}' cannot be read: {one.problem}", markup=False, soft_wrap=True)
    if lost:
        where = "" if runs == "runs" else f" --runs {shlex.quote(runs)}"
        example = f"autotrain delete {shlex.quote(lost[0].name)}{where}"
        console.print(f"what is left of one goes with  {example}", markup=False, soft_wrap=True)


def _row(found: FoundStudy) -> list[str]:
    from autotrain.reports.units import number

    study = found.study
    if study is None:
        return [found.name, "", "", "", "cannot be read"]
    best = study.leader
    value = f"{study.objective.metric} {number(best.values[0])}" if best else ""
    place = str(best.number) if best else ""
    return [found.name, str(len(study.trials)), value, place, study.counts_text]
