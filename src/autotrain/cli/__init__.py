"""The command line: one short file per command, each importing what it needs when it runs."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click

from autotrain.errors import AutotrainError, nearest

_COMMANDS = (
    "data", "search", "spaces", "studies", "show", "leaderboard", "report", "dashboard", "export",
    "predict", "evaluate", "drift", "distill", "train", "delete", "doctor",
)  # fmt: skip
INTERRUPTED = 130


class _Commands(click.Group):
    """Finds a command in the module of its name, in the order of a user's work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = __import__(f"autotrain.cli.{name}", fromlist=["command"])
        return module.command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command '{args[0]}'. {nearest(args[0], _COMMANDS).capitalize()}".strip())
        return super().resolve_command(ctx, args)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autotrain")
def cli() -> None:
    """Find the best Keras model for your data."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; every error a user can cause is one message and an exit status."""
    try:
        return cli.main(args=arguments, prog_name="autotrain")
    except AutotrainError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(1)
    finally:
        gc.freeze()  # Python would go through all there is, for half a second, before it ends
