"""How good an exported model is on labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from autotrain.analysis.measurements import Predictions
from autotrain.api.predict import clear, read
from autotrain.data import Dataset, load_source, modality_named
from autotrain.data.frames import is_frame
from autotrain.data.table_columns import target_column
from autotrain.errors import ConfigurationError, DataError
from autotrain.export.bundle import opened
from autotrain.export.seen import share_seen
from autotrain.reports.evaluation_report import Evaluation
from autotrain.serving import output
from autotrain.serving import predict as script
from autotrain.serving.input_file import parts_of
from autotrain.serving.predict import Model
from autotrain.serving.table_reader import is_table
from autotrain.serving.typed_tables import is_typed
from autotrain.tasks import task_named

if TYPE_CHECKING:
    import pandas as pd


def evaluate(
    model: str | Path,
    data: str | Path | pd.DataFrame | Any,
    target: str | Sequence[str] | None = None,
    *,
    trust: bool = False,
) -> Evaluation:
    """How good an exported model is on labelled data that it has not seen.

    Args:
        model: the folder of an exported model, or an archive of it.
        data: as for a search, by path or as a frame; all parts of it are used.
        target: of a table, the column with the truth; by default what the model was trained on.
        trust: use a model that was not exported here, by you.

    Raises:
        ConfigurationError, DataError: the model or the data cannot be used; a class that the model
            does not know is named.
    """
    with opened(Path(model), trust) as found, clear():
        if is_frame(data) or (isinstance(data, (str, Path)) and _is_table(Path(data))):
            return _of_table(found, data, target)
        return _of_source(found, str(data), target)


def _is_table(path: Path) -> bool:
    parts = parts_of(path.expanduser())
    return all(part.is_file() and (is_table(part) or is_typed(part)) for part in parts)


def _of_table(model: Model, data: Any, target: str | Sequence[str] | None) -> Evaluation:
    """By the rows that `predict` answers, each with what is written in the target's column."""
    where = str(data) if isinstance(data, (str, Path)) else "the frame"
    table = model.inputs.get("table")
    names = _names(target, model)
    if model.modality not in ("tabular", "text"):
        raise DataError(f"{where} is tabular data, and the model reads {model.modality} data")
    if not names:
        raise ConfigurationError("the column with the truth must be named with --target")
    source = Path(data).expanduser() if isinstance(data, (str, Path)) else data
    outputs, truth, problems, seen = [], [], [], []
    for (labels, batch, wrong), more in read(model, source, names):
        outputs.append(model.predict(batch))
        truth.append([more[name] for name in names])
        problems += [(label, problem) for label, problem in zip(labels, wrong, strict=True)]
        seen.append(model.encoder.numbers(batch))
    if not problems:
        raise DataError(f"{where}: there are no examples")
    forms = table.get("forms", {}) if table else {}
    columns = {
        name: target_column([cell for part in truth for cell in part[i]], forms.get(name))
        for i, name in enumerate(names)
    }
    task = task_named(model.task)
    labelled, targets = task.truth(where, columns, model.classes)
    good = np.array([not problem for _, problem in problems])
    kept = labelled & good
    if not kept.any():
        raise DataError(f"{where}: no example has both a target and an answer; {_first(problems)}")
    answers = np.concatenate(outputs)[kept]
    notes = _notes(problems, labelled, good)
    notes += share_seen(model, np.concatenate(seen)[kept])
    predictions = Predictions(task, task.logits(answers), targets[kept[labelled]], model.classes)
    return Evaluation(f"{model.card['search']['study']} on {where}", predictions, tuple(notes))


def _names(target: str | Sequence[str] | None, model: Model) -> list[str]:
    """The columns with the truth; those of training where none is said."""
    table = model.inputs.get("table")
    known = list(table["targets"]) if table else []
    if target is None:
        return known
    if isinstance(target, str):
        return target.split(",") if len(known) > 1 else [target]
    return [str(name) for name in target]


def _notes(
    problems: Sequence[tuple[str, str]], labelled: np.ndarray, good: np.ndarray
) -> list[str]:
    notes = []
    if not labelled.all():
        notes.append(f"{int((~labelled).sum()):,} examples without a target are left out")
    if not good.all():
        notes.append(
            f"{int((~good).sum()):,} examples with a problem are left out: {_first(problems)}"
        )
    return notes


def _first(problems: Sequence[tuple[str, str]]) -> str:
    return next((f"example {label}: {problem}" for label, problem in problems if problem), "")


def _of_source(model: Model, data: str, target: str | Sequence[str] | None) -> Evaluation:
    """By what a search would load."""
    modality, task = modality_named(model.modality), task_named(model.task)
    if target is not None and not isinstance(target, str):
        target = ",".join(target)
    with TemporaryDirectory(prefix="autotrain-") as name:
        spec = modality.labelled(data, target, model.inputs["shape"])
        dataset = load_source(spec, task.name, modality.name)
        if dataset.modality != modality.name:
            raise DataError(
                f"{data} is {dataset.modality} data, and the model reads {modality.name} data"
            )
        x = np.concatenate(list(dataset.x.values()))
        examples = modality.to_raw(Path(name), dataset, dataset.vocabulary, x)
        answered = output.answered(model, script.read_with(model.inputs, examples, ()))
        outputs = np.concatenate([some for _, some, _, _ in answered])
    targets = _targets(model, dataset)
    bad = np.isnan(outputs).any(axis=1)
    if bad.any():
        raise DataError(
            f"{data}: {int(bad.sum())} examples cannot be read; `autotrain predict` names them"
        )
    title = f"{model.card['search']['study']} on {data}"
    return Evaluation(title, Predictions(task, task.logits(outputs), targets, model.classes))


def _targets(model: Model, dataset: Dataset) -> np.ndarray:
    """The truth in the order of the model's classes."""
    y, task = np.concatenate(list(dataset.y.values())), task_named(model.task)
    names = [str(name) for name in dataset.class_names]
    if task.has_classes:
        unknown = [name for name in names if name not in model.classes]
        if unknown:
            raise DataError(
                f"the model does not know the class {unknown[0]!r}; it has "
                f"{', '.join(model.classes)}"
            )
        places = np.array([model.classes.index(name) for name in names])
    else:
        places = np.arange(len(names))
    return task.ordered(y, places, len(model.classes))
