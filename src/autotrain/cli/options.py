"""Option types that several commands share."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from autotrain.registry import Registry


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


class Names(click.ParamType):
    """One of the names of a registry, which the help lists and which are checked before all else.

    Args:
        place: of the registry, `module:NAME`, imported when help is asked for.
        attribute: of its things, a tuple of names, instead of their own names.
    """

    name = "name"

    def __init__(self, place: str, attribute: str = "") -> None:
        self._place, self._attribute = place, attribute

    def get_metavar(self, param: object, ctx: object = None) -> str:
        """For the help of the command."""
        names = self._registry.names()
        if self._attribute:
            things = self._registry.available().values()
            names = tuple(
                dict.fromkeys(n for thing in things for n in getattr(thing, self._attribute))
            )
        return f"[{'|'.join(names)}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if there is such a one."""
        if not self._attribute:
            self._registry.check(value, param.opts[-1] if param else "")
        return value

    @property
    def _registry(self) -> Registry[Any]:
        module, _, name = self._place.partition(":")
        found: Registry[Any] = getattr(importlib.import_module(module), name)
        return found


SAMPLERS = Names("autotrain.tuner.samplers:SAMPLERS")
PRUNERS = Names("autotrain.tuner.schedulers:PRUNERS")
STRATEGIES = Names("autotrain.tuner.schedulers:STRATEGIES")
ENGINES = Names("autotrain.engines:ENGINES")
BACKENDS = Names("autotrain.training.runtime:BACKENDS")
TRACKERS = Names("autotrain.trackers:TRACKERS")
FORMATS = Names("autotrain.export.formats:FORMATS")
QUANTIZATIONS = Names("autotrain.export.formats:FORMATS", "quantizations")


def runs_option(function: Any) -> Any:
    """`--runs DIR`."""
    return click.option(
        "--runs", default="runs", show_default=True, metavar="DIR", help="Folder of all studies."
    )(function)


def data_option(function: Any) -> Any:
    """`--data SOURCE` of a study that was begun before."""
    return click.option(
        "--data", "source", metavar="SOURCE", help="Where the study's data is now, if it moved."
    )(function)


def storage_option(function: Any) -> Any:
    """`--storage URL`."""
    return click.option(
        "--storage",
        metavar="URL",
        help="Database of studies; SQLite in the runs folder by default.",
    )(function)


def trust_option(function: Any) -> Any:
    """`--trust`."""
    return click.option(
        "--trust", is_flag=True, help="Use a model that was not exported here, by you."
    )(function)


@contextmanager
def counting(what: str, shown: bool = True) -> Iterator[Callable[[int], None]]:
    """A line that counts, where there is a terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield lambda count: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} " + what), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.advance(task, count)


def write_out(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file and print the file's name.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    if out is None:
        click.echo(text)
        return
    from autotrain.errors import ConfigurationError

    try:
        out.write_text(text if text.endswith("\n") else f"{text}\n", "utf-8")
    except OSError as error:
        raise ConfigurationError(f"--out {out} cannot be written: {error}") from None
    click.echo(str(out))


def engine_options(function: Any) -> Any:
    """`--engine`, and the options that are Ray's alone."""
    for option in reversed(_ENGINE):
        function = option(function)
    return function


_ENGINE = [
    click.option("--engine", type=ENGINES, default="local", show_default=True,
                 help="Where trials run."),
    click.option("--address", metavar="auto|HOST:PORT",
                 help="Ray: a cluster that runs; else one here."),
    click.option("--cpus-per-trial", type=int, metavar="N", help="Ray: cores of a worker."),
    click.option("--gpus-per-trial", type=float, default=0.0, metavar="G",
                 help="Ray: GPUs of a worker, as 0.5."),
    click.option("--storage-path", metavar="PATH|URI",
                 help="Ray: shared folder for checkpoints."),
]  # fmt: skip
