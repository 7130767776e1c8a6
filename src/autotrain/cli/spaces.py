"""`autotrain spaces list|show|check`."""

from __future__ import annotations

import click


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
def show_space(name: str) -> None:
    """Print a space as its file has it, comments included."""
    from pathlib import Path

    from autotrain.space import load_space, shipped_spaces

    load_space(name)
    path = shipped_spaces().get(name) or Path(name)
    click.echo(path.read_text("utf-8"), nl=False)


@command.command("check")
@click.argument("file")
def check(file: str) -> None:
    """Check a space; every mistake is listed with its line."""
    from autotrain.space import load_space
    from autotrain.training.checking import check_space
    from autotrain.training.families import models_of

    space = load_space(file)
    check_space(space)
    searched = sum(1 for parameter in space.parameters.values() if parameter.kind != "fixed")
    starts = f", {len(space.start_from)} configurations to start from" if space.start_from else ""
    click.echo(
        f"{file}: fine, {searched} parameters to search, "
        f"model {' or '.join(models_of(space))}{starts}"
    )
