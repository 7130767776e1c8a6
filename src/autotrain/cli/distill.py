"""`autotrain distill`."""

from __future__ import annotations

from typing import Any

import click

from autotrain.cli import search


@click.command("distill")
@click.argument("teacher", metavar="STUDY")
@click.option("--student", required=True, metavar="SPACE|CONFIG",
              help="A space, or the config.yaml of a trial.")  # fmt: skip
@click.option("--ensemble", type=int, default=1, show_default=True, metavar="K",
              help="The teacher is the mean of the best K trials.")  # fmt: skip
def command(teacher: str, student: str, ensemble: int, **options: Any) -> None:
    """Search for a student that learns from the best model of STUDY, on its data and split.

    The student's space may be any; the share of its loss that asks for the teacher's outputs
    (soft_weight) and the temperature that softens them are searched too. The result is a study
    like any other: the same command goes on, and the leaderboard compares it with its teacher.
    """
    search.run(student, teacher=teacher, ensemble=ensemble, **options)


# The teacher's study decides about the data; everything else is as in a search.
command.params += [
    p for p in search.command.params if p.name not in ("space", "data", "target", "ignore")
]
