"""The only records of a trial: what it is, what an epoch gave, and how it goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

Params = Mapping[str, Any]
Metrics = Mapping[str, float]
INDEPENDENT = "independent"  # the strategy of trials that do not copy each other


class TrialStatus(StrEnum):
    """Where a trial stands. The words are Optuna's, to which a paused trial is RUNNING."""

    WAITING = "WAITING"  # queued; nothing was decided but the values given for it
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"  # without a worker; its checkpoint waits for a promotion
    COMPLETE = "COMPLETE"
    PRUNED = "PRUNED"
    FAIL = "FAIL"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to the trial."""
        return self in OUTCOMES


OUTCOMES = (TrialStatus.COMPLETE, TrialStatus.PRUNED, TrialStatus.FAIL)


@dataclass(frozen=True)
class Epoch:
    """What one epoch of training gave. `epoch` counts from 1; `seconds` is wall time."""

    epoch: int
    metrics: Metrics
    seconds: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One configuration and all that is known about it; replaced at each change, never altered.

    Attributes:
        number: position in the study, from 0.
        params: active parameters only; of a queued trial the values given for it.
        id: in the storage; -1 before it is there.
        epochs: the recorded epochs in order.
        values: one per objective, at the best epoch of the first; empty before the first epoch.
        best_epoch: that epoch; 0 before the first.
        outcome: how it ended: COMPLETE, PRUNED or FAIL; None as long as it has not.
        given: values that were given for it when it was queued.
        queued: created with these values, and not started yet.
        worker: index of the worker that trains it now; None where none does.
        paused: it rests at an epoch, until it is promoted or the search ends.
        granted: the epoch up to which was decided that it goes on.
        losses: how many workers it has cost.
        error: why it failed; empty where it did not.
        infeasible: why it cannot be trained on this data; empty where it can.
        parent: the trial of which it is a copy, made at `start_epoch`; None for none.
        seconds: of all its epochs, once it has ended.
        memory: what a sampler keeps with it, as plain data.
        began, ended: UTC, without a zone.
        stored_last_epoch: the last epoch as the storage tells it, so that no file is read.
    """

    number: int
    params: Params
    id: int = -1
    epochs: Sequence[Epoch] = ()
    values: tuple[float, ...] = ()
    best_epoch: int = 0
    outcome: TrialStatus | None = None
    given: Params = field(default_factory=dict)
    queued: bool = False
    worker: int | None = None
    paused: bool = False
    granted: int = 0
    losses: int = 0
    error: str = ""
    infeasible: str = ""
    parent: int | None = None
    start_epoch: int = 0
    seconds: float = 0.0
    memory: Mapping[str, Any] = field(default_factory=dict)
    began: datetime | None = None
    ended: datetime | None = None
    stored_last_epoch: int | None = None

    def __post_init__(self) -> None:
        states = (self.outcome is not None, self.queued, self.paused, self.worker is not None)
        assert sum(states) <= 1, f"trial {self.number} cannot be all of {self}"

    @property
    def status(self) -> TrialStatus:
        """Where it stands."""
        if self.outcome is not None:
            return self.outcome
        if self.queued:
            return TrialStatus.WAITING
        return TrialStatus.PAUSED if self.paused else TrialStatus.RUNNING

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.outcome is not None

    @property
    def is_free(self) -> bool:
        """Whether it was started and a worker should go on with it at once."""
        return self.status is TrialStatus.RUNNING and self.worker is None

    @property
    def value(self) -> float | None:
        """The value of the first objective, or None before the first epoch."""
        return self.values[0] if self.values else None

    @property
    def last_epoch(self) -> int:
        """The last recorded epoch; before the first, that which it starts from."""
        if self.stored_last_epoch is not None:
            return self.stored_last_epoch
        return self.epochs[-1].epoch if self.epochs else self.start_epoch

    @property
    def cause(self) -> str:
        """Why it failed, in words; empty where it did not."""
        return f"infeasible: {self.infeasible}" if self.infeasible else self.error

    def trained(self, epoch: Epoch, values: tuple[float, ...], is_better: bool) -> Trial:
        """With one more epoch.

        Args:
            values: of the objectives in this epoch.
            is_better: whether they are better than those so far; the first ones always are.
        """
        best = not self.values or is_better
        return replace(
            self,
            epochs=(*self.epochs, epoch),
            values=values if best else self.values,
            best_epoch=epoch.epoch if best else self.best_epoch,
        )

    def assigned(self, worker: int) -> Trial:
        """A worker trains it from now on."""
        return replace(self, worker=worker, paused=False)

    def released(self) -> Trial:
        """No worker has it any more."""
        return replace(self, worker=None)

    def rested(self) -> Trial:
        """It rests where it is."""
        return replace(self, worker=None, paused=True)

    def resumed(self) -> Trial:
        """It goes on from where it rests, and is not judged at this epoch again."""
        return replace(self, paused=False, granted=self.last_epoch)

    def finished(self, outcome: TrialStatus, error: str = "", infeasible: str = "") -> Trial:
        """It ended, for good."""
        return replace(
            self, outcome=outcome, queued=False, worker=None, paused=False,
            error=error or self.error, infeasible=infeasible or self.infeasible,
            seconds=round(sum(epoch.seconds for epoch in self.epochs), 3),
        )  # fmt: skip


class Decision(StrEnum):
    """How a trial goes on after an epoch."""

    CONTINUE = "continue"
    SAVE = "save"  # write a checkpoint, then continue
    PAUSE = "pause"  # write a checkpoint and let the trial rest
    STOP = "stop"  # the trial is over


Report = Callable[[Epoch], Decision]


def derive_seed(*parts: int | str) -> int:
    """A 31-bit seed that depends on every part and on nothing else.

    All randomness of a study comes from here, so that the same study seed and trial number give
    the same proposals, weights, data order, dropout and augmentation on every run.
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") & 0x7FFFFFFF
