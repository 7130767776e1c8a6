"""From a table to a source: which columns are the target, which are features, which is the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from autotrain.data.arrays import assemble
from autotrain.data.dataset import Column, Source, Spec
from autotrain.data.tables import Cells, Table, as_labels, as_numbers, read_table
from autotrain.data.targets import encode_targets
from autotrain.data.texts import SPLITS, choose_split, encode_texts
from autotrain.errors import DataError, nearest

_USUAL_TARGETS = ("target", "label", "class", "y")
_YES_NO = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}


def load_table(path: Path, spec: Spec, goal: str, kind: str | None) -> Source:
    """Read a table as features and target.

    Args:
        path: the file.
        spec: names the columns to predict, to ignore, and of the text.
        goal: `classification`, `multilabel` or `regression`.
        kind: `text` reads one column of texts; everything else the columns as features.

    Raises:
        DataError: the file cannot be read, a column is not there, or the target suits no goal.
    """
    where = str(spec.source)
    table = read_table(path, where, spec.header, raw=kind == "text")
    ignored = _find(where, table, spec.ignore, "ignore")
    targets = _targets(where, table, spec, goal, kind)
    rows, y, names = _read_targets(where, table, targets, goal)
    inputs = [name for name in table.names if name not in {*ignored, *targets}]
    if not inputs:
        raise DataError(f"{where}: no column is left to learn from besides {', '.join(targets)}")
    dropped = int(len(rows) - rows.sum())
    if kind == "text":
        column = _text_column(where, table, spec, inputs)
        source = _texts(where, table[column][rows], y, names, goal, spec.split_text)
        return replace(source, columns=(Column(column, "text"),), dropped=dropped)
    features = [_feature(where, name, table[name][rows]) for name in inputs]
    x = np.stack([codes for _, codes in features], axis=1)
    source = assemble(where, {"x_train": x, "y_train": y}, names, inputs, goal)
    columns = tuple(column for column, _ in features)
    return replace(source, columns=columns, whole=False, dropped=dropped)


def _find(
    where: str, table: Table, wanted: str | Sequence[str] | None, option: str
) -> tuple[str, ...]:
    """Columns by name, or by position from 1 on or from -1 back; a name wins over a position."""
    if wanted is None:
        return ()
    if isinstance(wanted, str):
        wanted = [wanted] if wanted in table.names else wanted.split(",")
    found = tuple(_find_one(where, table, one.strip(), option) for one in wanted)
    if len(set(found)) < len(found):
        raise DataError(f"{where}: {option} must name each column once, got {', '.join(found)}")
    return found


def _find_one(where: str, table: Table, wanted: str, option: str) -> str:
    if wanted in table.names:
        return wanted
    count = len(table.names)
    if wanted.lstrip("-").isdecimal() and 1 <= abs(int(wanted)) <= count:
        return table.names[int(wanted) - (int(wanted) > 0)]
    raise DataError(
        f"{where}: {option} must be a column's name or its position from 1 to {count} (or from the "
        f"end, -1 to -{count}), got {wanted!r} {nearest(wanted, table.names)}".rstrip()
        + f"; the columns are {_list(table)}"
    )


def _list(table: Table, most: int = 20) -> str:
    """The columns, with their first value where they have no name."""
    names = list(table.names[:most])
    if not table.headed:
        names = [f"{name} ({str(table[name][0])[:20]})" for name in names]
    more = len(table.names) - most
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def _targets(where: str, table: Table, spec: Spec, goal: str, kind: str | None) -> tuple[str, ...]:
    found = _find(where, table, spec.target, "target")
    if not found:
        found = tuple(name for name in table.names if name.lower() in _USUAL_TARGETS)
        last = table.names[-1]
        # The last column of nameless texts may as well be the text.
        likely = kind != "text" or len(set(table[last])) <= len(table[last]) / 2
        if not found and not table.headed and goal != "multilabel" and likely:
            found = (last,)
        if not found or (len(found) > 1 and goal != "multilabel"):
            which = f"{len(found)} could be it" if found else "none has its usual name"
            raise DataError(
                f"{where}: a column to predict must be named with --target ({which}); the columns "
                f"are {_list(table)}"
            )
    if goal == "classification" and len(found) > 1:
        raise DataError(
            f"{where}: classification has one target, got {', '.join(found)}; for several labels at "
            "once set a task such as tabular_multilabel"
        )
    return found


def _read_targets(
    where: str, table: Table, targets: Sequence[str], goal: str
) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
    """Which rows have a target `[rows]`, the targets of these, and the outputs' names."""
    if goal == "classification":
        known, y, names = _classes(where, targets[0], table[targets[0]])
    else:
        read = _measurements if goal == "regression" else _yes_or_no
        numbers = np.stack([read(where, name, table[name]) for name in targets], axis=1)
        known, names = ~np.isnan(numbers).any(axis=1), targets
        y = numbers[known]
    if not known.any():
        raise DataError(f"{where}: the target {', '.join(targets)} is missing in every row")
    return known, y, names


