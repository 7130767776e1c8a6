"""Tables in Python: frames of pandas and Polars, tables of Arrow, dictionaries of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autotrain.errors import DataError


def is_frame(data: object) -> bool:
    """Whether an object is a table; no library is imported to find out."""
    names = {f"{c.__module__.partition('.')[0]}.{c.__name__}" for c in type(data).__mro__}
    return isinstance(data, Mapping) or bool(
        names & {"pandas.DataFrame", "polars.DataFrame", "polars.LazyFrame", "pyarrow.Table"}
    )


def columns_of_frame(data: Any) -> dict[str, Sequence[Any]]:
    """The columns of a table by name: lists of Python's values, None or a kind of NA where missing.

    Raises:
        DataError: two columns have one name, or they are not equally long.
    """
    kind = type(data).__module__.partition(".")[0]
    if kind == "polars":
        data = data.collect() if hasattr(data, "collect") else data
        columns = {name: data[name].to_list() for name in data.columns}
    elif kind == "pyarrow":
        columns = {name: data[name].to_pylist() for name in data.column_names}
    elif isinstance(data, Mapping):
        columns = {str(name): np.asarray(cells).tolist() for name, cells in data.items()}
    else:
        names = [str(name) for name in data.columns]
        if len(set(names)) < len(names):
            raise DataError(
                "the frame: columns must have names of their own; rename those that are alike"
            )
        columns = {name: data.iloc[:, i].tolist() for i, name in enumerate(names)}
    if len({len(cells) for cells in columns.values()}) > 1:
        raise DataError("the frame: columns must be equally long")
    return columns
