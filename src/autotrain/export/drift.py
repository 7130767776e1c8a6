"""Whether new data is still like the data that a model was trained on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autotrain.data import Column, DataInfo, modality_named
from autotrain.data.modalities.base import MOST_VALUES
from autotrain.serving.input_file import Batch, InputError
from autotrain.serving.predict import Model
from autotrain.tasks import task_named

_BINS = 10  # of equal share in training, as is usual for the index
_QUANTILES = 100
_SAMPLE = 2001  # values that stand for the training data's
_LEAST = 1e-4  # share of a bin, whose logarithm is taken
_CERTAIN = 0.01  # what chance alone explains more often than this is no drift


def profile(info: DataInfo, x: np.ndarray, answers: np.ndarray) -> dict[str, Any]:
    """What an export remembers of its training data.

    Args:
        x: [n, ...] prepared inputs; answers: [n, ...] probabilities or numbers on validation.
    """
    columns = modality_named(info.modality).profile(info.columns, x)
    names = [str(name) for name in info.class_names]
    said = task_named(info.task).predicted(names, answers)
    return {
        "features": {name: _summary(values) for name, values in columns.items()},
        "predicted": {name: _summary(values) for name, values in said.items()},
    }


def _summary(values: np.ndarray) -> dict[str, Any]:
    """Of words or of numbers [n]."""
    return _of_levels(Counter(values)) if values.dtype == object else _of_numbers(values)


def _of_numbers(values: np.ndarray) -> dict[str, Any]:
    known = values[~np.isnan(values)].astype("float64")
    found = np.quantile(known, np.linspace(0, 1, _QUANTILES + 1)) if known.size else np.zeros(0)
    return {"kind": "number", "count": len(values), "missing": 1 - known.size / max(1, len(values)),
            "quantiles": [float(q) for q in found]}  # fmt: skip


def _of_levels(counts: Mapping[str, int]) -> dict[str, Any]:
    total = sum(counts.values())
    shares = {level: count / total for level, count in counts.items()}
    return {"kind": "category", "count": total, "shares": shares}


@dataclass(frozen=True)
class Drift:
    """How one column has moved.

    Attributes:
        psi: population stability index: 0.1 is little, above 0.25 much, by the usual rule.
        ks: the largest difference of the cumulative shares (Kolmogorov-Smirnov); None for levels.
        p: how often chance alone would give as much.
    """

    name: str
    psi: float
    ks: float | None
    p: float
    note: str = ""

    def beyond(self, limit: float) -> bool:
        """Whether it moved by more than the limit, and not by chance."""
        return self.psi > limit and self.p < _CERTAIN


@dataclass
class _Seen:
    """What is gathered of new data, a batch at a time."""

    numbers: dict[str, list[np.ndarray]] = field(default_factory=dict)
    levels: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, columns: Mapping[str, np.ndarray]) -> None:
        for name, values in columns.items():
            if values.dtype == object:
                self.levels.setdefault(name, Counter()).update(values)
            else:
                self.numbers.setdefault(name, []).append(values.astype("float64"))


def compare(
    model: Model, known: Mapping[str, Any], batches: Iterable[Batch], tick: Any
) -> list[Drift]:
    """Every column of new data, and what the model says to it, beside the training data.

    Args:
        known: from `profile`; batches: of the new data.
        tick: gets the number of examples of each batch.
    """
    seen, count = _Seen(), 0
    modality, task = modality_named(model.modality), task_named(model.task)
    columns = [Column(c["name"], c["kind"], tuple(c["levels"])) for c in model.inputs["columns"]]
    for names, batch, problems in batches:
        good = np.array([not problem for problem in problems])
        seen.add(modality.profile(columns, model.encoder.numbers(batch)[good]))
        seen.add(task.predicted(model.classes, model.predict(batch)[good]))
        count += int(good.sum())
        tick(len(names))
    if not count:
        raise InputError("the new data holds no example that can be read")
    now = {name: _of_levels(counts) for name, counts in seen.levels.items()}
    values = {name: np.concatenate(parts)[-MOST_VALUES:] for name, parts in seen.numbers.items()}
    found = []
    for name, before in {**known["features"], **known["predicted"]}.items():
        if before["kind"] == "number" and name in values:
            found.append(_numbers_moved(name, before, values[name]))
        elif before["kind"] == "category" and name in now:
            found.append(_levels_moved(name, before, now[name]))
    return found


def _index(before: np.ndarray, now: np.ndarray) -> float:
    """The population stability index of shares."""
    a, b = np.maximum(before, _LEAST), np.maximum(now, _LEAST)
    return float(((b - a) * np.log(b / a)).sum())


def _numbers_moved(name: str, before: Mapping[str, Any], values: np.ndarray) -> Drift:
    from scipy import stats

    known = values[~np.isnan(values)]
    missing = 1 - known.size / max(1, len(values))
    quantiles = np.array(before["quantiles"])
    by_missing = _missing_p(before, missing, len(values))
    if not quantiles.size or not known.size:
        return Drift(
            name, _index(*_two(before["missing"], missing)), None, by_missing, "all missing"
        )
    places = np.linspace(0, 1, _SAMPLE)
    old = np.interp(places, np.linspace(0, 1, _QUANTILES + 1), quantiles)
    # Bins of equal values are one; missing is a bin of its own.
    inner = np.unique(quantiles[_QUANTILES // _BINS : -1 : _QUANTILES // _BINS])
    full = []
    for sample, gone in ((old, before["missing"]), (known, missing)):
        counts = np.bincount(np.searchsorted(inner, sample, side="right"), minlength=len(inner) + 1)
        full.append(np.append(counts / len(sample) * (1 - gone), gone))
    # Quantiles are a hundredth apart, and no difference below that can be told.
    gap = max(0.0, float(stats.ks_2samp(old, known).statistic) - 1 / _QUANTILES)
    size = before["count"] * known.size / (before["count"] + known.size)
    by_values = float(stats.kstwobign.sf(gap * math.sqrt(size)))
    return Drift(name, _index(*full), gap, min(by_values, by_missing))


def _two(before: float, now: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([before, 1 - before]), np.array([now, 1 - now])


def _missing_p(before: Mapping[str, Any], now: float, count: int) -> float:
    """Whether the share of missing values changed by more than chance (a test of two shares)."""
    from scipy import stats

    pooled = (before["missing"] * before["count"] + now * count) / (before["count"] + count)
    if pooled in (0.0, 1.0):
        return 1.0
    error = math.sqrt(pooled * (1 - pooled) * (1 / before["count"] + 1 / count))
    return float(2 * stats.norm.sf(abs(now - before["missing"]) / error))


def _levels_moved(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Drift:
    from scipy import stats

    levels = sorted({*before["shares"], *now["shares"]})
    old = np.array([before["shares"].get(level, 0.0) for level in levels])
    new = np.array([now["shares"].get(level, 0.0) for level in levels])
    counts = np.stack([old * before["count"], new * now["count"]])
    p = float(stats.chi2_contingency(counts).pvalue) if len(levels) > 1 else 1.0
    gone = now["shares"].get("", 0.0)
    note = f"{gone:.1%} missing or unknown" if gone > before["shares"].get("", 0.0) + 0.01 else ""
    return Drift(name, _index(old, new), None, p, note)
