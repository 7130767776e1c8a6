"""What one trial is: plain immutable records, shared by every layer above."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Params = Mapping[str, Any]
Metrics = Mapping[str, float]
LAST_EPOCH = "last_epoch"  # attribute of a finished trial


class TrialState(StrEnum):
    """States of a trial; the words are Optuna's."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    PRUNED = "PRUNED"
    FAIL = "FAIL"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to the trial."""
        return self in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def shown_state(state: TrialState, paused: bool) -> str:
    """A state in words; a paused trial is RUNNING in storage."""
    return "PAUSED" if paused else str(state)


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch of training gave. `epoch` counts from 1; `seconds` is wall time."""

    epoch: int
    metrics: Metrics
    seconds: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One configuration and all that is known about it.

    Attributes:
        number: position in the study, from 0.
        params: active parameters only.
        values: one per objective, at the best epoch of the first; empty before the first epoch.
        epochs: the recorded epochs in order.
        paused: RUNNING without a worker: its checkpoint waits for a promotion.
        attrs: further facts, such as `error`, `best_epoch`, `seconds`.
        began, ended: UTC, without a zone.
    """

    number: int
    state: TrialState
    params: Params
    values: tuple[float, ...] = ()
    epochs: Sequence[EpochRecord] = ()
    paused: bool = False
    attrs: Mapping[str, Any] = field(default_factory=dict)
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def shown_state(self) -> str:
        """The state in words; see the function."""
        return shown_state(self.state, self.paused)

    @property
    def value(self) -> float | None:
        """The value of the first objective, or None before the first epoch."""
        return self.values[0] if self.values else None

    @property
    def last_epoch(self) -> int:
        """The last recorded epoch, 0 before the first."""
        known = self.attrs.get(LAST_EPOCH)  # of a finished one, so that no file is read
        return known or (self.epochs[-1].epoch if self.epochs else 0)


class Verdict(StrEnum):
    """The answer to a reported epoch."""

    CONTINUE = "continue"
    SAVE = "save"  # write a checkpoint, then continue
    PAUSE = "pause"  # write a checkpoint and let the trial rest
    STOP = "stop"  # the trial is over


Report = Callable[[EpochRecord], Verdict]


def derive_seed(*parts: int | str) -> int:
    """A 31-bit seed that depends on every part and on nothing else.

    All randomness of a study comes from here, so that the same study seed and trial number give
    the same proposals, weights, data order, dropout and augmentation on every run.
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") & 0x7FFFFFFF
