"""A study as a user reads it: trials, the best of them, tables. Never writes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy

from autotrain.errors import StudyError, nearest
from autotrain.files import replaced
from autotrain.paths import StudyPaths, Workspace
from autotrain.storage.lock import owner_of
from autotrain.storage.metrics_csv import StoredEpochs
from autotrain.storage.optuna_reader import StoredTrial, TrialReader
from autotrain.storage.optuna_storage import open_storage, sqlite_url
from autotrain.storage.recorder import TOTAL
from autotrain.storage.sampler_view import PAUSED
from autotrain.storage.settings import StudySettings, read_settings
from autotrain.trial import Params, Trial, TrialState

if TYPE_CHECKING:
    import pandas as pd


class Study:
    """One study of a workspace, as it is stored now.

    Attributes:
        settings: what the study is: space, data, seeds.
        paths: where its files lie.
    """

    def __init__(self, settings: StudySettings, paths: StudyPaths, storage_url: str) -> None:
        self.settings, self.paths, self.storage_url = settings, paths, storage_url
        self._known: dict[int, Trial] = {}
        self._sizes: dict[int, int] = {}  # of the metrics of unfinished trials

    @property
    def name(self) -> str:
        """The study's name."""
        return self.settings.name

    @cached_property
    def trials(self) -> list[Trial]:
        """All trials by number, with their epochs."""
        self.refresh()
        return self.trials

    @cached_property
    def _reader(self) -> TrialReader:
        engine = open_storage(self.storage_url).engine
        assert engine is not None
        try:
            return TrialReader(engine, self.name)
        except KeyError:
            raise StudyError(
                f"the storage {self.storage_url} has no study '{self.name}', though its folder "
                f"{self.paths.root} is here: name the right one with --storage"
            ) from None

    def refresh(self) -> set[int]:
        """Read what is new since the last time, and return the numbers of the trials it changed."""
        changed = {stored.number: stored for stored in self._reader.read()}
        running = (t for t in self._reader.trials.values() if t.state == TrialState.RUNNING)
        for stored in running:
            size = _size(self.paths.trial(stored.number).metrics)
            if size != self._sizes.get(stored.number):
                self._sizes[stored.number] = size
                changed[stored.number] = stored
        for number, stored in changed.items():
            self._known[number] = self._trial(stored)
        self.trials = [self._known[number] for number in sorted(self._known)]
        return set(changed)

    def _trial(self, stored: StoredTrial) -> Trial:
        epochs = StoredEpochs(self.paths.trial(stored.number).metrics)
        attrs = {key: value for key, value in stored.user_attrs.items() if key != PAUSED}
        state = TrialState[stored.state]
        given = stored.params or stored.system_attrs.get("fixed_params", {})
        return Trial(
            stored.number,
            state,
            self.settings.space.active(given),
            tuple(stored.values[i] for i in sorted(stored.values)) or self._best_values(epochs),
            epochs,
            bool(stored.user_attrs.get(PAUSED)) and state is TrialState.RUNNING,
            attrs,
            stored.began,
            stored.ended,
        )

    def _best_values(self, epochs: Any) -> tuple[float, ...]:
        names = [objective.metric for objective in self.settings.space.objectives]
        if not epochs:
            return ()
        best = max(
            epochs, key=lambda record: (self._sign * record.metrics[names[0]], -record.epoch)
        )
        return tuple(best.metrics[name] for name in names)

    @property
    def _sign(self) -> float:
        return self.settings.space.objectives[0].sign

    def ranking(self) -> list[Trial]:
        """Trials with a value, the best first.

        By the first objective; a pruned or paused trial never stands above a complete one, and
        among those the one that came further is first.
        """
        valued = [t for t in self.trials if t.values and t.state is not TrialState.FAIL]

        def key(trial: Trial) -> tuple[Any, ...]:
            complete = trial.state is TrialState.COMPLETE
            reached = 0 if complete else -trial.last_epoch
            return (not complete, reached, -self._sign * trial.values[0], trial.number)

        return sorted(valued, key=key)

    def complete_trials(self) -> list[Trial]:
        """The complete trials, the best first."""
        return [trial for trial in self.ranking() if trial.state is TrialState.COMPLETE]

    def kept_trials(self) -> list[Trial]:
        """The complete trials whose weights are kept, the best first."""
        complete = self.complete_trials()
        return [trial for trial in complete if self.paths.trial(trial.number).weights.exists()]

    @property
    def leader(self) -> Trial | None:
        """The complete trial with the best value; None as long as there is none."""
        return next(iter(self.complete_trials()), None)

    @property
    def best_trial(self) -> Trial:
        """The complete trial with the best value.

        Raises:
            StudyError: no trial is complete yet.
        """
        best = self.leader
        if best is None:
            raise StudyError(f"the study '{self.name}' has no complete trial yet")
        return best

    @property
    def best_trials(self) -> list[Trial]:
        """The Pareto front of the complete trials; with one objective, the best trial."""
        signs = [objective.sign for objective in self.settings.space.objectives]
        if len(signs) == 1:
            return [self.best_trial]
        complete = [t for t in self.trials if t.state is TrialState.COMPLETE]
        scores = {t.number: [s * v for s, v in zip(signs, t.values, strict=True)] for t in complete}

        def dominated(trial: Trial) -> bool:
            mine = scores[trial.number]
            return any(
                other != mine and all(a >= b for a, b in zip(other, mine, strict=True))
                for other in scores.values()
            )

        return [trial for trial in complete if not dominated(trial)]

    @property
    def best_params(self) -> Params:
        """The configuration of the best trial."""
        return self.best_trial.params

    @property
    def best_value(self) -> float:
        """The first objective of the best trial."""
        return self.best_trial.values[0]

    @property
    def counts(self) -> dict[str, int]:
        """Trials by state; paused ones, RUNNING in storage, by that name."""
        found = Counter(trial.shown_state for trial in self.trials)
        order = ["COMPLETE", "PRUNED", "FAIL", "RUNNING", "PAUSED", "WAITING"]
        return {state: found[state] for state in order if found[state]}

    @property
    def counts_text(self) -> str:
        """The counts in words; empty without trials."""
        return ", ".join(f"{count} {state}" for state, count in self.counts.items())

    @property
    def seconds(self) -> float:
        """Time in epochs, summed over workers."""
        return float(sum(trial.attrs.get("seconds", 0.0) for trial in self.trials))

    @property
    def total(self) -> int | None:
        """Trials that the last search was to reach; None where it did not say."""
        self.trials  # noqa: B018 (which reads)
        total = self._reader.attrs.get(TOTAL)
        return None if total is None else max(int(total), len(self.trials))

    @property
    def owner(self) -> str | None:
        """Who searches the study now, as `process 123 on HOST`; None when nobody does."""
        return owner_of(self.paths.lock)

    def load_model(self) -> Any:
        """The best model as a Keras model: raw inputs in, class probabilities out.

        Raises:
            StudyError: no best model has been written yet.
        """
        if not self.paths.best_model.exists():
            raise StudyError(
                f"the study '{self.name}' has no best model at {self.paths.best_model}"
            )
        import keras

        return keras.models.load_model(self.paths.best_model)

    def trials_dataframe(self) -> pd.DataFrame:
        """One row a trial: number, state, values, best epoch, and `params_…` columns."""
        import pandas as pd

        names = [objective.metric for objective in self.settings.space.objectives]
        rows = []
        for trial in self.trials:
            values = dict(zip(names, trial.values, strict=False))
            params = {f"params_{key}": value for key, value in trial.params.items()}
            rows.append(
                {
                    "number": trial.number,
                    "state": trial.shown_state,
                    **values,
                    "epochs": trial.last_epoch,
                    **params,
                }
            )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return f"<Study '{self.name}': {self.counts_text or 'no trials'}>"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def write_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Write facts as JSON, aside and then renamed."""
    with replaced(path) as aside:
        aside.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", "utf-8")


def storage_of(settings: StudySettings, workspace: Workspace, url: str | None) -> str:
    """The storage URL to use: the one given, else the study's own, else the workspace's."""
    stored = (settings.about or {}).get("storage")
    return url or stored or sqlite_url(workspace.database)


def storable_url(url: str) -> str | None:
    """The URL as it may be written to disk; None when it holds a password or is no URL."""
    try:
        return None if sqlalchemy.engine.make_url(url).password else url
    except sqlalchemy.exc.ArgumentError:
        return None


def load_study(name: str, runs: str | Path = "runs", storage: str | None = None) -> Study:
    """Open a study of a workspace.

    Raises:
        StudyError: there is none of that name.
    """
    workspace = Workspace(Path(runs))
    paths = workspace.study(name)
    if not paths.study.exists():
        names = study_names(runs)
        here = f"studies there: {', '.join(names)}" if names else "there are no studies there"
        hint = nearest(name, names)
        raise StudyError(f"no study '{name}' in {workspace.root}; {hint or here}")
    return open_study(read_settings(paths.study), workspace, storage)


def open_study(settings: StudySettings, workspace: Workspace, storage: str | None = None) -> Study:
    """The study of settings that were read already."""
    paths = workspace.study(settings.name, (settings.about or {}).get("storage_path"))
    return Study(settings, paths, storage_of(settings, workspace, storage))


def study_names(runs: str | Path = "runs") -> list[str]:
    """Names of the studies in a workspace, in the order of their start."""
    files = sorted(Path(runs).glob("*/study.yaml"), key=lambda file: file.stat().st_mtime)
    return [read_settings(file).name for file in files]
