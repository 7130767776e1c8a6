"""Training the best few again over several seeds, before one of them is called best.

The search chose its winner among many noisy values, so the winner's is too good to be true. A mean
over new seeds is not. What is recorded lies in the study's folder `confirm`, one folder for each
trial and seed, and is resumed like a search. Nothing is written into the storage.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autotrain.files import replaced
from autotrain.paths import StudyPaths, TrialPaths
from autotrain.storage.metrics_csv import append_epoch, mend, read_epochs
from autotrain.storage.recorder import trained
from autotrain.storage.settings import StudySettings
from autotrain.training.job import Trainable
from autotrain.trial import Decision, Epoch, Trial, TrialStatus, derive_seed
from autotrain.tuner.base import Signature

MOST_SEEDS = 1000  # the most for a trial; a run's number is trial * MOST_SEEDS + seed


@dataclass(frozen=True)
class ConfirmationPaths(StudyPaths):
    """Files of the runs: `7-2` is trial 7 with the third seed."""

    @classmethod
    def of(cls, study: StudyPaths) -> ConfirmationPaths:
        """Those of a study, with checkpoints where the study has its own."""
        return cls(study.confirm, study.shared_root and study.shared_root / "confirm")

    def trial(self, number: int) -> TrialPaths:
        """Files of a run."""
        folder = f"{number // MOST_SEEDS}-{number % MOST_SEEDS}"
        return TrialPaths(self.root / folder, self.shared_root and self.shared_root / folder)

    def result(self, number: int) -> Path:
        """What a run gave, written once it has ended."""
        return self.trial(number).root / "result.json"


class Confirmation:
    """Runs of some trials over some seeds; a `Session`, so that any engine works on it.

    Args:
        paths: in the study's folder `confirm`.
        trials: what is trained again.
        seeds: how many for each.
        retries: how often a run may lose its worker.
    """

    def __init__(
        self,
        settings: StudySettings,
        paths: ConfirmationPaths,
        trainable: Trainable,
        trials: Sequence[Trial],
        seeds: int,
        retries: int = 2,
    ) -> None:
        self.settings, self.paths, self.trainable = settings, paths, trainable
        self._retries, self.is_stopping, self.train_seconds = retries, False, 0.0
        self._runs: dict[int, Trial] = {}
        for trial in trials:
            for seed in range(seeds):
                number = trial.number * MOST_SEEDS + seed
                self._runs[number] = self._loaded(Trial(number, trial.params))

    def _loaded(self, run: Trial) -> Trial:
        """With what was trained of it before."""
        files = self.paths.trial(run.number)
        files.root.mkdir(parents=True, exist_ok=True)
        mend(files.metrics)
        for record in read_epochs(files.metrics):
            run = trained(run, record, self.settings)
        result = self.paths.result(run.number)
        if not result.exists():
            return run
        error = json.loads(result.read_text("utf-8")).get("error", "")
        return run.finished(TrialStatus.FAIL if error else TrialStatus.COMPLETE, error)

    @property
    def trials(self) -> Mapping[int, Trial]:
        """All runs; the number of one is trial * MOST_SEEDS + seed."""
        return self._runs

    @property
    def total(self) -> int:
        """How many runs there are."""
        return len(self._runs)

    @property
    def is_over(self) -> bool:
        """Whether every run has ended."""
        return all(run.is_finished for run in self._runs.values())

    def request_stop(self) -> None:
        """Let running ones be checkpointed at the end of their epoch, and give out no more."""
        self.is_stopping = True

    def seed(self, number: int) -> int:
        """A seed that no trial of the search has."""
        trial, seed = divmod(number, MOST_SEEDS)
        return derive_seed(self.settings.seed, "confirm", trial, seed)

    def next_trial(
        self, known: Collection[Signature] = (), elsewhere: Collection[Signature] = ()
    ) -> Trial | None:
        """A run to train next, of a program that the worker has if there is one."""
        free = [run for run in self._runs.values() if run.is_free]
        if self.is_stopping or not free:
            return None
        signature = self.trainable.signature
        return next((run for run in free if signature(run.params) in known), free[0])

    def refused(self) -> list[Trial]:
        """None: all of them were trained before."""
        return []

    def on_assigned(self, number: int, worker: int) -> Trial:
        """A worker trains the run from now on."""
        return self._put(self._runs[number].assigned(worker))

    def report(self, number: int, record: Epoch) -> Decision:
        """Record an epoch; nobody is pruned."""
        run = self._runs[number]
        if record.epoch > run.last_epoch:
            append_epoch(self.paths.trial(number).metrics, record)
            self.train_seconds += record.metrics.get("train_seconds", record.seconds)
            self._put(trained(run, record, self.settings))
        return Decision.PAUSE if self.is_stopping else Decision.CONTINUE

    def on_completed(self, number: int) -> None:
        """The run reached its end."""
        run = self._put(self._runs[number].finished(TrialStatus.COMPLETE))
        self._write(run, values=run.values, best_epoch=run.best_epoch)

    def on_paused(self, number: int) -> None:
        """The run was checkpointed; it goes on another time."""
        self._put(self._runs[number].released())

    def on_stopped(self, number: int) -> None:
        """As `on_paused`: nobody is pruned."""
        self.on_paused(number)

    def on_failed(self, number: int, cause: str, detail: str = "") -> None:
        """The run failed by itself."""
        self._write(self._put(self._runs[number].finished(TrialStatus.FAIL, cause)), error=cause)

    def on_infeasible(self, number: int, reason: str) -> None:
        """As `on_failed`."""
        self.on_failed(number, reason)

    def on_worker_lost(self, number: int, cause: str) -> None:
        """Its worker died."""
        run = self._runs[number]
        run = self._put(replace(run.released(), losses=run.losses + 1))
        if run.losses > self._retries:
            self.on_failed(number, f"cost {run.losses} workers; the last one: {cause}")

    def flush(self) -> None:
        """Nothing waits to be stored."""

    def finish(self) -> None:
        """Nothing is left to tell."""

    def _put(self, run: Trial) -> Trial:
        self._runs[run.number] = run
        return run

    def _write(self, run: Trial, **facts: object) -> None:
        """Write down what a run gave; it needs no checkpoint and no weights any more."""
        files = self.paths.trial(run.number)
        with replaced(self.paths.result(run.number)) as aside:
            text = json.dumps({**facts, "seed": self.seed(run.number)})
            aside.write_text(f"{text}\n", "utf-8")
        files.checkpoint.unlink(missing_ok=True)
        files.weights.unlink(missing_ok=True)

    def values(self) -> dict[int, list[float]]:
        """The first objective of each trial's complete runs."""
        found: dict[int, list[float]] = {number // MOST_SEEDS: [] for number in self._runs}
        for number, run in self._runs.items():
            if run.status is TrialStatus.COMPLETE:
                found[number // MOST_SEEDS].append(run.values[0])
        return found


def recorded(root: Path) -> dict[int, list[float]]:
    """The first objective of all complete runs that lie in a study's folder `confirm`, by trial."""
    found: dict[int, list[float]] = {}
    for file in sorted(root.glob("*-*/result.json")):
        result = json.loads(file.read_text("utf-8"))
        if "values" in result:
            found.setdefault(int(file.parent.name.split("-")[0]), []).append(result["values"][0])
    return found
