"""What is known of studies and trials as attributes in Optuna's storage: the only place with their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from autotrain.files import JsonObject
from autotrain.trial import Trial

OWNER = "autotrain"  # of a study: its id in `study.yaml`
TOTAL = "trials"  # of a study: how many its last search was to reach
PAUSED, DEATHS = "paused", "deaths"  # written more than once
_BEST_EPOCH, _LAST_EPOCH, _SECONDS = "best_epoch", "last_epoch", "seconds"
_PARENT, _START = "parent", "start_epoch"
_ERROR, _INFEASIBLE = "error", "infeasible"


def origin(trial: Trial) -> JsonObject:
    """What is written of a trial that began as a copy; nothing of others."""
    if trial.parent is None:
        return {}
    return {_PARENT: trial.parent, _START: trial.start_epoch}


def ending(trial: Trial) -> JsonObject:
    """What is written of a trial at its end."""
    facts: JsonObject = {
        _BEST_EPOCH: trial.best_epoch,
        _LAST_EPOCH: trial.last_epoch,
        _SECONDS: trial.seconds,
        **origin(trial),
    }
    if trial.infeasible:
        facts[_INFEASIBLE] = trial.infeasible
    elif trial.error:
        facts[_ERROR] = trial.error
    return facts


def with_attrs(trial: Trial, attrs: Mapping[str, Any]) -> Trial:
    """The trial with the facts that its attributes in the storage tell."""
    parent, last = attrs.get(_PARENT), attrs.get(_LAST_EPOCH)
    return replace(
        trial,
        best_epoch=int(attrs.get(_BEST_EPOCH, trial.best_epoch)),
        paused=bool(attrs.get(PAUSED)) and not trial.is_finished and not trial.queued,
        losses=int(attrs.get(DEATHS, 0)),
        error=str(attrs.get(_ERROR, "")),
        infeasible=str(attrs.get(_INFEASIBLE, "")),
        parent=None if parent is None else int(parent),
        start_epoch=int(attrs.get(_START, 0)),
        seconds=float(attrs.get(_SECONDS, 0.0)),
        stored_last_epoch=None if last is None else int(last),
    )
