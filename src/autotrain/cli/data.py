"""`autotrain data`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from autotrain.cli.options import write_out


@click.group("data")
def command() -> None:
    """Look at data before a search."""


@command.command("inspect")
@click.argument("source")
@click.option("--target", metavar="COLUMN", help="What to predict of a table.")
@click.option(
    "--ignore", multiple=True, metavar="COLUMN", help="Leave a column unread; repeatable."
)
@click.option("--space", metavar="NAME|FILE", help="A space whose models are to read it.")
@click.option("--format", "form", type=click.Choice(["table", "json", "html"]), default="table",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def inspect_command(
    source: str,
    target: str | None,
    ignore: tuple[str, ...],
    space: str | None,
    form: str,
    out: Path | None,
) -> None:
    """What a search would do with each column of SOURCE, what is suspicious, and how to change it."""
    from autotrain.api.inspect import inspect_data

    found = inspect_data(source, target=target, ignore=list(ignore) or None, space=space)
    if form == "json":
        write_out(json.dumps(found.to_dict(), indent=1, ensure_ascii=False), out)
    else:
        write_out(found.to_html() if form == "html" else found.to_text(), out)
