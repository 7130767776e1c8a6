"""Using an exported model: predicting, evaluating, and comparing new data with its training data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from autotrain.analysis.measurements import Predictions
from autotrain.data import Dataset, load_source, modality_named
from autotrain.errors import ConfigurationError, DataError
from autotrain.export.bundle import opened, task_of
from autotrain.export.drift import Drift, compare
from autotrain.reports.evaluation_report import Evaluation
from autotrain.serving import predict as script
from autotrain.serving.input_file import InputError
from autotrain.serving.predict import Model
from autotrain.serving.row_reader import columns_of
from autotrain.tasks import Task, task_named

if TYPE_CHECKING:
    import pandas as pd

Tick: TypeAlias = Callable[[int], None]
NewData: TypeAlias = "str | Path | pd.DataFrame | np.ndarray | Sequence[str]"


@contextmanager
def _clear() -> Iterator[None]:
    """Within, what is wrong with a model or an input is one of our errors."""
    try:
        yield
    except InputError as error:
        raise DataError(str(error)) from None


def predict(
    model: str | Path, data: NewData, out: str | Path | None = None, *, trust: bool = False
) -> pd.DataFrame:
    """The answers of an exported model, a row for each example.

    Args:
        model: the folder of an exported model, or an archive of it.
        data: an image, a folder of images, a table, a text file, or arrays, by path; or a frame of
            rows, prepared arrays [n, ...], or texts.
        out: also write them to a CSV file, or all probabilities to `.npz`.
        trust: use a model that was not exported here, by you.

    Returns:
        The columns `example`, then `class` and `probability` (or `labels` and a probability for each
        label, or the numbers), then `problem`: why an example has no answer; empty where it has one.
        It has the index of a frame that was given; a forecast is one row, named after the last time.

    Raises:
        ConfigurationError, DataError: the model or the data cannot be used.
    """
    import pandas as pd

    with opened(Path(model), trust) as found, _clear(), _as_file(data, found) as source:
        if out is not None:
            _write(found, source, Path(out))
        rows = []
        for names, outputs, problems in script.answered(found, source):
            for name, row, problem in zip(names, outputs, problems, strict=True):
                empty = [None] * (len(script.header(found)) - 2)
                values = empty if problem else found.answer.values(found.classes, row)
                rows.append([name, *values, problem])
        frame = pd.DataFrame(rows, columns=script.header(found))
        of_rows = "series" not in found.inputs
    if of_rows and isinstance(data, pd.DataFrame):
        return frame.set_axis(data.index)
    return frame


def write_predictions(
    model: Path,
    source: Path,
    out: Path | None,
    trust: bool = False,
    tick: Tick = lambda count: None,
) -> None:
    """Write a line for each example, a piece at a time; see `predict`.

    Args:
        out: a CSV file, `.npz` for all probabilities, or None for the terminal.
        tick: gets the number of examples of each batch.

    Raises:
        ConfigurationError, DataError: the model or the source cannot be used.
    """
    with opened(model, trust) as found, _clear():
        _write(found, source, out, tick)


def _write(model: Model, source: Path, out: Path | None, tick: Tick = lambda count: None) -> None:
    try:
        script.write(model, source, out, tick)
    except OSError as error:
        raise ConfigurationError(f"--out {out} cannot be written: {error}") from None


@contextmanager
def _as_file(data: NewData, model: Model) -> Iterator[Path]:
    """Data as a file that the model reads."""
    if isinstance(data, (str, Path)):
        yield Path(data)
        return
    import pandas as pd

    with TemporaryDirectory(prefix="autotrain-") as name:
        if isinstance(data, np.ndarray):
            path = Path(name) / "data.npy"
            np.save(path, data)
        else:
            path = Path(name) / "data.parquet"
            if not isinstance(data, pd.DataFrame):
                data = pd.DataFrame({columns_of(model.inputs)[0]["name"]: list(data)})
            try:
                data.to_parquet(path, index=False)
            except (ValueError, TypeError) as error:  # pyarrow's are of these kinds
                raise DataError(f"the frame cannot be read: {error}") from None
        yield path


def drift(
    model: str | Path, data: NewData, *, limit: float = 0.2, trust: bool = False
) -> pd.DataFrame:
    """Every column of new data, and the predicted classes, beside the training data.

    Args:
        model: the folder of an exported model, or an archive of it.
        data: as of `predict`.
        limit: of the population stability index; see `beyond`.
        trust: use a model that was not exported here, by you.

    Returns:
        A row for each column, the one that moved most first: `column`, `psi` (the population
        stability index), `ks` (the Kolmogorov-Smirnov distance of numbers), `p` (how often chance
        would give as much), `beyond` (whether it moved by more than the limit) and `note`.

    Raises:
        ConfigurationError, DataError: the model or the data cannot be used.
    """
    import pandas as pd

    with opened(Path(model), trust) as found, _clear(), _as_file(data, found) as source:
        moved = _compared(found, source)
    rows = [(d.name, d.psi, d.ks, d.p, d.beyond(limit), d.note) for d in moved]
    return pd.DataFrame(rows, columns=["column", "psi", "ks", "p", "beyond", "note"])


def drifts(
    model: Path, source: Path, trust: bool = False, tick: Tick = lambda count: None
) -> list[Drift]:
    """The same as records, the one that moved most first.

    Args:
        tick: gets the number of examples of each batch.
    """
    with opened(model, trust) as found, _clear():
        return _compared(found, source, tick)


def _compared(model: Model, source: Path, tick: Tick = lambda count: None) -> list[Drift]:
    return sorted(compare(model, model.facts("profile.json"), source, tick), key=lambda d: -d.psi)


def evaluate(
    model: str | Path,
    data: str | Path,
    target: str | None = None,
    *,
    metrics: Sequence[str] = (),
    trust: bool = False,
) -> Evaluation:
    """How good an exported model is on labelled data that it has not seen.

    Args:
        model: the folder of an exported model, or an archive of it.
        data: as for a search; all parts of it are used.
        target: of a table, the column with the truth.
        metrics: others than the usual, such as `f2:churned`, each with its interval; those that
            were searched for are among them anyway.
        trust: use a model that was not exported here, by you.

    Raises:
        ConfigurationError, DataError: the model or the data cannot be used; a class that the model
            does not know is named.
    """
    with (
        opened(Path(model), trust) as found,
        _clear(),
        TemporaryDirectory(prefix="autotrain-") as name,
    ):
        modality, task = modality_named(found.modality), task_of(found)
        wanted = [*_searched_for(found), *_checked_metrics(task, metrics)]
        spec = modality.labelled(str(data), target, found.inputs)
        if found.inputs.get("aspect", "crop") != "crop" and spec.image_size is not None:
            spec = replace(spec, aspect=cast(Any, found.inputs["aspect"]))
        dataset = load_source(spec, task.name, modality.name)
        if dataset.modality != modality.name:
            raise DataError(
                f"{data} is {dataset.modality} data, and the model reads {modality.name} data"
            )
        x = modality.ordered(dataset, found.inputs, np.concatenate(list(dataset.x.values())))
        if "pixels" in found.inputs and str(x.dtype) != found.inputs["dtype"]:
            raise DataError(
                f"{data} has pixels of {x.dtype}, and the model reads {found.inputs['dtype']}: images "
                "must have as many bits as those that it was trained on"
            )
        examples = modality.to_raw(Path(name), dataset, dataset.vocabulary, x)
        outputs = np.concatenate([some for _, some, _ in script.answered(found, examples)])
        targets = _targets(found, dataset)
        bad = np.isnan(outputs).any(axis=1)
        if bad.any():
            raise DataError(
                f"{data}: {int(bad.sum())} examples cannot be read; `autotrain predict` names them"
            )
        title = f"{found.card['search']['study']} on {data}"
        predictions = Predictions(task, task.logits(outputs), targets, found.classes)
        return Evaluation(title, predictions, tuple(dict.fromkeys(wanted)))


def _searched_for(model: Model) -> list[str]:
    """The metrics by which a model was found, as far as outputs and truth tell them."""
    objectives = model.card.get("objectives", ())
    found = [str(objective["metric"]) for objective in objectives]
    return [name.removeprefix("val_") for name in found if name.startswith("val_")]


def _checked_metrics(task: Task, names: Sequence[str]) -> list[str]:
    """Names without `val_`, of which the task knows each."""
    found = [name.removeprefix("val_") for name in names]
    for name in found:
        if task.metric(name) is None:
            hint = task.nearest_metric(f"val_{name}").replace("val_", "")
            forms = ", ".join(form.shown for form in task.forms)
            raise ConfigurationError(
                f"--metric must be one of {', '.join(task.metrics)}; or {forms}; got {name!r}"
                + (f" ({hint})" if hint else "")
            )
    return found


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
