"""Objectives that take no time, and a space of theirs."""

from __future__ import annotations

from collections.abc import Mapping

from autotrain.engines.function_trainable import Reporter
from autotrain.space import Choice, Float, Int, Space
from autotrain.trial import Params


def quick_space(name: str, objective: str | Mapping[str, str] | list[dict[str, str]]) -> Space:
    """A parameter of each kind, one of them conditional; four epochs."""
    return Space(
        {
            "x": Float(-1.0, 1.0),
            "kind": Choice(["a", "b"]),
            "y": Int(1, 9, when={"kind": "a"}),
        },
        objective,
        name=name,
        budget={"epochs": 4},
    )


SPACE = quick_space("quick", "val_loss")


def curve(params: Params, epoch: int) -> float:
    """The loss of a configuration in an epoch."""
    return float(params["x"] ** 2 + 1.0 / epoch + 0.01 * params.get("y", 5))


def quick(params: Params, reporter: Reporter) -> None:
    """Trains by a formula."""
    for epoch in range(1, reporter.epochs + 1):
        reporter.report(epoch, val_loss=curve(params, epoch))


def factor(params: Params) -> float:
    """What an epoch with these values does to the loss."""
    return float(1.0 - 0.1 * (1.0 - params["x"] ** 2))


def learning(params: Params, reporter: Reporter) -> None:
    """What a state is worth depends on all the epochs before it."""
    at = reporter.checkpoint
    epoch, loss = map(float, at.read_text().split()) if at.exists() else (0, 10.0)
    for number in range(int(epoch) + 1, reporter.epochs + 1):
        loss *= factor(params)
        at.write_text(f"{number} {loss!r}")
        reporter.report(number, val_loss=loss)
