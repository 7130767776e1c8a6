"""`autotrain leaderboard`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from autotrain.cli.options import (
    data_option,
    engine_options,
    runs_option,
    storage_option,
    write_out,
)

_FORMATS = ("terminal", "csv", "markdown", "json", "html")


@click.command("leaderboard")
@click.argument("studies", nargs=-1)
@runs_option
@storage_option
@data_option
@click.option("--test", is_flag=True, help="Also on the locked test part; recorded with its date.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True,
              help="Trials of a single study; of several, the best of each.")  # fmt: skip
@click.option("--confirm", type=int, metavar="K", help="First train the best K again over seeds.")
@click.option("--seeds", type=int, default=3, show_default=True, metavar="S",
              help="Seeds of --confirm, none of which the search used.")  # fmt: skip
@click.option("--workers", type=int, metavar="N", help="Parallel runs of --confirm.")
@engine_options
@click.option("--ensemble", type=click.IntRange(min=1), metavar="K",
              help="Also the mean of at most K trials of each study.")  # fmt: skip
@click.option("--pareto", metavar="A,B", help="Only what nothing beats: val_accuracy,latency.")
@click.option("--gpus", default="all", show_default=True, metavar="all|0,1|none",
              help="Where models are measured.")  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="terminal", show_default=True
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def command(
    studies: tuple[str, ...],
    runs: str,
    storage: str | None,
    source: str | None,
    test: bool,
    top: int,
    confirm: int | None,
    seeds: int,
    ensemble: int | None,
    pareto: str | None,
    gpus: str,
    form: str,
    out: Path | None,
    **places: object,
) -> None:
    """The best trials of a study, or the best of several studies, with what their models cost.

    Entries that cannot be told apart share a rank: on the validation examples, or where they were
    confirmed, over seeds. Confirming is a search's work: it runs on either engine, and the same
    command goes on with it.
    """
    from rich.console import Console

    from autotrain.analysis.leaderboard import pareto as front
    from autotrain.api.leaderboard import leaderboard
    from autotrain.reports import leaderboard_formats as forms

    if source:
        _locate(studies, runs, storage, source)
    if confirm is None:
        _check_given(places)
    else:
        if places["engine"] == "local":  # where models are measured, too; Ray picks its GPUs itself
            places["gpus"] = gpus
        _confirm(studies, runs, storage, confirm, seeds, **places)
    board = leaderboard(
        studies, runs, storage=storage, test=test, top=top, ensemble=ensemble, gpus=gpus
    )
    if pareto:
        board = front(board, [name.strip() for name in pareto.split(",") if name.strip()])
    if form == "terminal" and out is None:
        console = Console(highlight=False)
        console.print(forms.as_table(board, console.width))
        for note in board.notes:
            console.print(f"note: {note}", markup=False)
        return
    writers = {"csv": forms.as_csv, "markdown": forms.as_markdown, "json": forms.as_json,
               "html": forms.as_html, "terminal": forms.as_markdown}  # fmt: skip
    write_out(writers[form](board).removesuffix("\n"), out)


def _locate(studies: tuple[str, ...], runs: str, storage: str | None, source: str) -> None:
    """Prepare the data of the studies from where it is now."""
    from autotrain.api.study import load_study
    from autotrain.errors import ConfigurationError

    if not studies:
        raise ConfigurationError("--data needs the name of the study whose data it is, or several")
    for name in studies:
        load_study(name, runs, storage).locate_data(source)


def _check_given(places: dict[str, Any]) -> None:
    """Without --confirm its options would be ignored without a word."""
    from autotrain.errors import ConfigurationError

    context = click.get_current_context()
    for name in places:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise ConfigurationError(
                f"--{name.replace('_', '-')} says where --confirm K trains, got it without --confirm"
            )


def _confirm(
    studies: tuple[str, ...],
    runs: str,
    storage: str | None,
    count: int,
    seeds: int,
    **options: object,
) -> None:
    from autotrain.analysis.workspace import load_stored
    from autotrain.api.confirm import Lines, confirm
    from autotrain.errors import ConfigurationError

    if not studies:
        raise ConfigurationError("--confirm needs the name of a study, or several")
    for name in studies:
        lines = Lines(lambda text: click.echo(text, err=True))
        study = load_stored(name, runs, storage)
        if not confirm(study, count, seeds, lines, storage=storage, **options):
            click.echo("interrupted; the same command goes on", err=True)
            sys.exit(130)
