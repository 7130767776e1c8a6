"""`autotrain spaces list|show|check|schema`."""

from __future__ import annotations

import click

from autotrain.cli.options import BACKENDS, runs_option, write_out


@click.group("spaces")
def command() -> None:
    """List, show and check search spaces."""


@command.command("list")
def list_spaces() -> None:
    """The spaces that come with autotrain."""
    from autotrain.space import load_space, shipped_spaces

    for name in shipped_spaces():
        space = load_space(name)
        click.echo(f"{name:<16} {space.description or space.task or ''}")


@command.command("show")
@click.argument("name")
@click.option(
    "--augment", metavar="DATA", help="Write a picture of the augmentation, on images of DATA."
)
@click.option(
    "--out", metavar="FILE", default="augmentation.png", show_default=True, help="The picture."
)
@click.option("--backend", type=BACKENDS, help="What draws the picture.")
@runs_option
def show_space(name: str, augment: str | None, out: str, backend: str | None, runs: str) -> None:
    """Print a space as its file has it, comments included.

    On a terminal its learning-rate schedules are plotted below, as comments, so that what is
    printed stays a space; in a file or a pipe goes the space alone.
    """
    import sys
    from pathlib import Path

    from autotrain.reports.schedule_plot import schedule_plots
    from autotrain.space import load_space, shipped_spaces

    space = load_space(name)
    if augment is not None:
        from autotrain.api.options import SearchOptions
        from autotrain.api.preview import draw_augmentation

        options = SearchOptions(data=augment, runs=runs, backend=backend)
        parts = draw_augmentation(space, options, Path(out))
        click.echo(f"{out}: {', '.join(parts)} at strengths 0, 0.5 and 1")
        return
    path = shipped_spaces().get(name) or Path(name)
    click.echo(path.read_text("utf-8"), nl=False)
    if sys.stdout.isatty():
        click.echo("\n" + "\n".join(f"# {line}".rstrip() for line in schedule_plots(space)))


@command.command("check")
@click.argument("file")
def check(file: str) -> None:
    """Check a space; every mistake is listed with its line."""
    from autotrain.catalog.compatibility import check_space
    from autotrain.catalog.families import models_of
    from autotrain.space import load_space

    space = load_space(file, check_space)
    searched = sum(1 for parameter in space.parameters.values() if parameter.kind != "fixed")
    starts = f", {len(space.start_from)} configurations to start from" if space.start_from else ""
    click.echo(
        f"{file}: fine, {searched} parameters to search, "
        f"model {' or '.join(models_of(space))}{starts}"
    )


@command.command("schema")
@click.option("--out", metavar="FILE", help="Where to write it; by default it is printed.")
def schema(out: str | None) -> None:
    """Print the JSON Schema of spaces, with which editors complete and check them.

    A space names its place in the first line: # yaml-language-server: $schema=space.schema.json
    """
    from pathlib import Path

    from autotrain.catalog.json_schema import json_schema_text

    write_out(json_schema_text(), Path(out) if out else None)
