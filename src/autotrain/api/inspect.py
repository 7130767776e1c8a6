"""Looking at data before a search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from autotrain.data.inspection import inspect_source
from autotrain.reports.inspection_report import Inspection
from autotrain.space import DataSpec


def inspect_data(
    source: str | Path,
    target: str | int | Sequence[str | int] | None = None,
    *,
    text: str | int | None = None,
    ignore: str | int | Sequence[str | int] | None = None,
    header: bool | None = None,
    task: str | None = None,
    seed: int = 0,
) -> Inspection:
    """What a source holds, what is suspicious in it, and what a search would make of it.

    Nothing is trained but small models of scikit-learn, and nothing is written.

    Args:
        source: what a search takes as its data.
        target: the column to predict, by name or position; several as a list. Without one, a column
            of a usual name is taken, or the columns alone are looked at.
        text: the column of texts; it is then read as texts.
        ignore: columns to leave unread.
        header: whether the first row holds names; None finds it out.
        task: `classification`, `multilabel` or `regression`; None goes by the target.
        seed: of the split, as in `search`.

    Returns:
        It has `to_dict()`, `to_text()` and `to_html()`, and a notebook shows it as tables.

    Raises:
        SpaceError, ConfigurationError, DataError: the source cannot be read, or has no such column.
    """
    spec = DataSpec(
        source=str(source),
        target=cast(Any, target),  # it checks and converts these
        text=cast(Any, text),
        ignore=cast(Any, ignore),
        header=header,
    )
    return Inspection(inspect_source(spec, task, seed))
