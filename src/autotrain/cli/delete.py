"""`autotrain delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autotrain.cli.options import runs_option, storage_option

if TYPE_CHECKING:
    from autotrain.analysis.workspace import FoundStudy


@click.command("delete")
@click.argument("studies", nargs=-1, required=True, metavar="STUDY...")
@runs_option
@storage_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(studies: tuple[str, ...], runs: str, storage: str | None, yes: bool) -> None:
    """Remove a study for good: its folder with all models, and its trials in the database.

    What is left of a study that was damaged or half removed by other tools goes too.
    """
    from autotrain.analysis.workspace import found_study
    from autotrain.api.delete import delete_study
    from autotrain.errors import ConfigurationError

    found = {
        name: found_study(name, runs, storage) for name in studies
    }  # all are there, or none goes
    for name, one in found.items():
        if not yes:
            click.echo(_what_goes(one, runs))
            try:
                click.confirm(f"delete '{name}' for good?", abort=True)
            except click.Abort:
                raise ConfigurationError(f"'{name}' stays; --yes deletes without asking") from None
        delete_study(name, runs, storage)
        click.echo(f"deleted '{name}'")


def _what_goes(found: FoundStudy, runs: str) -> str:
    from pathlib import Path

    from autotrain.files import size_of
    from autotrain.paths import Workspace
    from autotrain.reports.units import bytes_text

    folder = Workspace(Path(runs)).study(found.name).root
    size = f"{folder} ({bytes_text(size_of(folder))})" if folder.exists() else "no folder"
    if found.study is None:
        return f"{size}; {found.problem}"
    trials = found.study.counts_text or "no trials"
    return f"{size}; {trials} in {found.study.storage_url}"
