"""The leaderboard's entries, measured where they are not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autotrain.analysis.leaderboard import Leaderboard, Measured, rank
from autotrain.analysis.measurements import measured
from autotrain.analysis.stored_study import StoredStudy
from autotrain.analysis.workspace import found_studies, found_study
from autotrain.api.export_members import ModelSelection, selected
from autotrain.api.measure import measure
from autotrain.errors import ConfigurationError
from autotrain.trial import Trial


def leaderboard(
    studies: str | Sequence[str] = (),
    runs: str | Path = "runs",
    *,
    storage: str | None = None,
    test: bool = False,
    top: int = 10,
    ensemble: int | None = None,
    gpus: str = "all",
) -> Leaderboard:
    """The best complete trials of one study, or the best one of each of several.

    What is not known of a model yet is measured in a worker process, and kept in the trial's folder.
    A study that was damaged or half removed is named in the notes, and the others are ranked.

    Args:
        studies: names; all of the workspace by default.
        storage: the database, where it is another one than the studies' own.
        test: also on the locked test part, which is done once for a trial and written down with
            its date in the study's `test.json`.
        top: how many trials of a single study.
        ensemble: with an entry for the mean of at most so many trials of each study.
        gpus: where models are measured: `all`, `none` or ids such as `0,1`.

    Raises:
        StudyError: there is no study of a name.
        ConfigurationError: there is nothing to rank, or it cannot be ranked together.
    """
    names = [studies] if isinstance(studies, str) else list(studies)
    picked = [found_study(name, runs, storage) for name in names] or found_studies(runs, storage)
    notes = [
        f"left out: the study '{found.name}': {found.problem}" for found in picked if found.problem
    ]
    whole = [found.study for found in picked if found.study is not None]
    try:
        board = ranked(whole, test=test, top=top, ensemble=ensemble, gpus=gpus, workspace=runs)
    except ConfigurationError as error:
        raise ConfigurationError("\n".join([str(error), *notes])) from None
    return replace(board, notes=(*board.notes, *notes))


def ranked(
    studies: Sequence[StoredStudy],
    *,
    test: bool = False,
    top: int = 10,
    ensemble: int | None = None,
    gpus: str = "all",
    workspace: str | Path = "the workspace",
) -> Leaderboard:
    """The leaderboard of studies that are open; see `leaderboard`."""
    picked = [(study, study.complete_trials()[: top if len(studies) == 1 else 1])
              for study in studies]  # fmt: skip
    if not any(trials for _, trials in picked):
        names = ", ".join(study.name for study in studies) or f"any study of {workspace}"
        raise ConfigurationError(f"no complete trial in {names}: search first")
    entries = []
    for study, trials in picked:
        measure(study, trials, test, gpus)
        known = measured(study, trials, test)
        entries += [(study, trial, what) for trial, what in zip(trials, known, strict=True)]
        if ensemble is not None:
            entries.append(_ensemble(study, ensemble, gpus))
    return rank(entries, test)


def _ensemble(study: StoredStudy, most: int, gpus: str) -> tuple[StoredStudy, Trial, Measured]:
    """An entry for the mean of some trials: together they cost what each of them costs."""
    selection = selected(study, None, most, gpus)
    trials = [trial for trial, _ in selection.members]
    parts = [what.facts for what in measured(study, trials, test=False)]
    found = selection.predictions
    name = study.objective.name
    values = found.task.evaluate(found.outputs, found.targets, [name])
    value = values.get(name, trials[0].values[0])
    facts = {key: sum(part[key] for part in parts) for key in ("parameters", "bytes", "flops")
             if all(part.get(key) is not None for part in parts)}  # fmt: skip
    entry = replace(
        max(trials, key=lambda trial: trial.number), values=(value, *trials[0].values[1:]),
        seconds=sum(trial.seconds for trial in trials),
    )  # fmt: skip
    known = Measured(facts, {}, (), found.outputs, found.targets, label=label_of(selection))
    return study, entry, known


def label_of(selection: ModelSelection) -> str:
    """The trials of an ensemble, as `7+2+11`."""
    return "+".join(str(trial.number) for trial, _ in selection.members)
