"""Data given in Python: written down in the workspace, so that a study can go on and be repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np

from autotrain.data.frames import columns_of_frame, is_frame
from autotrain.errors import ConfigurationError, DataError
from autotrain.paths import Workspace
from autotrain.serving.table_reader import cell_text

# A name or a path; a frame of pandas or Polars, a table of Arrow, columns by name; arrays by name,
# or a pair of inputs and targets.
GivenData: TypeAlias = "str | Path | Mapping[str, Any] | Sequence[Any] | Any"
_SHOWN_DIGITS = 12


def as_source(
    data: GivenData | None, runs: str | Path, target: Any = None
) -> tuple[str | None, Any]:
    """The name or path of data, which is written down where it has neither; and its target.

    Args:
        runs: the workspace, in whose folder `.given` it is written, under its digest.
        target: as the user named it.

    Raises:
        ConfigurationError: it is no data.
        DataError: it cannot be written.
    """
    if data is None or isinstance(data, str):
        return data, target
    if isinstance(data, Path):
        return str(data), target
    folder = Workspace(Path(runs)).given
    if isinstance(data, (tuple, list)) and len(data) == 2:
        inputs, targets = data
        if not is_frame(inputs):
            return _kept(folder, "npz", _npz({"x": inputs, "y": targets})), target
        columns = columns_of_frame(inputs)
        name = str(getattr(targets, "name", None) or "target")
        if name in columns:
            raise ConfigurationError(f"data: the frame has the column {name!r} of the targets too")
        data = {**columns, name: np.asarray(targets).tolist()}
        target = target or name
    if not is_frame(data):
        raise ConfigurationError(
            "data must be a name, a path, a frame (pandas, Polars, Arrow), a dictionary of columns or of "
            f"arrays such as x_train and y_train, or a pair (x, y), got {type(data).__name__}"
        )
    if isinstance(data, Mapping) and {"x", "x_train"} & set(data):
        return _kept(folder, "npz", _npz(data)), target
    return _kept(folder, "parquet", _parquet(data)), target


def _kept(folder: Path, suffix: str, write: Callable[[Path], None]) -> str:
    """Write a file once for each content."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as aside:
            path = Path(aside) / f"data.{suffix}"
            write(path)
            kept = folder / f"{_digest(path)}.{suffix}"
            path.replace(kept)
    except OSError as error:
        raise DataError(f"{folder}: the data cannot be written: {error}") from error
    return str(kept)


def _digest(path: Path) -> str:
    """Of what a file holds; an archive of arrays also holds the time at which it was written."""
    found = hashlib.sha256()
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                array = arrays[name]
                found.update(f"{name} {array.dtype.str} {array.shape}".encode())
                found.update(np.ascontiguousarray(array).tobytes())
    else:
        found.update(path.read_bytes())
    return found.hexdigest()[:_SHOWN_DIGITS]


def _npz(arrays: Mapping[str, Any]) -> Callable[[Path], None]:
    given = {name: np.asarray(array) for name, array in arrays.items()}
    return lambda path: np.savez(path, **given)  # type: ignore[arg-type]


def _parquet(frame: Any) -> Callable[[Path], None]:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    def column(cells: Sequence[Any]) -> Any:
        try:
            return arrow.array(cells, from_pandas=True)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, arrow.ArrowNotImplementedError):
            return arrow.array([cell_text(cell) or None for cell in cells])  # several types in one

    columns = columns_of_frame(frame)
    table = arrow.table({name: column(cells) for name, cells in columns.items()})
    return lambda path: parquet.write_table(table, path)
