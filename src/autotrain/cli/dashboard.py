"""`autotrain dashboard`."""

from __future__ import annotations

import click

from autotrain.cli.options import runs_option, storage_option


@click.command("dashboard")
@runs_option
@storage_option
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Another one than this machine's own needs the token that is printed.")  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65535), help="By default 8050, or the next free one."
)
@click.option("--open/--no-open", "open_", default=True, show_default=True, help="Open a browser.")
def command(runs: str, storage: str | None, host: str, port: int | None, open_: bool) -> None:
    """A live page of all studies, on this machine only. It looks, and changes nothing."""
    from autotrain.api.dashboard import open_dashboard

    open_dashboard(
        runs, storage=storage, host=host, port=port, browser=open_, tell=lambda t: click.echo(t)
    )
