"""Writing a study down: its trials in Optuna's storage, and their files in the study's folder."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna
import yaml
from optuna.trial import FrozenTrial
from optuna.trial import TrialState as OptunaState

from autotrain.errors import StudyError
from autotrain.paths import StudyPaths
from autotrain.space import Objective
from autotrain.storage.metrics_csv import append_epoch, mend, read_epochs
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.storage.sampler_view import PAUSED
from autotrain.storage.settings import StudySettings
from autotrain.training.checkpoint import fork_checkpoint
from autotrain.trial import LAST_EPOCH, EpochRecord, TrialState, derive_seed

KEEP_WEIGHTS = 10  # of the best trials
TOTAL = "trials"  # attribute of a study: how many trials its last search was to reach
# In C, where PyYAML has it: a file is written for each trial.
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
PARENT, START = "parent", "start_epoch"  # attributes of a trial that began as a copy


@dataclass
class Entry:
    """What a session knows of a trial. `assigned` means that a worker has it now."""

    number: int
    id: int
    params: dict[str, Any]
    state: TrialState = TrialState.RUNNING
    values: tuple[float, ...] = ()
    epochs: list[EpochRecord] = field(default_factory=list)
    best_epoch: int = 0
    assigned: bool = False
    paused: bool = False
    deaths: int = 0
    granted: int = 0  # the epoch up to which a promotion has already said yes
    attrs: dict[str, Any] = field(default_factory=dict)

    @property
    def start_epoch(self) -> int:
        """The epoch of another trial that this one goes on from, 0 for none."""
        return int(self.attrs.get(START, 0))

    @property
    def last_epoch(self) -> int:
        """The last recorded epoch; before the first, that which it starts from."""
        return self.epochs[-1].epoch if self.epochs else self.start_epoch

    def add(self, record: EpochRecord, objectives: Sequence[Objective]) -> None:
        """Take an epoch; the values are those of the best epoch of the first objective."""
        self.epochs.append(record)
        values = tuple(record.metrics[objective.metric] for objective in objectives)
        sign = 1.0 if objectives[0].direction == "maximize" else -1.0
        if not self.values or sign * values[0] > sign * self.values[0]:
            self.values, self.best_epoch = values, record.epoch


class Recorder:
    """The only writer of a study.

    Args:
        threads: CPU threads of a worker, on which the last digits of a metric depend.
    """

    def __init__(
        self,
        settings: StudySettings,
        paths: StudyPaths,
        storage: StudyStorage,
        threads: int | None,
    ) -> None:
        self.settings, self.paths, self.storage, self._threads = settings, paths, storage, threads
        self.objectives = settings.space.objectives
        self.sign = 1.0 if self.objectives[0].direction == "maximize" else -1.0
        self.study = _open_study(settings, storage)
        storage.own(self.study._study_id)

    def seed(self, number: int) -> int:
        """The seed of everything random in a trial's training."""
        return training_seed(self.settings, number)

    def create(self, entry: Entry) -> None:
        """Make the folder of a proposed trial, with `config.yaml`."""
        folder = self.paths.trial(entry.number)
        folder.root.mkdir(parents=True, exist_ok=True)
        folder.config.write_text(self._config(entry), encoding="utf-8")

    def fork(self, winner: Entry, number: int, params: Mapping[str, Any]) -> None:
        """Give the trial `number` a copy of another's checkpoint."""
        target = self.paths.trial(number).checkpoint
        fork_checkpoint(
            self.paths.trial(winner.number).checkpoint, target, params, self.seed(number)
        )

    def _config(self, entry: Entry) -> str:
        """All that `autotrain train` needs to train the trial again."""
        space, data, teacher = self.settings.space, self.settings.data, self.settings.teacher
        config = {
            "study": self.settings.name,
            "trial": entry.number,
            "model": entry.params.get("model") or space.model,
            "backend": self.settings.backend,
            "data": space.to_dict().get("data"),
            "task": data.task if data else None,
            "modality": data.modality if data else None,
            "data_seed": data.seed if data else self.settings.seed,
            "fingerprint": data.fingerprint if data else None,
            "threads": self._threads,
            "epochs": self.settings.epochs,
            "seed": self.seed(entry.number),
            "objective": [{"metric": o.metric, "direction": o.direction} for o in self.objectives],
            "params": entry.params,
            **({"teacher": teacher.to_dict()} if teacher else {}),
            **{name: entry.attrs[name] for name in (PARENT, START) if name in entry.attrs},
        }
        return yaml.dump(config, Dumper=_Dumper, sort_keys=False, allow_unicode=True)

    def epoch(self, entry: Entry, record: EpochRecord) -> None:
        """Record an epoch in `metrics.csv` and, as Optuna allows it, in the storage."""
        append_epoch(self.paths.trial(entry.number).metrics, record)
        if len(self.objectives) == 1:  # Optuna refuses steps of several objectives
            value = record.metrics[self.objectives[0].metric]
            self.storage.set_trial_intermediate_value(entry.id, record.epoch, value)
        entry.add(record, self.objectives)

    def paused(self, entry: Entry, paused: bool) -> None:
        """Record that a RUNNING trial rests, or goes on."""
        entry.paused = paused
        self.storage.set_trial_user_attr(entry.id, PAUSED, paused)

    def death(self, entry: Entry) -> None:
        """Record that the trial cost a worker."""
        entry.deaths += 1
        self.storage.set_trial_user_attr(entry.id, "deaths", entry.deaths)

    def log(self, entry: Entry, text: str) -> None:
        """Append to the trial's log."""
        with self.paths.trial(entry.number).log.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")

    def tell(self, entry: Entry, state: TrialState) -> None:
        """Finish a trial for good; it needs no checkpoint any more."""
        entry.state, entry.assigned, entry.paused = state, False, False
        seconds = sum(record.seconds for record in entry.epochs)
        facts = {
            "best_epoch": entry.best_epoch,
            LAST_EPOCH: entry.last_epoch,
            "seconds": round(seconds, 3),
            **entry.attrs,
        }
        values = None if state is TrialState.FAIL else list(entry.values) or None
        with self.storage.together():
            for key, value in facts.items():
                self.storage.set_trial_user_attr(entry.id, key, value)
            self.storage.set_trial_state_values(entry.id, OptunaState[state.name], values)
        self.paths.trial(entry.number).checkpoint.unlink(missing_ok=True)

    def keep_weights(self, ranked: Sequence[Entry], last: Entry) -> None:
        """Delete the weights of the last one told, or of the one it displaces from the best."""
        numbers = {entry.number for entry in ranked[:KEEP_WEIGHTS]}
        for entry in (last, *ranked[KEEP_WEIGHTS : KEEP_WEIGHTS + 1]):
            if entry.number not in numbers:
                self.paths.trial(entry.number).weights.unlink(missing_ok=True)

    def is_proposed(self, frozen: FrozenTrial) -> bool:
        """Whether a RUNNING trial was proposed whole before its owner died."""
        return self.paths.trial(frozen.number).config.exists()

    def load(self, frozen: FrozenTrial) -> Entry:
        """A stored trial with its epochs."""
        params = self.settings.space.active(frozen.params)
        entry = Entry(frozen.number, frozen._trial_id, params, TrialState[frozen.state.name])
        entry.deaths = int(frozen.user_attrs.get("deaths", 0))
        entry.paused = bool(frozen.user_attrs.get(PAUSED)) and not entry.state.is_finished
        hidden = (PAUSED, "best_epoch", LAST_EPOCH, "deaths")
        entry.attrs = {k: v for k, v in frozen.user_attrs.items() if k not in hidden}
        entry.granted = entry.start_epoch
        metrics = self.paths.trial(frozen.number).metrics
        mend(metrics)
        for record in read_epochs(metrics):
            entry.add(record, self.objectives)
        self._store_missing(entry, frozen)
        if not entry.epochs and frozen.values:  # the folder is gone, the storage still knows
            entry.values = tuple(frozen.values)
        return entry

    def _store_missing(self, entry: Entry, frozen: FrozenTrial) -> None:
        """Store the values that the owner's death kept from following the file."""
        if entry.state.is_finished or len(self.objectives) > 1:
            return
        for record in entry.epochs:
            if record.epoch not in frozen.intermediate_values:
                value = record.metrics[self.objectives[0].metric]
                self.storage.set_trial_intermediate_value(entry.id, record.epoch, value)


def training_seed(settings: StudySettings, number: int) -> int:
    """The seed of everything random in a trial's training."""
    return derive_seed(settings.seed, "training", "common" if settings.common_seed else number)


def _open_study(settings: StudySettings, storage: StudyStorage) -> optuna.Study:
    directions: Any = [objective.direction for objective in settings.space.objectives]
    study = optuna.create_study(
        study_name=settings.name, storage=storage, directions=directions, load_if_exists=True
    )
    owner = study.user_attrs.get("autotrain")
    if owner is None and not study.get_trials(deepcopy=False):
        study.set_user_attr("autotrain", settings.id)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "experimental"; dashboards show the names
            study.set_metric_names([objective.metric for objective in settings.space.objectives])
    elif owner != settings.id:
        raise StudyError(
            f"the storage already has another study named '{settings.name}', whose folder is not "
            "here: choose another name with --study"
        )
    return study
