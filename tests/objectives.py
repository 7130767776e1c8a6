"""A space and an objective that takes no time."""

from __future__ import annotations

import autotrain

SPACE = autotrain.Space(
    {
        "x": autotrain.Float(-1.0, 1.0),
        "kind": autotrain.Choice(["a", "b"]),
        "y": autotrain.Int(1, 9, when={"kind": "a"}),
    },
    "val_loss",
    name="quick",
    budget={"epochs": 4},
)


def curve(params, epoch):
    return params["x"] ** 2 + 1.0 / epoch + 0.01 * params.get("y", 5)


def quick(params, reporter):
    for epoch in range(1, reporter.epochs + 1):
        reporter.report(epoch, val_loss=curve(params, epoch))


def factor(params):
    """What an epoch with these values does to the loss."""
    return 1.0 - 0.1 * (1.0 - params["x"] ** 2)


def learning(params, reporter):
    """What a state is worth depends on all the epochs before it."""
    at = reporter.checkpoint
    epoch, loss = map(float, at.read_text().split()) if at.exists() else (0, 10.0)
    for number in range(int(epoch) + 1, reporter.epochs + 1):
        loss *= factor(params)
        at.write_text(f"{number} {loss!r}")
        reporter.report(number, val_loss=loss)
