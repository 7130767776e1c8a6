"""Confirming the best of a study on workers of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autotrain.api.ranking import open_data
from autotrain.api.running import interruptible
from autotrain.engines.coordinator import Coordinator
from autotrain.engines.local.process import LocalWorkers, warm_workers
from autotrain.engines.observer import Observer
from autotrain.engines.runners import KerasSetup
from autotrain.engines.slots import plan_slots
from autotrain.errors import ConfigurationError
from autotrain.paths import Workspace
from autotrain.results.study import load_study
from autotrain.results.text import number
from autotrain.study.confirming import MOST_SEEDS, Confirmation
from autotrain.study.lock import own
from autotrain.study.recorder import Entry
from autotrain.training.families import model_of, structure_of
from autotrain.trial import Params, TrialState


class Lines(Observer):
    """One line for each run that ends."""

    def __init__(self, write: Any) -> None:
        self._write = write

    def ended(self, entry: Entry) -> None:
        """A run ended, or is put aside."""
        trial, seed = divmod(entry.number, MOST_SEEDS)
        if entry.state is TrialState.COMPLETE:
            self._write(f"trial {trial}, seed {seed + 1}: {number(entry.values[0])}")
        elif entry.state is TrialState.FAIL:
            self._write(f"trial {trial}, seed {seed + 1}: failed")

    def note(self, text: str) -> None:
        """Something a user should know."""
        self._write(text)


def confirm(
    name: str,
    count: int,
    seeds: int,
    runs: str | Path = "runs",
    storage: str | None = None,
    workers: int | None = None,
    gpus: str = "all",
    observer: Observer | None = None,
) -> bool:
    """Train the best `count` complete trials of a study again, each over `seeds` seeds.

    What was done before is kept, so it goes on where it was interrupted.

    Returns:
        Whether all runs have ended; False after Ctrl-C.

    Raises:
        ConfigurationError: there is nothing to confirm, or the study is a function's.
    """
    if count < 1 or not 2 <= seeds < MOST_SEEDS:
        raise ConfigurationError(
            f"--confirm is at least 1 and --seeds from 2 to {MOST_SEEDS - 1}, got {count} and {seeds}"
        )
    study, workspace = load_study(name, runs, storage), Workspace(Path(runs))
    settings = study.settings
    trials = [t for t in study.complete_trials() if "parent" not in t.attrs][:count]
    if settings.data is None or not trials:
        why = "is searched with a function" if settings.data is None else "has no complete trial"
        raise ConfigurationError(f"nothing to confirm: the study '{name}' {why}")
    watcher = observer or Observer()

    def structure(params: Params) -> Any:
        return structure_of(model_of(settings.space, params), params)

    with own(settings.name, study.paths.lock, study.storage_url):
        session = Confirmation(settings, study.paths.confirm, trials, seeds, structure)
        if session.is_over:
            return True
        slots = plan_slots(gpus, 1, workers, count * seeds)
        with warm_workers(slots, settings.backend) as warm:
            folder, info = open_data(study, workspace)
            teacher = study.paths.teacher.resolve() if settings.teacher else None
            setup = KerasSetup(folder, info, resident_mb=slots[0].resident_mb, teacher=teacher)
            launcher = LocalWorkers(settings.backend, "keras", warm)
            engine = Coordinator(session, slots, setup, launcher, watcher)
            with interruptible(engine, watcher):
                at_once = True
                try:
                    engine.run()
                    at_once = False
                finally:
                    engine.close(at_once)
    return session.is_over
