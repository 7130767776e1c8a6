"""What coordinator and workers say to each other, as plain records over one pipe each.

Every message about a trial carries the token of its assignment; those of an old one are ignored.
"""

from __future__ import annotations

import traceback
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autotrain.errors import InfeasibleError, describe
from autotrain.training.job import Job, Trainable
from autotrain.trial import Decision, Epoch


@dataclass(frozen=True)
class Begin:
    """To a worker: open the trainable; what is printed goes to `log` from now on."""

    trainable: Trainable
    log: Path


@dataclass(frozen=True)
class Run:
    """To a worker: train this trial."""

    token: int
    job: Job
    log: Path


@dataclass(frozen=True)
class Call:
    """To a worker: something else to do with a trial whose weights are kept; see `Runner.call`.

    Attributes:
        path: what is written.
    """

    token: int
    name: str
    job: Job
    path: Path


@dataclass(frozen=True)
class Ready:
    """From a worker: framework and data are loaded."""


@dataclass(frozen=True)
class EpochDone:
    """From a worker, which then waits for a `Decision`."""

    token: int
    record: Epoch


@dataclass(frozen=True)
class Ended:
    """From a worker: the trial left it.

    Attributes:
        reached_end: by its own end; otherwise the last decision was PAUSE or STOP.
        decision: that last decision.
        signatures: of what the worker has compiled now.
        worn: the worker should be replaced by a fresh one.
        facts: what a call returned.
        log: what the trial printed, and `model` what was written, where the worker does not see
            the study's folder.
    """

    token: int
    reached_end: bool
    decision: Decision
    signatures: Sequence[Hashable] = ()
    worn: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    log: bytes = b""
    model: bytes = b""


@dataclass(frozen=True)
class Failed:
    """From a worker: the trial, or the worker's own start (token 0), raised.

    Attributes:
        infeasible: the trial's configuration cannot be trained on this data.
    """

    token: int
    cause: str
    detail: str
    infeasible: bool = False
    log: bytes = b""

    @classmethod
    def of(cls, token: int, error: Exception) -> Failed:
        """The message about an exception that is being handled."""
        infeasible = isinstance(error, InfeasibleError)
        return cls(token, describe(error), traceback.format_exc(), infeasible)


ToWorker = Begin | Run | Call | Decision
FromWorker = Ready | EpochDone | Ended | Failed
