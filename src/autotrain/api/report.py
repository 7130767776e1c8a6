"""Writing a study's report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autotrain.analysis.baselines import baselines
from autotrain.analysis.measurements import outcome_of, read_facts
from autotrain.analysis.study import Study, load_study, write_facts
from autotrain.api.measure import measured_best, open_data
from autotrain.data import data_folder, modality_named, open_arrays
from autotrain.errors import ConfigurationError
from autotrain.files import replaced
from autotrain.paths import Workspace
from autotrain.reports.report import Material, report
from autotrain.tasks import task_named

_SAMPLES = 24


def write_report(
    name: str,
    runs: str | Path = "runs",
    storage: str | None = None,
    out: Path | None = None,
    gpus: str = "all",
    compare: bool = False,
) -> Path:
    """Write one self-contained HTML file about a study.

    Args:
        out: the file; by default `report.html` in the study's folder.
        compare: fit scikit-learn's models on the same split first, and show what they reach.

    Raises:
        StudyError, ConfigurationError: there is no such study, or the file cannot be written.
    """
    study, workspace = load_study(name, runs, storage), Workspace(Path(runs))
    if compare:
        if study.settings.data is None:
            raise ConfigurationError(
                f"--baselines: the study '{name}' is a function's, without data"
            )
        folder, info = open_data(study, workspace)
        write_facts(study.paths.baselines, baselines(info, open_arrays(folder)))
    return report_of(study, workspace, out, gpus)


def report_of(
    study: Study, workspace: Workspace, out: Path | None = None, gpus: str = "all"
) -> Path:
    """Write the report of a study that is open already."""
    target = out or study.paths.report
    page = report(study, _material(study, workspace, gpus))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replaced(target) as aside:
            aside.write_text(page, "utf-8")
    except OSError as error:
        raise ConfigurationError(f"the report {target} cannot be written: {error}") from None
    return target


def _material(study: Study, workspace: Workspace, gpus: str) -> Material:
    info = study.settings.data
    if info is None:
        return Material()
    best = measured_best(study, workspace, gpus)
    folder = data_folder(workspace.data, info.fingerprint)
    if not folder.exists():
        return Material()
    arrays = open_arrays(folder)
    images = info.modality == "image"
    labels, samples = {}, []
    names = list(info.class_names)
    if task_named(info.task).exclusive:
        labels = {
            "train": np.asarray(arrays.y_train),
            "validation": np.asarray(arrays.y_validation),
        }
        if images:
            rows = np.random.default_rng(0).choice(
                len(arrays.y_train), min(_SAMPLES, len(arrays.y_train)), replace=False
            )
            samples = [
                (np.asarray(arrays.x_train[i]), str(names[int(arrays.y_train[i])])) for i in rows
            ]
    return Material(
        outcome_of(study, best),
        dict(best.facts) if best is not None else {},
        arrays.x_validation,
        samples,
        labels,
        lambda rows: modality_named(info.modality).readable(info, folder, rows),
        read_facts(study.paths.baselines),
    )
