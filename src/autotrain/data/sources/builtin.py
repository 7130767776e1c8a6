"""The small data sets that come with scikit-learn."""

from __future__ import annotations

import numpy as np

from autotrain.data.arrays import assemble
from autotrain.data.dataset import Dataset
from autotrain.data.sources.base import DataSource
from autotrain.space import DataSpec
from autotrain.tasks import Task

_TABLES = ("iris", "wine", "breast_cancer")


class BuiltIn(DataSource):
    """By name; a name wins over a file that is called so."""

    names = ("digits", *_TABLES)
    form = f"a built-in name ({', '.join(names)})"
    classes_only = True

    def matches(self, spec: DataSpec) -> bool:
        """One of the names."""
        return spec.source in self.names

    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """From scikit-learn's own files."""
        name = str(spec.source)
        return _table(name) if name in _TABLES else _digits(name)


def _digits(name: str) -> Dataset:
    from sklearn.datasets import load_digits

    data = load_digits()
    # Its pixels go from 0 to 16; every other image source has 0 to 255.
    pixels = np.round(data.images * (255 / 16)).astype(np.uint8)
    arrays = {"x_train": pixels, "y_train": data.target}
    return assemble(name, arrays, [str(label) for label in data.target_names])


def _table(name: str) -> Dataset:
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    arrays = {"x_train": data.data, "y_train": data.target}
    names = [str(label) for label in data.target_names]
    return assemble(name, arrays, names, [str(feature) for feature in data.feature_names])


BUILT_IN = BuiltIn()
