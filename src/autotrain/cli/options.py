"""Option types that several commands share."""

from __future__ import annotations

from typing import Any

import click


class Duration(click.ParamType):
    """`90s`, `30m`, `2h`, `1d`, or a number of seconds."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Seconds."""
        from autotrain.errors import SpaceError
        from autotrain.space import parse_duration

        try:
            return parse_duration(value)
        except (ValueError, SpaceError) as error:
            self.fail(str(error), param, ctx)


def runs_option(function: Any) -> Any:
    """`--runs DIR`."""
    return click.option(
        "--runs", default="runs", show_default=True, metavar="DIR", help="Folder of all studies."
    )(function)


def storage_option(function: Any) -> Any:
    """`--storage URL`."""
    return click.option(
        "--storage",
        metavar="URL",
        help="Database of studies; SQLite in the runs folder by default.",
    )(function)
