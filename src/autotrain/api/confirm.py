"""Confirming the best of a study, on workers of this machine or of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autotrain.analysis.stored_study import StoredStudy
from autotrain.api.interruption import interruptible
from autotrain.api.measure import open_data
from autotrain.api.options import SearchOptions, checked, engine_options, storage_path_of
from autotrain.engines import ENGINES
from autotrain.engines.callbacks import Callback
from autotrain.engines.keras_trainable import KerasTrainable
from autotrain.errors import ConfigurationError
from autotrain.reports.units import number
from autotrain.storage.lock import study_lock
from autotrain.trial import Trial, TrialStatus
from autotrain.tuner.confirmation import MOST_SEEDS, Confirmation, ConfirmationPaths


class Lines(Callback):
    """One line for each run that ends."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def on_trial_end(self, trial: Trial) -> None:
        """A run ended, or is put aside."""
        confirmed, seed = divmod(trial.number, MOST_SEEDS)
        if trial.status is TrialStatus.COMPLETE:
            self._write(f"trial {confirmed}, seed {seed + 1}: {number(trial.values[0])}")
        elif trial.status is TrialStatus.FAIL:
            self._write(f"trial {confirmed}, seed {seed + 1}: failed")

    def on_note(self, text: str) -> None:
        """Something a user should know."""
        self._write(text)


def confirm(
    study: StoredStudy,
    count: int,
    seeds: int,
    callback: Callback | None = None,
    **options: Any,
) -> bool:
    """Train the best `count` complete trials of a study again, each over `seeds` seeds.

    What was done before is kept, so it goes on where it was interrupted, on whichever engine.

    Args:
        callback: told of each run; the number of one is trial * MOST_SEEDS + seed.
        **options: fields of `SearchOptions` that say where workers run: `engine`, `workers`, `gpus`,
            and those of Ray.

    Returns:
        Whether all runs have ended; False after Ctrl-C.

    Raises:
        ConfigurationError: there is nothing to confirm, or the study is a function's.
    """
    if count < 1 or not 2 <= seeds < MOST_SEEDS:
        raise ConfigurationError(
            f"--confirm must be at least 1 and --seeds from 2 to {MOST_SEEDS - 1}, "
            f"got {count} and {seeds}"
        )
    settings, workspace = study.settings, study.workspace
    trials = [t for t in study.complete_trials() if t.parent is None][:count]
    if settings.data is None or not trials:
        why = "is searched with a function" if settings.data is None else "has no complete trial"
        raise ConfigurationError(f"nothing to confirm: the study '{study.name}' {why}")
    chosen = checked(SearchOptions(backend=settings.backend, **options))
    if chosen.workers == 0:
        raise ConfigurationError(
            "--workers of --confirm must be a whole number of at least 1, got 0"
        )

    shared = storage_path_of(chosen, workspace, settings.name)
    paths = ConfirmationPaths.of(workspace.study(settings.name, shared))
    with study_lock(settings.name, study.paths.lock, study.storage_url):
        return _run(study, chosen, paths, trials, seeds, callback or Callback())


def _run(
    study: StoredStudy,
    options: SearchOptions,
    paths: ConfirmationPaths,
    trials: Sequence[Trial],
    seeds: int,
    callback: Callback,
) -> bool:
    """Train what is left to train; whether that was all."""
    data = open_data(study)
    trainable = KerasTrainable.of(study.settings, data, study.paths.teacher)
    session = Confirmation(study.settings, paths, trainable, trials, seeds)
    if session.is_over:
        return True
    wanted = engine_options(options, len(session.trials), keras=True)
    with ENGINES.get(options.engine)(wanted, options.hang_timeout) as engine:
        session.trainable = replace(trainable, resident_mb=engine.slots[0].resident_mb)
        with interruptible(engine, callback):
            at_once = True
            try:
                engine.run(session, callback)
                at_once = False
            finally:
                engine.close(at_once)
    return session.is_over
