"""Trials as samplers should see them, where Optuna has no state of its own for what they are."""

from __future__ import annotations

import copy

from optuna.trial import FrozenTrial, TrialState

PAUSED = "paused"  # user attribute of a RUNNING trial that waits for a promotion
INFEASIBLE = "infeasible"  # user attribute of a FAIL trial: why it cannot be trained on the data
_GOOD_SHARE = 10  # TPE takes the best tenth of all finished trials for good, whatever they are


def for_sampler(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    """Paused trials and the latest infeasible ones as PRUNED.

    Not so many of the infeasible ones that TPE would have to count some among the good.
    """
    seen = [_as_pruned(t) if t.user_attrs.get(PAUSED) else t for t in trials]
    valued = sum(t.state in (TrialState.COMPLETE, TrialState.PRUNED) for t in seen)
    places = [i for i, t in enumerate(seen) if _is_infeasible(t)]
    most = valued * (_GOOD_SHARE - 1)
    for place in places[max(0, len(places) - most) :]:
        seen[place] = _as_infeasible(seen[place])
    return seen


def _is_infeasible(trial: FrozenTrial) -> bool:
    return trial.state is TrialState.FAIL and INFEASIBLE in trial.user_attrs


def _as_infeasible(trial: FrozenTrial) -> FrozenTrial:
    seen = copy.copy(trial)
    seen.state, seen.intermediate_values = TrialState.PRUNED, {}
    seen.system_attrs = {**trial.system_attrs, "constraints": [1.0]}  # above 0 is violated
    return seen


def _as_pruned(trial: FrozenTrial) -> FrozenTrial:
    if trial.state is not TrialState.RUNNING:
        return trial
    seen = copy.copy(trial)
    seen.state = TrialState.PRUNED
    last = trial.last_step
    if last is not None:
        seen.values = [trial.intermediate_values[last]]
    seen.datetime_complete = seen.datetime_start
    return seen
