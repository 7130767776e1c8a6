"""Using an exported model: predicting, evaluating, and comparing new data with its training data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from autotrain.analysis.measurements import Outcome
from autotrain.data import load_source
from autotrain.errors import ConfigurationError, DataError
from autotrain.export import drift as drifting
from autotrain.export.bundle import opened
from autotrain.export.examples import write_examples
from autotrain.serving import predict as script
from autotrain.serving import reading
from autotrain.serving.predict import Model
from autotrain.space import DataSpec
from autotrain.tasks.metrics import logits

Tick = Callable[[int], None]


@contextmanager
def _clear() -> Iterator[None]:
    """Within, what is wrong with a model or an input is one of our errors."""
    try:
        yield
    except reading.InputError as error:
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
        goal = found.card["goal"]
        size = found.inputs["shape"][0] if found.inputs["kind"] == "image" else None
        square = size if size and Path(data).is_dir() else None
        spec = DataSpec(source=data, target=target, image_size=square)
        kind = "text" if found.inputs["kind"] == "text" else None
        source = load_source(spec, goal, kind)
        if source.kind != found.inputs["kind"]:
            raise DataError(
                f"{data} is {source.kind} data, and the model reads {found.inputs['kind']} data"
            )
        parts = (source.x_train, source.x_val, source.x_test)
        x = np.concatenate([part for part in parts if part is not None])
        examples = write_examples(Path(name), source, source.vocabulary, x)
        outputs = np.concatenate([some for _, some, _ in script.answers(found, examples)])
        targets = _targets(found, source)
        bad = np.isnan(outputs).any(axis=1)
        if bad.any():
            raise DataError(
                f"{data}: {int(bad.sum())} examples cannot be read; `autotrain predict` names them"
            )
        read = outputs if goal == "regression" else logits(goal, outputs)
        return found, Outcome(goal, read, targets, found.classes)


def _targets(model: Model, source: Any) -> np.ndarray:
    """The truth in the order of the model's classes."""
    y = np.concatenate(
        [part for part in (source.y_train, source.y_val, source.y_test) if part is not None]
    )
    if model.card["goal"] == "regression":
        return y.reshape(len(y), -1)
    names = [str(name) for name in source.class_names]
    unknown = [name for name in names if name not in model.classes]
    if unknown:
        raise DataError(
            f"the model does not know the class {unknown[0]!r}; it has {', '.join(model.classes)}"
        )
    places = np.array([model.classes.index(name) for name in names])
    if model.card["goal"] == "classification":
        return np.asarray(places[y])
    ordered = np.zeros((len(y), len(model.classes)), y.dtype)
    ordered[:, places] = y
    return ordered
