"""A study as it is stored: its trials and the best of them. Never writes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrain.analysis.trials import Trials
from autotrain.errors import StudyError
from autotrain.paths import StudyPaths, Workspace
from autotrain.space import Objective
from autotrain.storage.attributes import TOTAL, with_attrs
from autotrain.storage.lock import owner_of
from autotrain.storage.metrics_csv import StoredEpochs
from autotrain.storage.optuna_reader import StoredTrial, TrialReader, open_database
from autotrain.storage.optuna_storage import connecting
from autotrain.storage.settings import StudySettings
from autotrain.trial import Params, Trial, TrialStatus

if TYPE_CHECKING:
    import pandas as pd


class StoredStudy:
    """One study of a workspace, as it is stored now; what can be made of it is in `autotrain.Study`.

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

    @property
    def workspace(self) -> Workspace:
        """The workspace that the study is in."""
        return Workspace(self.paths.root.parent)

    @cached_property
    def trials(self) -> Trials:
        """All trials by number, with their epochs; `trials.frame()` is a table of them."""
        self.refresh()
        return self.trials

    @cached_property
    def _reader(self) -> TrialReader:
        try:
            return TrialReader(open_database(self.storage_url), self.name)
        except KeyError:
            raise StudyError(
                f"the storage {self.storage_url} has no study '{self.name}', though its folder "
                f"{self.paths.root} is here: name the right one with --storage"
            ) from None

    def refresh(self) -> set[int]:
        """Read what is new since the last time, and return the numbers of the trials it changed."""
        with connecting(self.storage_url):
            changed = {stored.number: stored for stored in self._reader.read()}
        running = (t for t in self._reader.trials.values() if t.state == "RUNNING")
        for stored in running:
            size = _size(self.paths.trial(stored.number).metrics)
            if size != self._sizes.get(stored.number):
                self._sizes[stored.number] = size
                changed[stored.number] = stored
        for number, stored in changed.items():
            self._known[number] = self._trial(stored)
        metrics = [objective.metric for objective in self.settings.space.objectives]
        self.trials = Trials((self._known[n] for n in sorted(self._known)), metrics)
        return set(changed)

    def _trial(self, stored: StoredTrial) -> Trial:
        epochs = StoredEpochs(self.paths.trial(stored.number).metrics)
        status = TrialStatus[stored.state]
        given = stored.params or stored.system_attrs.get("fixed_params", {})
        trial = Trial(
            stored.number,
            self.settings.space.active(given),
            epochs=epochs,
            values=tuple(stored.values[i] for i in sorted(stored.values)),
            outcome=status if status.is_finished else None,
            queued=status is TrialStatus.WAITING,
            began=stored.began,
            ended=stored.ended,
        )
        trial = with_attrs(trial, stored.user_attrs)
        return trial if trial.values else self._with_values(trial)

    def _with_values(self, trial: Trial) -> Trial:
        """The trial with the values of its best epoch, for the storage has them only at its end."""
        if not trial.epochs:
            return trial
        objectives = self.settings.space.objectives
        sign, first = objectives[0].sign, objectives[0].metric
        best = max(trial.epochs, key=lambda record: (sign * record.metrics[first], -record.epoch))
        values = tuple(best.metrics[objective.metric] for objective in objectives)
        return replace(trial, values=values, best_epoch=best.epoch)

    @property
    def objective(self) -> Objective:
        """The first objective, by which trials are ranked."""
        return self.settings.space.objectives[0]

    def ranking(self) -> list[Trial]:
        """Trials with a value, the best first.

        By the first objective; a pruned or paused trial never stands above a complete one, and
        among those the one that came further is first.
        """
        valued = [t for t in self.trials if t.values and t.status is not TrialStatus.FAIL]

        def key(trial: Trial) -> tuple[Any, ...]:
            complete = trial.status is TrialStatus.COMPLETE
            reached = 0 if complete else -trial.last_epoch
            return (not complete, reached, -self.objective.sign * trial.values[0], trial.number)

        return sorted(valued, key=key)

    def complete_trials(self) -> list[Trial]:
        """The complete trials, the best first."""
        return [trial for trial in self.ranking() if trial.status is TrialStatus.COMPLETE]

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
        complete = [t for t in self.trials if t.status is TrialStatus.COMPLETE]
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
        found = Counter(str(trial.status) for trial in self.trials)
        order = ["COMPLETE", "PRUNED", "FAIL", "RUNNING", "PAUSED", "WAITING"]
        return {state: found[state] for state in order if found[state]}

    @property
    def counts_text(self) -> str:
        """The counts in words; empty without trials."""
        return ", ".join(f"{count} {state}" for state, count in self.counts.items())

    @property
    def seconds(self) -> float:
        """Time in epochs, summed over workers."""
        return float(sum(trial.seconds for trial in self.trials))

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

    def trials_dataframe(self) -> pd.DataFrame:
        """The trials as a frame; see `Trials.frame`."""
        return self.trials.frame()

    def __repr__(self) -> str:
        return f"<Study '{self.name}': {self.counts_text or 'no trials'}>"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