def _classes(where: str, name: str, cells: Cells) -> tuple[np.ndarray, np.ndarray, Sequence[str]]:
    numbers = as_numbers(cells)
    if numbers is not None and (odd := numbers[np.isfinite(numbers) & (numbers % 1 != 0)]).size:
        raise DataError(
            f"{where}: classes are text or whole numbers, and the target {name!r} holds "
            f"{odd[0]}; measurements are regression: set a task such as tabular_regression"
        )
    labels = as_labels(cells)
    known = np.array([label is not None for label in labels])
    present = [label for label in labels if label is not None]
    names = sorted(set(present), key=None if numbers is None else float)
    position = {label: i for i, label in enumerate(names)}
    return known, np.array([position[label] for label in present], np.int64), names


def _measurements(where: str, name: str, cells: Cells) -> np.ndarray:
    numbers = as_numbers(cells)
    if numbers is None:
        raise DataError(
            f"{where}: regression predicts numbers, and the target {name!r} holds text such as "
            f"{_first_text(cells)!r}; for classes set a task such as tabular_classification"
        )
    return numbers


def _yes_or_no(where: str, name: str, cells: Cells) -> np.ndarray:
    numbers = as_numbers(cells)
    if numbers is None:
        words = [None if label is None else label.lower() for label in as_labels(cells)]
        if set(words) <= {None, *_YES_NO}:
            numbers = np.array([_YES_NO.get(word or "", np.nan) for word in words])
    if numbers is None or not np.isin(numbers[~np.isnan(numbers)], (0, 1)).all():
        odd = _first_text(cells) if numbers is None else numbers[~np.isin(numbers, (0, 1))][0]
        raise DataError(
            f"{where}: each label of several is 0 or 1 (or false and true), and the target "
            f"{name!r} holds {odd!s}; one column of classes is classification"
        )
    return numbers


def _first_text(cells: Cells) -> str:
    """The first cell that is not a number."""
    present = (label for label in as_labels(cells) if label is not None)
    return next(label for label in present if as_numbers(np.array([label], object)) is None)


def _feature(where: str, name: str, cells: Cells) -> tuple[Column, np.ndarray]:
    """A column as numbers, or as codes of all its levels, `[n]` float32."""
    if cells.dtype.kind == "f":
        with np.errstate(over="ignore"):
            numbers = cells.astype(np.float32)
        if np.isinf(numbers).any():
            raise DataError(
                f"{where}: numbers must be finite and below 3e38, and the column {name!r} holds "
                f"{cells[np.isinf(numbers)][0]}; mend it, or leave the column out with ignore"
            )
        return Column(name), numbers
    levels = sorted({cell for cell in cells if cell is not None})
    codes = {None: 0, **{level: i for i, level in enumerate(levels, 1)}}
    numbers = np.array([codes[cell] for cell in cells], np.float32)
    return Column(name, "category", tuple(levels)), numbers


def _text_column(where: str, table: Table, spec: Spec, inputs: Sequence[str]) -> str:
    found = _find(where, table, spec.text, "text")
    if found:
        if len(found) > 1 or found[0] not in inputs:
            raise DataError(
                f"{where}: text must be one column, neither target nor ignored, got {spec.text!r}"
            )
        return found[0]
    words = [name for name in inputs if as_numbers(table[name]) is None]
    if len(words) != 1:
        raise DataError(
            f"{where}: the column of texts must be named with text: in the data section, because "
            f"{len(words)} columns hold text; the columns are {_list(table)}"
        )
    return words[0]


def _texts(
    where: str, texts: Cells, y: np.ndarray, names: Sequence[str], goal: str, split: str
) -> Source:
    if split not in SPLITS:
        raise DataError(f"data.split_text is one of {', '.join(SPLITS)}, got {split!r}")
    if split == "auto":
        split = choose_split(texts.tolist())
    x, vocabulary = encode_texts(texts.tolist(), split)
    targets, names = encode_targets(where, {"train": y}, names, goal)
    return Source(
        x_train=x,
        y_train=targets["train"],
        x_val=None,
        y_val=None,
        x_test=None,
        y_test=None,
        class_names=tuple(names),
        kind="text",
        goal=goal,
        tokens=split,
        vocabulary=vocabulary,
    )
