"""Writing a study's report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autotrain.analysis.baselines import baselines as reached_by_baselines
from autotrain.analysis.baselines import references as reached_by_references
from autotrain.analysis.measurements import predictions_of
from autotrain.analysis.stored_study import StoredStudy
from autotrain.api.measure import measured_best, open_data
from autotrain.data import data_folder, modality_named, open_arrays
from autotrain.errors import ConfigurationError
from autotrain.files import read_json, replaced, write_json
from autotrain.reports.report import Material, report
from autotrain.tasks import task_named

_SAMPLES = 24


def write_report(
    study: StoredStudy, out: Path | None = None, gpus: str = "all", baselines: bool = False
) -> Path:
    """Write one self-contained HTML file about a study.

    Args:
        out: the file; by default `report.html` in the study's folder.
        gpus: where the best model is measured, if it was not yet.
        baselines: fit scikit-learn's models on the same split first, and show what they reach.

    Raises:
        ConfigurationError: the study has no data to compare on, or the file cannot be written.
    """
    if baselines:
        folder, info = open_data(study)
        wanted = [objective.name for objective in study.settings.space.objectives]
        write_json(study.paths.baselines, reached_by_baselines(info, open_arrays(folder), wanted))
    target = out or study.paths.report
    page = report(study, _material(study, gpus))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replaced(target) as aside:
            aside.write_text(page, "utf-8")
    except OSError as error:
        raise ConfigurationError(f"the report {target} cannot be written: {error}") from None
    return target


def _material(study: StoredStudy, gpus: str) -> Material:
    info = study.settings.data
    if info is None:
        return Material()
    best = measured_best(study, gpus)
    folder = data_folder(study.workspace.data, info.fingerprint)
    if not folder.exists():
        return Material()
    arrays = open_arrays(folder)
    modality = modality_named(info.modality)
    labels, samples = {}, []
    names = list(info.class_names)
    if task_named(info.task).exclusive:
        labels = {
            "train": np.asarray(arrays.y_train),
            "validation": np.asarray(arrays.y_validation),
        }
        rows = np.random.default_rng(0).choice(
            len(arrays.y_train), min(_SAMPLES, len(arrays.y_train)), replace=False
        )
        drawn = ((modality.picture(np.asarray(arrays.x_train[i])), i) for i in rows)
        samples = [
            (pixels, str(names[int(arrays.y_train[i])]))
            for pixels, i in drawn
            if pixels is not None
        ]
    baselines = read_json(study.paths.baselines)
    references = reached_by_references(info, folder, arrays)
    if references:
        models = {**references, **baselines.get("models", {})}
        baselines = {**baselines, "models": models}
    return Material(
        predictions_of(study, best),
        dict(best.facts) if best is not None else {},
        arrays.x_validation,
        samples,
        labels,
        lambda rows: modality.readable(info, folder, rows),
        modality.picture,
        baselines,
    )
