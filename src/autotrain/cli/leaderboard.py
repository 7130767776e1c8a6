"""`autotrain leaderboard`."""

from __future__ import annotations

from pathlib import Path

import click

from autotrain.cli.options import runs_option, storage_option

_FORMATS = ("terminal", "csv", "markdown", "json", "html")


@click.command("leaderboard")
@click.argument("studies", nargs=-1)
@runs_option
@storage_option
@click.option("--test", is_flag=True, help="Also on the locked test part; recorded with its date.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True,
              help="Trials of a single study; of several, the best of each.")  # fmt: skip
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
    test: bool,
    top: int,
    pareto: str | None,
    gpus: str,
    form: str,
    out: Path | None,
) -> None:
    """The best trials of a study, or the best of several studies, with what their models cost.

    Entries that cannot be told apart on the validation examples share a rank.
    """
    from rich.console import Console

    from autotrain.api.ranking import rank
    from autotrain.results import forms
    from autotrain.results.leaderboard import pareto as front

    board = rank(studies, runs, storage, test, top, gpus)
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
    text = writers[form](board)
    if out is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        _write(out, text)


def _write(out: Path, text: str) -> None:
    from autotrain.errors import ConfigurationError

    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigurationError(f"--out {out} cannot be written: {error}") from None
    click.echo(str(out))
