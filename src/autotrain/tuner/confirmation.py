"""Training the best few again over several seeds, before one of them is called best.

The search chose its winner among many noisy values, so the winner's is too good to be true. A mean
over new seeds is not. This is a session like that of a search, on which any engine works: it has
entries, is asked and told; what it records lies in the study's folder `confirm`, one folder for
each trial and seed, and is resumed like a search. It writes nothing into the storage.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autotrain.files import replaced
from autotrain.paths import StudyPaths, TrialPaths
from autotrain.storage.metrics_csv import append_epoch, mend, read_epochs
from autotrain.storage.recorder import Entry
from autotrain.storage.settings import StudySettings
from autotrain.trial import EpochRecord, Params, Trial, TrialState, Verdict, derive_seed

MOST_SEEDS = 1000  # the most for a trial; a run's number is trial * MOST_SEEDS + seed


@dataclass(frozen=True)
class ConfirmationPaths(StudyPaths):
    """Files of the runs: `7-2` is trial 7 with the third seed."""

    @classmethod
    def of(cls, study: StudyPaths) -> ConfirmationPaths:
        """Those of a study, with checkpoints where the study has its own."""
        return cls(study.confirm, study.kept and study.kept / "confirm")

    def trial(self, number: int) -> TrialPaths:
        """Files of a run."""
        folder = f"{number // MOST_SEEDS}-{number % MOST_SEEDS}"
        return TrialPaths(self.root / folder, self.kept and self.kept / folder)

    def result(self, number: int) -> Path:
        """What a run gave, written once it has ended."""
        return self.trial(number).root / "result.json"


@dataclass
class Confirmation:
    """Runs of some trials over some seeds; see `StudySession`, whose place it takes.

    Args:
        paths: in the study's folder `confirm`.
        structure: from a configuration to the key of its compiled program.
        retries: how often a run may lose its worker.
    """

    settings: StudySettings
    paths: ConfirmationPaths
    trials: Sequence[Trial]
    seeds: int
    structure: Callable[[Params], Any]
    retries: int = 2
    draining: bool = False
    train_seconds: float = 0.0
    on_refusal: Callable[[Entry], None] = lambda entry: None
    entries: dict[int, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.objectives = self.settings.space.objectives
        for trial in self.trials:
            for seed in range(self.seeds):
                entry = Entry(trial.number * MOST_SEEDS + seed, -1, dict(trial.params))
                self.entries[entry.number] = entry
                self._load(entry)

    def _load(self, entry: Entry) -> None:
        files = self.paths.trial(entry.number)
        files.root.mkdir(parents=True, exist_ok=True)
        mend(files.metrics)
        for record in read_epochs(files.metrics):
            entry.add(record, self.objectives)
        if self.paths.result(entry.number).exists():
            failed = "error" in json.loads(self.paths.result(entry.number).read_text("utf-8"))
            entry.state = TrialState.FAIL if failed else TrialState.COMPLETE

    def seed(self, number: int) -> int:
        """A seed that no trial of the search has."""
        trial, seed = divmod(number, MOST_SEEDS)
        return derive_seed(self.settings.seed, "confirm", trial, seed)

    def next_trial(self, known: Iterable[Any] = (), elsewhere: Iterable[Any] = ()) -> Entry | None:
        """A run to train next, of a structure that the worker knows if there is one."""
        waiting = [e for e in self.entries.values()
                   if e.state is TrialState.RUNNING and not e.assigned]  # fmt: skip
        if self.draining or not waiting:
            return None
        keys = list(known)
        entry = next((e for e in waiting if self.structure(e.params) in keys), waiting[0])
        entry.assigned = True
        return entry

    def report(self, number: int, record: EpochRecord) -> Verdict:
        """Record an epoch; nobody is pruned."""
        entry = self.entries[number]
        if record.epoch > entry.last_epoch:
            append_epoch(self.paths.trial(number).metrics, record)
            self.train_seconds += record.metrics.get("train_seconds", record.seconds)
            entry.add(record, self.objectives)
        return Verdict.PAUSE if self.draining else Verdict.CONTINUE

    def completed(self, number: int) -> None:
        """The run reached its end."""
        entry = self.entries[number]
        self._end(entry, TrialState.COMPLETE, values=entry.values, best_epoch=entry.best_epoch)

    def paused(self, number: int) -> None:
        """The run was checkpointed; it goes on another time."""
        self.entries[number].assigned = False

    stopped = released = paused

    def failed(self, number: int, cause: str, detail: str = "") -> None:
        """The run failed by itself."""
        self._end(self.entries[number], TrialState.FAIL, error=cause)

    infeasible = failed

    def lost(self, number: int, cause: str) -> None:
        """Its worker died."""
        entry = self.entries[number]
        entry.assigned, entry.deaths = False, entry.deaths + 1
        if entry.deaths > self.retries:
            self.failed(number, f"cost {entry.deaths} workers; the last one: {cause}")

    def _end(self, entry: Entry, state: TrialState, **facts: Any) -> None:
        entry.state, entry.assigned = state, False
        path, files = self.paths.result(entry.number), self.paths.trial(entry.number)
        with replaced(path) as aside:
            text = json.dumps({**facts, "seed": self.seed(entry.number)})
            aside.write_text(f"{text}\n", "utf-8")
        files.checkpoint.unlink(missing_ok=True)
        files.weights.unlink(missing_ok=True)

    @property
    def is_over(self) -> bool:
        """Whether every run has ended."""
        return all(entry.state.is_finished for entry in self.entries.values())

    def flush(self) -> None:
        """Nothing waits to be stored."""

    def finish(self) -> None:
        """Nothing is left to tell."""

    def values(self) -> dict[int, list[float]]:
        """The first objective of each trial's complete runs."""
        found: dict[int, list[float]] = {trial.number: [] for trial in self.trials}
        for number, entry in self.entries.items():
            if entry.state is TrialState.COMPLETE:
                found[number // MOST_SEEDS].append(entry.values[0])
        return found


def recorded(root: Path) -> dict[int, list[float]]:
    """The first objective of all complete runs that lie in a study's folder `confirm`, by trial."""
    found: dict[int, list[float]] = {}
    for file in sorted(root.glob("*-*/result.json")):
        result = json.loads(file.read_text("utf-8"))
        if "values" in result:
            found.setdefault(int(file.parent.name.split("-")[0]), []).append(result["values"][0])
    return found
