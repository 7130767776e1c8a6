"""How classes are shared out, and labels that a quick model finds unlikely.

The second by confident learning (Northcutt et al. 2021, arXiv:1911.00068): probabilities come from
folds that a model was not fitted on, and a label is suspicious where another class is as likely as it
is, on average, for that class's own examples, and the given one is hardly likely at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from autotrain.data.dataset import DataInfo, Dataset
from autotrain.data.inspection.records import Finding, are, counted, percent
from autotrain.data.modalities import modality_named
from autotrain.tasks import task_named

_RARE, _FEW = 0.2, 10  # share of an equal share; examples
_MOST_ROWS, _MOST_CLASSES, _FOLDS = 5000, 50, 5
_MOST_PIXELS, _MOST_IMAGES = 1024, 2000
_UNLIKELY = 0.05  # of a given label
_USEFUL, _SKILL = 0.75, 0.3  # accuracy, and balanced above chance, from which on a model may judge
_SHOWN = 5
_COMPONENTS = 64  # of images


def balance_findings(names: tuple[str, ...], counts: np.ndarray) -> Iterator[Finding]:
    """Classes that are rare.

    Args:
        counts: [classes] examples of each, of one class each.
    """
    total, equal = int(counts.sum()), counts.sum() / len(counts)
    rare = np.flatnonzero((counts < _RARE * equal) | (counts < _FEW))
    if not rare.size:
        return
    shown = ", ".join(f"{counts[i]:,} of {names[i]}" for i in rare[:_SHOWN])
    more = f" and {rare.size - _SHOWN} classes more" if rare.size > _SHOWN else ""
    yield Finding(
        "warning",
        "imbalance",
        f"{shown}{more} ({percent(int(counts[rare].sum()), total)} of {total:,}): always saying "
        f"{names[int(counts.argmax())]} has accuracy {counts.max() / total:.3f}; search for "
        "val_balanced_accuracy, val_macro_f1 or val_pr_auc instead",
    )


def suspicious_labels(
    dataset: Dataset,
    info: DataInfo,
    without: Collection[str],
    called: Callable[[int], str],
    notes: list[str],
) -> Iterator[Finding]:
    """Labels of training and validation that a quick model finds unlikely; the test part stays shut.

    Args:
        dataset, info: split and fitted.
        without: columns that give the target away.
        called: what to call an example by its position in the source.
        notes: gets how it was judged.
    """
    rows, y = _judged(dataset)
    counts = np.bincount(y, minlength=len(dataset.class_names))
    usable = counts[y] >= 2
    rows, y = rows[usable], y[usable]
    present = np.unique(y)
    if not 2 <= len(present) <= _MOST_CLASSES:
        return
    x = dataset.x["train"][rows]
    chances = _out_of_fold(dataset, info, x, np.searchsorted(present, y), without)
    if chances is None:
        return
    given = np.searchsorted(present, y)
    skill = _skill(chances, given)
    right = float((chances.argmax(axis=1) == given).mean())
    how = f"labels: judged by a quick model on {len(y):,} examples outside test, {_FOLDS} folds"
    if right < _USEFUL or skill < _SKILL:
        notes.append(f"{how}: it is too weak for that, right about {100 * right:.0f} %")
        return
    notes.append(f"{how}, right about {100 * right:.0f} %")
    wrong = _unlikely(chances, given)
    if not wrong.size:
        return
    names = [dataset.class_names[i] for i in present]
    shown = "; ".join(
        f"{called(int(rows[i]))} is {names[given[i]]}, {names[int(chances[i].argmax())]} is likelier"
        for i in wrong[:_SHOWN]
    )
    yield Finding(
        "note",
        "suspicious labels",
        f"{counted(len(wrong), 'label')} ({percent(len(wrong), len(y))}) {are(len(wrong))} unlikely by the other "
        f"examples: {shown}",
    )


def _judged(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Positions in the source's training array, and their labels; a sample where there are many."""
    if "train" in dataset.rows:
        parts = [dataset.rows[s] for s in ("train", "validation") if s in dataset.rows]
        rows = np.sort(np.concatenate(parts))
    else:
        rows = np.arange(len(dataset.x["train"]))
    most = _MOST_IMAGES if dataset.modality == "image" else _MOST_ROWS
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)
    return rows[chosen], dataset.y["train"][rows[chosen]]


def _out_of_fold(
    dataset: Dataset, info: DataInfo, x: np.ndarray, y: np.ndarray, without: Collection[str]
) -> np.ndarray | None:
    """[n, classes] probabilities from models that did not see the example."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    modality = modality_named(dataset.modality)
    kept = [i for i, c in enumerate(dataset.columns) if not {c.name, c.source} & {*without}]
    if dataset.modality == "tabular":
        if not kept:
            return None
        x, model = x[:, kept], _trees()
    else:
        x = modality.features(info, x)
        if not modality.sparse_features:
            x = x[:, :: -(-x.shape[1] // _MOST_PIXELS)]
        model = _linear(modality.sparse_features, min(x.shape))
    folds = StratifiedKFold(min(_FOLDS, int(np.bincount(y).min())), shuffle=True, random_state=0)
    with threadpool_limits(1):  # so little work is only slowed down by threads that wait
        chances: np.ndarray = cross_val_predict(model, x, y, cv=folds, method="predict_proba")
    return chances


def _trees() -> Any:
    """A forest, which takes numbers, gaps and codes as they are, and is unsure where classes meet."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(100, min_samples_leaf=3, random_state=0)


def _linear(sparse: bool, size: int) -> Any:
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if sparse:
        return LogisticRegression(C=10, max_iter=200)
    components = PCA(min(_COMPONENTS, size // 2), whiten=True, random_state=0)
    return make_pipeline(StandardScaler(), components, LogisticRegression(C=0.1, max_iter=200))


def _skill(chances: np.ndarray, given: np.ndarray) -> float:
    said, classes = chances.argmax(axis=1), np.unique(given)
    recall = np.mean([(said[given == c] == c).mean() for c in classes])
    return float((recall - 1 / len(classes)) / (1 - 1 / len(classes)))


def _unlikely(chances: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Positions of suspicious labels, the least likely first."""
    every = np.arange(len(given))
    usual = np.array([chances[given == c, c].mean() for c in range(chances.shape[1])])
    others = chances >= usual
    others[every, given] = False
    mine = chances[every, given]
    found = np.flatnonzero(others.any(axis=1) & (mine < _UNLIKELY) & (mine < usual[given]))
    return found[np.argsort(mine[found], kind="stable")]


def class_names_of(dataset: Dataset) -> tuple[str, ...]:
    """Names of classes where each example has one; nothing for other tasks."""
    return dataset.class_names if task_named(dataset.task).exclusive else ()
