"""One stratified split per study: train, validation and a locked test part."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from autotrain.data.dataset import SPLITS, Dataset, Windows
from autotrain.errors import DataError
from autotrain.tasks import task_named


def split(dataset: Dataset, validation: float, test: float, seed: int) -> Dataset:
    """Split into `train`, `validation` and `test`, keeping the splits that the source came with.

    The test part is taken from all training data first, validation from what is left. Both are
    stratified (scikit-learn's `train_test_split`) by the task's strata: by class, with at least one
    example of each; by the rarest label that an example has; or by tenths of the (first) number.

    Args:
        dataset: checked arrays.
        validation: fraction in (0, 0.5] of the data left after the test part.
        test: fraction in (0, 0.5] of all data.
            Windows of a series are split by time instead: training first, test last.
        seed: of both splits.

    Raises:
        DataError: a fraction out of range, too few examples, or a class or label that cannot be in
            every part, or in the training part.
    """
    for name, fraction in (("validation", validation), ("test", test)):
        if not 0 < fraction <= 0.5:
            raise DataError(
                f"data.{name} must be a fraction above 0 and at most 0.5, got {fraction}; "
                "0.2 is usual"
            )
    if dataset.windows is not None:
        return _by_time(dataset, dataset.windows, validation, test)
    task, taken = task_named(dataset.task), [name for name in SPLITS if name not in dataset.x]
    task.check_counts(dataset.y["train"], dataset.class_names, ["train", *taken])
    strata = task.strata(dataset.y["train"])
    left, rows = np.arange(len(strata)), {}
    if "test" in taken:
        left, rows["test"] = _hold_out(strata, left, test, seed, keep=len(taken))
    if "validation" in taken:
        left, rows["validation"] = _hold_out(strata, left, validation, seed, keep=1)
    if taken:
        rows["train"] = left
    x = {name: dataset.x["train" if name in taken else name] for name in SPLITS}
    y = {name: dataset.y["train" if name in taken else name] for name in SPLITS}
    found = replace(dataset, x=x, y=y, rows=rows)
    task.check_training(found.y_of("train"), found.class_names)
    return found


def _by_time(dataset: Dataset, windows: Windows, validation: float, test: float) -> Dataset:
    """Training, then validation, then test; an example is of the part that has all its rows."""
    total = len(windows.values)
    held = math.ceil(test * total)
    chosen = math.ceil(validation * (total - held))
    ends = {"train": total - held - chosen, "validation": total - held, "test": total}
    rows, first = {}, 0
    for name, end in ends.items():
        rows[name] = windows.rows(first, end)
        if not rows[name].size:
            raise DataError(
                f"the {name} part of the series has {end - first:,} rows, and no window of "
                f"{windows.span:,} fits in it: make data.lookback, data.horizon or another part smaller, "
                "or add rows"
            )
        first = end
    season = dataset.series.get("season", 0)
    if season > ends["train"]:
        raise DataError(
            f"data.season must fit in the training part of {ends['train']:,} rows, got {season:,}"
        )
    task = task_named(dataset.task)
    learnt = task.learnt("the series", windows.values[: ends["train"]])
    series = {**dataset.series, **learnt}
    x = dict.fromkeys(SPLITS, dataset.x["train"])
    y = dict.fromkeys(SPLITS, dataset.y["train"])
    return replace(dataset, x=x, y=y, rows=rows, series=series)


def _hold_out(
    y: np.ndarray, rows: np.ndarray, fraction: float, seed: int, keep: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into (kept, held): at least `keep` of every class kept, at least one held."""
    from sklearn.model_selection import train_test_split

    labels = y[rows]
    classes = np.unique(labels)
    # scikit-learn refuses parts with fewer examples than classes.
    size = max(math.ceil(fraction * len(rows)), len(classes))
    kept, held = train_test_split(rows, test_size=size, stratify=labels, random_state=seed % 2**32)
    # It rounds by class, so that a rare class can miss a part altogether.
    for label in classes:
        of_class = held[y[held] == label]
        if not of_class.size:
            kept, held = _move(kept, held, kept[y[kept] == label][:1])
        lack = keep - int((y[kept] == label).sum())
        if lack > 0:
            held, kept = _move(held, kept, of_class[-lack:])
    return kept, held


def _move(giver: np.ndarray, taker: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return giver[~np.isin(giver, rows)], np.concatenate([taker, rows])
