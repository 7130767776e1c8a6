"""Using an exported model: predicting, evaluating, and comparing new data with its training data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from autotrain.analysis.measurements import Outcome
from autotrain.data import Dataset, load_source, modality_named
from autotrain.errors import ConfigurationError, DataError
from autotrain.export import drift as drifting
from autotrain.export.bundle import opened
from autotrain.serving import predict as script
from autotrain.serving.input_file import InputError
from autotrain.serving.predict import Model
from autotrain.tasks import task_named

Tick = Callable[[int], None]


@contextmanager
def _clear() -> Iterator[None]:
    """Within, what is wrong with a model or an input is one of our errors."""
    try:
        yield
    except InputError as error:
        raise DataError(str(error)) from None


def predict(
    model: Path,
    source: Path,
    out: Path | None,
    trust: bool = False,
    tick: Tick = lambda count: None,
) -> None:
    """Write a line for each example: its class and probability, or why it has none.

    Args:
        model: the folder of an exported model, or an archive of it.
        source: an image, a folder of images, a table, a text file, or arrays.
        out: a CSV file, `.npz` for all probabilities, or None for the terminal.
        tick: gets the number of examples of each batch.

    Raises:
        ConfigurationError, DataError: the model or the source cannot be used.
    """
    with opened(model, trust) as found, _clear():
        try:
            script.write(found, source, out, tick)
        except OSError as error:
            raise ConfigurationError(f"--out {out} cannot be written: {error}") from None


def drift(
    model: Path, source: Path, trust: bool = False, tick: Tick = lambda count: None
) -> list[drifting.Drift]:
    """Every column of new data, and the predicted classes, beside the training data.

    Raises:
        ConfigurationError, DataError: the model or the source cannot be used.
    """
    with opened(model, trust) as found, _clear():
        return drifting.compare(found, found.facts("profile.json"), source, tick)


def evaluate(
    model: Path, data: str, target: str | None = None, trust: bool = False
) -> tuple[Model, Outcome]:
    """What a model says to labelled data that it has not seen.

    Args:
        data: as for a search; all parts of it are used.
        target: of a table, the column with the truth.

    Returns:
        The model, and its outputs with the truth, as of a study's validation part.

    Raises:
        ConfigurationError, DataError: the model or the data cannot be used; a class that the model
            does not know is named.
    """
    with opened(model, trust) as found, _clear(), TemporaryDirectory(prefix="autotrain-") as name:
        modality, task = modality_named(found.modality), task_named(found.task)
        spec = modality.labelled(data, target, found.inputs["shape"])
        dataset = load_source(spec, task.name, modality.name)
        if dataset.modality != modality.name:
            raise DataError(
                f"{data} is {dataset.modality} data, and the model reads {modality.name} data"
            )
        x = np.concatenate(list(dataset.x.values()))
        examples = modality.to_raw(Path(name), dataset, dataset.vocabulary, x)
        outputs = np.concatenate([some for _, some, _ in script.answered(found, examples)])
        targets = _targets(found, dataset)
        bad = np.isnan(outputs).any(axis=1)
        if bad.any():
            raise DataError(
                f"{data}: {int(bad.sum())} examples cannot be read; `autotrain predict` names them"
            )
        return found, Outcome(task, task.logits(outputs), targets, found.classes)


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
