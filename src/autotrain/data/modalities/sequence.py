"""Sequences: `[n, time, features]` float32, NaN where a value is missing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from autotrain.data.dataset import Column, DataInfo, Dataset
from autotrain.data.modalities.base import MOST_VALUES, Modality, plural
from autotrain.data.series import restricted, spec_like
from autotrain.errors import DataError
from autotrain.serving.input_file import Inputs, Series
from autotrain.space import DataSpec

_MOST_FEATURES = 4096
_PICTURE = 180, 96  # pixels
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf")


class Sequences(Modality):
    """Measurements of some features at equal steps of time, as long for every example.

    Shorter sequences are filled up with NaN, which is taken for missing.
    """

    name = "sequence"
    example_space = "sequence"

    def fit(self, where: str, dataset: Dataset) -> Dataset:
        """Nothing is recoded: mean and variance of each feature are kept inside the model."""
        missing = np.isnan(dataset.x_of("train")).all(axis=(0, 1))
        if missing.any():
            name = dataset.columns[int(np.flatnonzero(missing)[0])].name
            raise DataError(
                f"{where}: the feature {name!r} has no value in any training example; leave it out"
            )
        return dataset

    def describe(self, info: DataInfo) -> str:
        """How many, how long, and of how many features."""
        total, (steps, features) = sum(info.sizes.values()), info.input_shape
        if info.series:
            return _described(info)
        return (
            f"{total:,} sequences of {steps:,} {plural('step', steps)} with {features:,} "
            f"{plural('feature', features)}"
        )

    def reads(self, shape: Sequence[int], dtype: str, names: Sequence[str]) -> str:
        """Shape and features, up to forty."""
        return (
            f"It reads sequences of {shape[0]} {plural('step', shape[0])} with {shape[1]} "
            f"{plural('feature', shape[1])}, missing values allowed: {', '.join(names[:40])}."
        )

    def picture(self, example: np.ndarray) -> np.ndarray:
        """A line for each feature, over its own range."""
        from PIL import Image, ImageDraw

        width, height = _PICTURE
        image = Image.new("RGB", _PICTURE, "white")
        draw, rows = ImageDraw.Draw(image), np.asarray(example, "float64")
        across = np.linspace(2, width - 3, len(rows))
        for i, colour in zip(range(rows.shape[1]), itertools.cycle(_COLOURS)):
            known = ~np.isnan(rows[:, i])
            values = rows[known, i]
            spread = np.ptp(values) if values.size else 0.0
            up = (values - values.min()) / spread if spread else np.full(len(values), 0.5)
            points = np.stack([across[known], height - 3 - up * (height - 5)], axis=1)
            draw.line([(float(x), float(y)) for x, y in points], fill=colour)
        return np.asarray(image)

    def inputs(self, info: DataInfo, folder: Path) -> Inputs:
        """With what is known of a series."""
        found = super().inputs(info, folder)
        return {**found, "series": cast(Series, dict(info.series))} if info.series else found

    def labelled(self, source: str, target: str | None, inputs: Inputs) -> DataSpec:
        """A series is read as it was in training."""
        series = inputs.get("series")
        if series is None:
            return super().labelled(source, target, inputs)
        spec = spec_like(source, series)
        return replace(spec, target=target) if target else spec

    def ordered(self, dataset: Dataset, inputs: Inputs, x: np.ndarray) -> np.ndarray:
        """The columns of a series by name."""
        if not dataset.series:
            return x
        return restricted(dataset, [column["name"] for column in inputs["columns"]], x)

    def profile(self, columns: Sequence[Column], x: np.ndarray) -> dict[str, np.ndarray]:
        """Level and spread of each feature over time, NaN where all of it is missing."""
        rows = np.asarray(x[: max(1, MOST_VALUES // x.shape[1])], "float64")
        known = ~np.isnan(rows)
        count = np.where(known.any(axis=1), known.sum(axis=1), np.nan)
        mean = np.where(known, rows, 0).sum(axis=1) / count
        apart = np.where(known, rows - mean[:, None], 0)
        spread = np.sqrt(np.square(apart).sum(axis=1) / count)
        names = [c.name for c in columns] or [f"feature {i + 1}" for i in range(x.shape[2])]
        found = {f"mean of {name}": mean[:, i] for i, name in enumerate(names)}
        return {**found, **{f"spread of {name}": spread[:, i] for i, name in enumerate(names)}}

    def features(self, info: DataInfo, x: np.ndarray) -> np.ndarray:
        """All values in a row, 0 where one is missing; evenly spaced steps where there are many."""
        step = -(-x.shape[1] * x.shape[2] // _MOST_FEATURES)
        chosen = np.nan_to_num(np.asarray(x[:, ::step], "float32"))
        return chosen.reshape(len(x), -1)


def _described(info: DataInfo) -> str:
    """Of windows of a series."""
    series, total = info.series, sum(info.sizes.values())
    season = f", a season of {series['season']:,}" if series["season"] else ""
    gaps = f", {series['gaps']:,} {plural('gap', series['gaps'])} in time" if series["gaps"] else ""
    order = f"in the order of {series['time']!r}" if series["time"] else "in the order of its rows"
    names = ", ".join(column.name for column in info.columns)
    return f"{total:,} windows of {series['lookback']:,} rows of {names}{season}, {order}{gaps}"


SEQUENCES = Sequences()
