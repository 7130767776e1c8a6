"""Using an exported model: predicting, and comparing new data with its training data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autotrain.data.frames import columns_of_frame, is_frame
from autotrain.errors import ConfigurationError, DataError
from autotrain.export.bundle import opened
from autotrain.export.drift import Drift, compare
from autotrain.serving import output, row_reader, text_reader
from autotrain.serving import predict as script
from autotrain.serving.input_file import Batch, InputError, batches_of
from autotrain.serving.places import columns_of
from autotrain.serving.predict import Model, More

if TYPE_CHECKING:
    import pandas as pd

Tick: TypeAlias = Callable[[int], None]
# A path; a frame of pandas or Polars, a table of Arrow, columns by name; arrays; texts.
NewData: TypeAlias = "str | Path | pd.DataFrame | np.ndarray | Sequence[str] | Any"


@contextmanager
def clear() -> Iterator[None]:
    """Within, what is wrong with a model or an input is one of our errors."""
    try:
        yield
    except InputError as error:
        raise DataError(str(error)) from None


def predict(
    model: str | Path,
    data: NewData,
    out: str | Path | None = None,
    *,
    probabilities: bool = False,
    id: str | None = None,
    keep: Sequence[str] | str = (),
    trust: bool = False,
) -> pd.DataFrame:
    """The answers of an exported model, a row for each example.

    Args:
        model: the folder of an exported model, or an archive of it.
        data: an image, a folder of images, a table, a text file, or arrays, by path; or a frame of
            rows (pandas, Polars, Arrow, a dictionary of columns), prepared arrays [n, ...], or texts.
        out: also write them to a CSV file, or all probabilities to `.npz`.
        probabilities: with the probability of every class, in a column of its name.
        id: the column of a table that examples are called by.
        keep: columns of a table to repeat; `all` for all.
        trust: use a model that was not exported here, by you.

    Returns:
        The columns `example`, then `class` and `probability` (or `labels` and a probability for each
        label, or the numbers), then `problem`: why an example has no answer; empty where it has one.
        It has the index of a frame that was given.

    Raises:
        ConfigurationError, DataError: the model or the data cannot be used.
    """
    import pandas as pd

    asked = output.wanted(probabilities, id, keep)
    with opened(Path(model), trust) as found, clear():
        if out is not None:
            _write(found, read(found, data, asked.columns), Path(out), asked)
        rows: list[list[Any]] = []
        head = output.header(found, asked, asked.columns or ())
        for part in output.answered(found, read(found, data, asked.columns)):
            head = output.header(found, asked, part[3])
            for called, answer, problem in output.rows(found, asked, part):
                missing = [None] * (len(head) - len(called) - 1)
                rows.append([*called, *(answer or missing), problem])
        frame = pd.DataFrame(rows, columns=head)
    return frame.set_axis(data.index) if isinstance(data, pd.DataFrame) else frame


def model_inputs(model: str | Path, data: NewData) -> Any:
    """What the Keras model of an exported model takes of data: tensors, by column for rows.

    Raises:
        ConfigurationError, DataError: the model or the data cannot be used.
    """
    from autotrain.serving.keras_runtime import tensors

    with opened(Path(model)) as found, clear():
        parts: list[Any] = []
        for (_, batch, problems), _ in read(found, data):
            wrong = next(filter(None, problems), None)
            if wrong:
                raise DataError(wrong)
            strings = found.inputs["strings"]
            parts.append((found.encoder.strings if strings else found.encoder.numbers)(batch))
    if not parts:
        raise DataError("there are no examples")
    if isinstance(parts[0], dict):
        return tensors({k: np.concatenate([part[k] for part in parts]) for k in parts[0]})
    whole = np.concatenate(parts)
    names = [column["name"] for column in found.inputs["columns"]]
    if found.modality == "tabular" and names and found.inputs["strings"]:
        return tensors({name: whole[:, [i]] for i, name in enumerate(names)})
    return tensors(whole)


def write_predictions(
    model: Path,
    source: Path,
    out: Path | None,
    trust: bool = False,
    tick: Tick = lambda count: None,
    asked: output.Wanted | None = None,
) -> None:
    """Write a line for each example, a piece at a time; see `predict`.

    Args:
        source: a path; `-` is what comes from standard input.
        out: a CSV file, `.npz` for all probabilities, or None for the terminal.
        tick: gets the number of examples of each batch.
        asked: what is to be written besides the answer.

    Raises:
        ConfigurationError, DataError: the model or the source cannot be used.
    """
    asked = asked or output.Wanted()
    with opened(model, trust) as found, clear(), output.as_file(source, found.modality) as path:
        _write(found, read(found, path, asked.columns), out, asked, tick)


def _write(
    model: Model,
    batches: Iterator[tuple[Batch, More]],
    out: Path | None,
    asked: output.Wanted,
    tick: Tick = lambda count: None,
) -> None:
    try:
        output.write(model, batches, out, asked, tick)
    except BrokenPipeError:  # whoever reads has had enough
        raise
    except OSError as error:
        raise ConfigurationError(f"--out {out} cannot be written: {error}") from None


def read(
    model: Model, data: NewData, more: Sequence[str] | None = ()
) -> Iterator[tuple[Batch, More]]:
    """Batches of data of any kind for a model, and what is written in further columns.

    Args:
        more: names of these; None for all.

    Raises:
        InputError, DataError: it is no data for the model, or lacks a column.
    """
    if isinstance(data, (str, Path)):
        return script.read_with(model.inputs, Path(data), more)
    if isinstance(data, np.ndarray) and data.dtype.kind in "biuf":
        return ((batch, {}) for batch in batches_of(model.inputs, data, "the array"))
    if not is_frame(data):
        data = {columns_of(model.inputs)[0]["name"]: list(data)}
    rows = row_reader.read_columns(model.inputs, columns_of_frame(data), more)
    if model.modality == "text":
        return text_reader.texts_of(model.inputs, rows)
    if model.modality != "tabular":
        raise InputError(f"a frame is a table, and this model reads {model.modality} data")
    return iter(rows)


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

    with opened(Path(model), trust) as found, clear():
        moved = _compared(found, data)
    rows = [(d.name, d.psi, d.ks, d.p, d.beyond(limit), d.note) for d in moved]
    return pd.DataFrame(rows, columns=["column", "psi", "ks", "p", "beyond", "note"])


def drifts(
    model: Path, source: Path, trust: bool = False, tick: Tick = lambda count: None
) -> list[Drift]:
    """The same as records, the one that moved most first.

    Args:
        tick: gets the number of examples of each batch.
    """
    with opened(model, trust) as found, clear(), output.as_file(source, found.modality) as path:
        return _compared(found, path, tick)


def _compared(model: Model, data: NewData, tick: Tick = lambda count: None) -> list[Drift]:
    batches = (batch for batch, _ in read(model, data))
    return sorted(compare(model, model.facts("profile.json"), batches, tick), key=lambda d: -d.psi)
