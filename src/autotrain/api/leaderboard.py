"""The leaderboard's entries, measured where they are not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autotrain.analysis.leaderboard import Leaderboard, Measured, leaderboard
from autotrain.analysis.measurements import measured
from autotrain.analysis.study import Study, load_study, study_names
from autotrain.api.export_members import Choice, chosen
from autotrain.api.measure import measure
from autotrain.errors import ConfigurationError
from autotrain.paths import Workspace
from autotrain.trial import Trial


def rank(
    names: Sequence[str] = (),
    runs: str | Path = "runs",
    storage: str | None = None,
    test: bool = False,
    top: int = 10,
    gpus: str = "all",
    ensemble: int | None = None,
) -> Leaderboard:
    """The best complete trials of one study, or the best one of each of several.

    What is not known of a model yet is measured in a worker process, and kept in the trial's folder.

    Args:
        names: studies; all of the workspace by default.
        test: also on the locked test part, which is done once for a trial and written down with
            its date in the study's `test.json`.
        top: how many trials of a single study.
        ensemble: with an entry for the mean of at most so many trials of each study.

    Raises:
        ConfigurationError: there is nothing to rank, or it cannot be ranked together.
    """
    found = list(names) or study_names(runs)
    studies = [load_study(name, runs, storage) for name in found]
    picked = [(study, trial) for study in studies
              for trial in study.complete_trials()[: top if len(studies) == 1 else 1]]  # fmt: skip
    if not picked:
        raise ConfigurationError(
            f"no complete trial in {', '.join(found) or f'any study of {runs}'}: search first"
        )
    entries = []
    for study in studies:
        mine = [trial for owner, trial in picked if owner is study]
        measure(study, mine, Workspace(Path(runs)), test, gpus)
        known = measured(study, mine, test)
        entries += [(study, trial, what) for trial, what in zip(mine, known, strict=True)]
        if ensemble is not None:
            entries.append(_ensemble(study, Workspace(Path(runs)), ensemble, gpus))
    return leaderboard(entries, test)


def _ensemble(
    study: Study, workspace: Workspace, most: int, gpus: str
) -> tuple[Study, Trial, Measured]:
    """An entry for the mean of some trials: together they cost what each of them costs."""
    choice = chosen(study, workspace, None, most, gpus)
    trials = [trial for trial, _ in choice.members]
    parts = [what.facts for what in measured(study, trials, test=False)]
    outcome = choice.outcome
    name = study.settings.space.objectives[0].metric.removeprefix("val_")
    values = outcome.task.evaluate(outcome.outputs, outcome.targets, [name])
    value = values.get(name, trials[0].values[0])
    facts = {key: sum(part[key] for part in parts) for key in ("parameters", "bytes", "flops")
             if all(part.get(key) is not None for part in parts)}  # fmt: skip
    entry = replace(
        max(trials, key=lambda trial: trial.number), values=(value, *trials[0].values[1:]),
        seconds=sum(trial.seconds for trial in trials),
    )  # fmt: skip
    known = Measured(facts, {}, (), outcome.outputs, outcome.targets, label=label_of(choice))
    return study, entry, known


def label_of(choice: Choice) -> str:
    """The trials of an ensemble, as `7+2+11`."""
    return "+".join(str(trial.number) for trial, _ in choice.members)
