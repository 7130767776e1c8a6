"""Creating trials: from the queue of configurations to run first, from the grid, or sampled."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from autotrain.space import Fixed, Space
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.tuner.samplers.optuna import build_sampler, distribution, grid_points

Proposal = tuple[int, int, dict[str, Any]]  # a trial's number, storage id and active parameters


class Proposer:
    """Asks Optuna for the next configuration of a study."""

    def __init__(
        self,
        study: optuna.Study,
        storage: StudyStorage,
        space: Space,
        sampler: str,
        seed: int,
        structure: Callable[[Mapping[str, Any]], Any],
    ) -> None:
        self._study, self._storage, self._space = study, storage, space
        self._sampler, self._seed, self._structure = sampler, seed, structure
        self._queued: dict[int, Any] = {}  # structures of the trials that wait
        self._grid: Iterator[dict[str, Any]] | None = None
        self._known: set[str] | None = None  # configurations that were enqueued or are there

    def enqueue(self, params: Mapping[str, Any]) -> bool:
        """Add a WAITING trial with some or all parameters given; False if the study has it."""
        # Not Optuna's `skip_if_exists`, which compares with each trial, number by number.
        if self._known is None:
            trials = self._study.get_trials(deepcopy=False)
            self._known = {_key(t.system_attrs.get("fixed_params") or t.params) for t in trials}
        fixed = {n for n, p in self._space.parameters.items() if isinstance(p, Fixed)}
        given = {name: value for name, value in params.items() if name not in fixed}
        if _key(given) in self._known:
            return False
        self._known.add(_key(given))
        self._study.enqueue_trial(given)
        return True

    def start_waiting(self, known: Collection[Any], elsewhere: Collection[Any]) -> Proposal | None:
        """Start the first WAITING trial of a known structure, else of one that is nowhere else."""
        waiting = self._study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        if not waiting:
            return None

        def cost(trial: FrozenTrial) -> int:
            key = self._structure_of(trial)
            return 0 if key in known else 2 if key in elsewhere else 1

        trial = min(waiting, key=cost)
        with self._storage.together():
            self._storage.set_trial_state_values(trial._trial_id, state=TrialState.RUNNING)
            return self._complete(trial)

    def copy(self, params: Mapping[str, Any], attrs: Mapping[str, Any]) -> Proposal:
        """Create and start a trial with just these parameters."""
        fixed = {n for n, p in self._space.parameters.items() if isinstance(p, Fixed)}
        given = {name: value for name, value in params.items() if name not in fixed}
        self._study.enqueue_trial(given, user_attrs=dict(attrs))
        trial = self._study.get_trials(deepcopy=False)[-1]
        self._storage.set_trial_state_values(trial._trial_id, state=TrialState.RUNNING)
        return self._complete(trial)

    def _structure_of(self, trial: FrozenTrial) -> Any:
        if trial.number not in self._queued:
            given = trial.system_attrs.get("fixed_params", {})
            self._queued[trial.number] = self._structure(self._space.active(given))
        return self._queued[trial.number]

    def resume(self, trial: FrozenTrial) -> Proposal:
        """Propose what a started trial still lacks; what it has stays."""
        with self._storage.together():
            return self._complete(trial)

    def _complete(self, trial: FrozenTrial) -> Proposal:
        self._prepare(trial.number)
        self._study._thread_local.cached_all_trials = None  # as `ask` does
        with self._view():
            return self._suggest(optuna.Trial(self._study, trial._trial_id))

    def propose(self, number: int, seen: Iterable[Mapping[str, Any]]) -> Proposal | None:
        """Create and start the trial `number`; None when the grid is exhausted.

        Args:
            seen: the configurations that the study has.
        """
        if self._sampler == "grid":
            point = self._next_point(seen)
            if point is None:
                return None
            self.enqueue(point)
        self._prepare(number)
        with self._storage.together(), self._view():
            return self._suggest(self._study.ask())

    def _prepare(self, number: int) -> None:
        self._study.sampler = build_sampler(self._sampler, self._seed, number, self._space)

    def _next_point(self, seen: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
        if self._grid is None:
            self._grid = grid_points(self._space)
        keys = {_key(params) for params in seen}
        return next((point for point in self._grid if _key(point) not in keys), None)

    def _suggest(self, trial: optuna.Trial) -> Proposal:
        params: dict[str, Any] = {}
        for name in self._space.order:
            if self._space.is_active(name, params):
                parameter = self._space.parameters[name]
                wanted = distribution(parameter)
                if wanted is None:
                    assert isinstance(parameter, Fixed)
                    params[name] = parameter.value
                else:
                    params[name] = self._draw(trial, name, wanted)
        return trial.number, trial._trial_id, params

    def _draw(self, trial: optuna.Trial, name: str, wanted: BaseDistribution) -> Any:
        """The value of a parameter; the stored one where the trial was started before.

        The draw behind a stored value is made again all the same: it comes from the sampler's one
        stream of random numbers, and those after it would be others.
        """
        if name in trial.distributions and not (
            trial._is_fixed_param(name, wanted)
            or wanted.single()
            or trial._is_relative_param(name, wanted)
        ):
            frozen = trial._get_latest_trial()
            self._study.sampler.sample_independent(self._study, frozen, name, wanted)
        return trial._suggest(name, wanted)

    def _view(self) -> _View:
        return _View(self._storage)


class _View:
    """Within, the storage is as samplers should see it, and Optuna's remarks are silent."""

    def __init__(self, storage: StudyStorage) -> None:
        self._storage = storage
        self._warnings = warnings.catch_warnings()

    def __enter__(self) -> None:
        self._warnings.__enter__()
        warnings.simplefilter("ignore")
        self._storage.shown_to_sampler = True

    def __exit__(self, *_: object) -> None:
        self._storage.shown_to_sampler = False
        self._warnings.__exit__(None, None, None)


def _key(params: Mapping[str, Any]) -> str:
    return repr(sorted(params.items()))
