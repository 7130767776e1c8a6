"""Confirming the best of a study, on workers of this machine or of a Ray cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autotrain.analysis.study import Study, load_study
from autotrain.api.measure import open_data
from autotrain.api.options import SearchOptions, checked, storage_path_of
from autotrain.api.search_run import interruptible
from autotrain.api.workplace import workplace
from autotrain.catalog.families import model_of, structure_of
from autotrain.engines.callbacks import Observer
from autotrain.engines.coordinator import Coordinator
from autotrain.engines.trainable import KerasSetup
from autotrain.errors import ConfigurationError
from autotrain.paths import Workspace
from autotrain.reports.units import number
from autotrain.storage.lock import own
from autotrain.storage.recorder import Entry
from autotrain.trial import Params, TrialState
from autotrain.tuner.confirmation import MOST_SEEDS, Confirmation, ConfirmationPaths


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
    observer: Observer | None = None,
    **options: Any,
) -> bool:
    """Train the best `count` complete trials of a study again, each over `seeds` seeds.

    What was done before is kept, so it goes on where it was interrupted, on whichever engine.

    Args:
        observer: hears of each run; the number of an entry is trial * MOST_SEEDS + seed.
        **options: fields of `SearchOptions` that say where the study is and where workers run:
            `storage`, `engine`, `workers`, `gpus`, and those of Ray.

    Returns:
        Whether all runs have ended; False after Ctrl-C.

    Raises:
        ConfigurationError: there is nothing to confirm, or the study is a function's.
    """
    if count < 1 or not 2 <= seeds < MOST_SEEDS:
        raise ConfigurationError(
            f"--confirm is at least 1 and --seeds from 2 to {MOST_SEEDS - 1}, got {count} and {seeds}"
        )
    study = load_study(name, runs, options.get("storage"))
    settings, workspace = study.settings, Workspace(Path(runs))
    trials = [t for t in study.complete_trials() if "parent" not in t.attrs][:count]
    if settings.data is None or not trials:
        why = "is searched with a function" if settings.data is None else "has no complete trial"
        raise ConfigurationError(f"nothing to confirm: the study '{name}' {why}")
    chosen = checked(SearchOptions(runs=runs, backend=settings.backend, **options))
    if chosen.workers == 0:
        raise ConfigurationError("--workers of --confirm is a whole number of at least 1, got 0")

    def structure(params: Params) -> Any:
        return structure_of(model_of(settings.space, params), params)

    shared = storage_path_of(chosen, workspace, settings.name)
    paths = ConfirmationPaths.of(workspace.study(settings.name, shared))
    with own(settings.name, study.paths.lock, study.storage_url):
        session = Confirmation(settings, paths, trials, seeds, structure)
        if not session.is_over:
            _run(session, study, chosen, observer or Observer())
    return session.is_over


def _run(session: Confirmation, study: Study, options: SearchOptions, observer: Observer) -> None:
    with workplace(options, len(session.entries), keras=True) as (slots, launcher):
        folder, info = open_data(study, Workspace(Path(options.runs)))
        teacher = study.paths.teacher.resolve() if study.settings.teacher else None
        setup = KerasSetup(folder, info, resident_mb=slots[0].resident_mb, teacher=teacher)
        engine = Coordinator(session, slots, setup, launcher, observer)
        with interruptible(engine, observer):
            at_once = True
            try:
                engine.run()
                at_once = False
            finally:
                engine.close(at_once)
