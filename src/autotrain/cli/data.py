"""`autotrain data inspect`."""

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
@click.option("--target", metavar="COLUMN", help="What to predict: name or position; a,b.")
@click.option("--text", metavar="COLUMN", help="The column of texts.")
@click.option("--ignore", metavar="COLUMN", multiple=True, help="Leave a column unread; repeatable.")  # fmt: skip
@click.option("--header/--no-header", default=None, help="Whether the first row holds names.")
@click.option("--task", metavar="TASK",
              help="classification, multilabel or regression; the target tells by default.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split, as in search.")
@click.option("--json", "as_json", is_flag=True, help="All that was found, as JSON.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write to a file: a page where it ends in .html, else the text.")  # fmt: skip
def inspect(
    source: str,
    target: str | None,
    text: str | None,
    ignore: tuple[str, ...],
    header: bool | None,
    task: str | None,
    seed: int,
    as_json: bool,
    out: Path | None,
) -> None:
    """What a source holds, what is suspicious in it, and what a search would make of it.

    Types with their reasons, missing cells, duplicates, also between parts, columns that give the
    target away, identifiers, balance of classes, suspicious labels, damaged files, and the data
    section of a space that mends what can be mended there.
    """
    from autotrain.api.inspect import inspect_data

    ignored = [name for some in ignore for name in some.split(",")]
    found = inspect_data(
        source, target, text=text, ignore=ignored or None, header=header, task=task, seed=seed
    )
    if as_json:
        write_out(json.dumps(found.to_dict(), indent=1, ensure_ascii=False), out)
    elif out is not None and out.suffix.lower() in (".html", ".htm"):
        write_out(found.to_html(), out)
    else:
        write_out(found.to_text(), out)
