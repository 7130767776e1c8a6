"""`autotrain search`."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from autotrain.cli.options import (
    BACKENDS,
    PRUNERS,
    SAMPLERS,
    STRATEGIES,
    TRACKERS,
    Duration,
    engine_options,
    runs_option,
    storage_option,
)


@click.command("search")
@click.option("--space", required=True, metavar="NAME|FILE", help="A shipped space or a YAML file.")
@click.option("--data", metavar="SOURCE", help="Built-in name, .npz file, table or image folder.")
@click.option(
    "--target", metavar="COLUMN", help="What to predict of a table: name or position; a,b."
)
@click.option(
    "--ignore", multiple=True, metavar="COLUMN", help="Leave a column unread; repeatable."
)
@click.option("--study", metavar="NAME", help="Name of the study; the space's by default.")
@click.option(
    "--trials", type=int, metavar="N", help="Trials in all; the same command again goes on."
)
@click.option(
    "--timeout", type=Duration(), metavar="TIME", help="Stop after 90s, 30m, 2h; resumable."
)
@click.option("--epochs", type=int, metavar="N", help="Full length of a trial.")
@click.option("--stop-at", type=float, metavar="VALUE", help="Stop once a trial is this good.")
@engine_options
@click.option("--max-retries", type=int, default=2, show_default=True, metavar="N",
              help="How often a trial goes on after its worker was lost.")  # fmt: skip
@click.option("--sampler", type=SAMPLERS, default="tpe", show_default=True,
              help="What proposes configurations.")  # fmt: skip
@click.option("--pruner", type=PRUNERS, default="asha", show_default=True,
              help="What stops poor trials early.")  # fmt: skip
@click.option("--strategy", type=STRATEGIES, default="independent", show_default=True,
              help="Independent trials, or a population that copies its best.")  # fmt: skip
@click.option("--population", type=int, metavar="P", help="Members of pbt; 8 by default.")
@click.option("--interval", type=int, metavar="N", help="Epochs after which pbt compares.")
@click.option("--first-rung", type=int, metavar="N", help="First epoch at which asha judges.")
@click.option(
    "--workers", type=int, metavar="N", help="Parallel trials; 0 runs them in this process."
)
@click.option(
    "--gpus", default="all", show_default=True, metavar="all|0,1|none", help="GPUs to use."
)
@click.option(
    "--trials-per-gpu", type=int, default=1, show_default=True, help="Workers on each GPU."
)
@click.option("--backend", type=BACKENDS, help="What Keras computes with; tensorflow by default.")
@storage_option
@runs_option
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random.")
@click.option("--common-seed", is_flag=True, help="Train every trial with the same seed.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change the space, as learning_rate.high=0.1; repeatable.",
)
@click.option("--enqueue", metavar="FILE", help="JSON lines of configurations to run first.")
@click.option("--hang-timeout", type=Duration(), default="10m", show_default=True, metavar="TIME",
              help="Least silence after which a worker counts as hung.")  # fmt: skip
@click.option("--report/--no-report", default=True, show_default=True,
              help="Write report.html at the end.")  # fmt: skip
@click.option("--track", type=TRACKERS, help="Copy the study to a tool.")
@click.option("--json", "as_json", is_flag=True, help="Print events and the result as JSON lines.")
def command(
    space: str, settings: tuple[str, ...], enqueue: str | None, as_json: bool, **options: Any
) -> None:
    """Search a space for the best configuration, or go on with a search.

    Running the same command again resumes: finished trials stay, unfinished ones go on from their
    checkpoints, and the study ends at --trials in all.
    """
    run(space, settings, enqueue, as_json, **options)


def run(
    space: str, settings: tuple[str, ...], enqueue: str | None, as_json: bool, **options: Any
) -> None:
    """Search, print how it ended, and leave with a status that says so."""
    from autotrain.api.options import SearchOptions
    from autotrain.api.search import run_search
    from autotrain.reports.live import display_of

    queue = _read_queue(Path(enqueue)) if enqueue else []
    outcome = run_search(
        space,
        SearchOptions(**{**options, "ignore": options.get("ignore") or None}, enqueue=queue),
        overrides=_parse_settings(settings),
        callbacks=[display_of("json" if as_json else "auto")],
    )
    _print_json(outcome) if as_json else _print_outcome(outcome)
    if outcome.interrupted:
        sys.exit(130)


def _parse_settings(settings: tuple[str, ...]) -> dict[str, Any]:
    from autotrain.errors import ConfigurationError

    parsed: dict[str, Any] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigurationError(
                f"--set takes KEY=VALUE such as learning_rate.high=0.1, got {text!r}"
            )
        parsed[key.strip()] = value.strip()
    return parsed


def _read_queue(path: Path) -> list[dict[str, Any]]:
    from autotrain.errors import ConfigurationError

    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--enqueue {path} cannot be read: {error}") from None
    queue = []
    for i, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            params = json.loads(line)
        except ValueError as error:
            raise ConfigurationError(f"{path}:{i}: not a JSON object: {error}") from None
        if not isinstance(params, dict):
            raise ConfigurationError(
                f"{path}:{i}: a line is a JSON object of parameters, got {line[:60]}"
            )
        queue.append(params)
    return queue


def _print_json(outcome: Any) -> None:
    from autotrain.reports.summary import summary_dict

    facts = {
        "event": "finished",
        "created": outcome.created,
        "seconds": round(outcome.seconds, 3),
        "train_seconds": round(outcome.train_seconds, 3),
        "interrupted": outcome.interrupted,
        "timed_out": outcome.timed_out,
        "reached_target": outcome.reached_target,
    }
    click.echo(json.dumps({**facts, **summary_dict(outcome.study)}))


def _print_outcome(outcome: Any) -> None:
    from rich.console import Console

    from autotrain.reports.summary import failures, ranking_table, time_line
    from autotrain.reports.units import number

    study, console = outcome.study, Console(highlight=False)
    if outcome.created == 0 and not outcome.train_seconds:
        total = len(study.trials)
        console.print(
            f"nothing to do: the study '{study.name}' has {total} trials already; raise --trials"
        )
    console.print()
    console.print(ranking_table(study))
    for cause, numbers in failures(study).items():
        console.print(
            f"\n[red]failed[/red]  {len(numbers)} trial(s), such as {numbers[0]}: ", end=""
        )
        console.print(cause, markup=False)
    best = study.leader
    if best is not None:
        metric = study.settings.space.objectives[0].metric
        console.print(
            f"\n[bold]best[/bold]    trial {best.number}, {metric} {number(best.values[0])}"
        )
        for name, value in best.params.items():
            console.print(f"        {name}: {number(value)}", markup=False)
    console.print(
        f"\n[bold]time[/bold]    {time_line(outcome.seconds, outcome.train_seconds, outcome.workers)}"
    )
    _print_paths(console, outcome)


def _print_paths(console: Any, outcome: Any) -> None:
    study = outcome.study
    console.print(f"[bold]folder[/bold]  {study.paths.root}", soft_wrap=True)
    if study.paths.best_model.exists():
        console.print(f"[bold]model[/bold]   {study.paths.best_model}", soft_wrap=True)
    if study.paths.report.exists():
        console.print(f"[bold]report[/bold]  {study.paths.report}", soft_wrap=True)
    if outcome.interrupted or outcome.timed_out:
        why = "interrupted" if outcome.interrupted else "out of time"
        again = shlex.join(["autotrain", *sys.argv[1:]])
        console.print(f"\n{why}; to go on:  {again}", markup=False, soft_wrap=True)
    else:
        runs = str(study.paths.root.parent)
        where = "" if runs == "runs" else f" --runs {shlex.quote(runs)}"
        for label, words in (("next", f"show {shlex.quote(study.name)}"), ("", "dashboard")):
            line = f"{label:<8}autotrain {words}{where}"
            console.print(f"\n{line}" if label else line, markup=False, soft_wrap=True)
