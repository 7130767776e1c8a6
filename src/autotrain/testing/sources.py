"""What every source of data must do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autotrain.data import (
    MODALITIES,
    SOURCES,
    SPLITS,
    DataInfo,
    Dataset,
    DataSource,
    data_folder,
    open_arrays,
    open_info,
    open_test,
    prepare_dataset,
)
from autotrain.errors import DataError
from autotrain.space import DataSpec
from autotrain.tasks import task_named
from autotrain.testing import examples


def built_in_examples(folder: Path) -> dict[str, DataSpec]:
    """Data that each built-in source reads, by its name; the files go into a folder."""
    for label in ("a", "b"):
        for i in range(3):
            (folder / "images" / label).mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (4, 4), (40 * i, 0, 0)).save(folder / "images" / label / f"{i}.png")
    return {
        "builtin": DataSpec(source="iris"),
        "keras_datasets": DataSpec(source="cifar10"),
        "npz": examples.numbers(folder),
        "table": examples.rows(folder),
        "image_folder": DataSpec(source=str(folder / "images")),
    }


class SourceSuite:
    """Tests of a data source; give `source` and `spec`, and what is broken."""

    # What is predicted, and what the models read, as `read` gets them.
    task = "classification"
    modality: str | None = None
    # Built-in sources that would take its data too. A package's source is asked before them.
    shared: tuple[str, ...] = ()

    def source(self) -> DataSource:
        """The source."""
        raise NotImplementedError

    def spec(self, folder: Path) -> DataSpec:
        """A small data set of it, of 30 examples or more; its files go into the folder."""
        raise NotImplementedError

    def broken(self, folder: Path) -> Sequence[DataSpec]:
        """Data that is of its form and cannot be used, such as a damaged file."""
        return ()

    def read(self, spec: DataSpec) -> Dataset:
        """Read as a search does."""
        return self.source().read(spec, task_named(self.task), self.modality)

    def test_it_says_what_it_is(self) -> None:
        form = self.source().form
        assert form.split()[0] in ("a", "an"), "ends the sentence 'data must be ...'"
        assert form[-1].isalnum() or form[-1] == ")"

    def test_it_matches_its_own_data(self, tmp_path: Path) -> None:
        spec = self.spec(tmp_path)
        assert self.source().matches(spec)
        others = [(name, other) for name, other in SOURCES.available().items()
                  if type(other) is not type(self.source())]  # fmt: skip
        taking = {name for name, other in others if other.matches(spec)}
        assert taking <= set(self.shared)

    def test_it_matches_no_data_of_other_sources(self, tmp_path: Path) -> None:
        for name, spec in built_in_examples(tmp_path).items():
            if type(SOURCES.get(name)) is not type(self.source()):
                assert not self.source().matches(spec), name

    @pytest.mark.parametrize("text", ["no such file", "~nobody_here/x", "x" * 5000])
    def test_it_does_not_match_what_is_not_there(self, text: str) -> None:
        assert not self.source().matches(DataSpec(source=text))
        assert not self.source().matches(DataSpec())

    def test_it_reads_inputs_and_targets_of_valid_shapes_and_types(self, tmp_path: Path) -> None:
        dataset = self.read(self.spec(tmp_path))
        assert dataset.modality in MODALITIES
        assert self.modality in (None, dataset.modality)
        assert dataset.task == self.task
        assert "train" in dataset.x
        assert set(dataset.x) == set(dataset.y) <= set(SPLITS)
        shapes = {x.shape[1:] for x in dataset.x.values()}
        assert len(shapes) == len({x.dtype for x in dataset.x.values()}) == 1
        for split in dataset.x:
            assert len(dataset.x_of(split)) == len(dataset.y_of(split)) > 0
            _check_inputs(dataset, dataset.x[split])
            _check_targets(dataset, dataset.y[split])

    def test_classes_have_names(self, tmp_path: Path) -> None:
        dataset = self.read(self.spec(tmp_path))
        assert all(isinstance(name, str) and name for name in dataset.class_names)
        assert len(set(dataset.class_names)) == len(dataset.class_names) > 0
        if task_named(self.task).exclusive:
            found = np.unique(dataset.y["train"])
            assert set(found) <= set(range(len(dataset.class_names)))
            assert len(dataset.class_names) >= 2

    def test_it_reads_the_same_twice(self, tmp_path: Path) -> None:
        spec = self.spec(tmp_path)
        one, two = self.read(spec), self.read(spec)
        for split in one.x:
            np.testing.assert_array_equal(one.x[split], two.x[split])
            np.testing.assert_array_equal(one.y[split], two.y[split])
        assert replace(one, x={}, y={}, rows={}) == replace(two, x={}, y={}, rows={})

    def test_what_was_prepared_of_it_is_found_again(self, tmp_path: Path) -> None:
        spec, cache = self.spec(tmp_path), tmp_path / "cache"
        info = prepare_dataset(self.read(spec), spec, cache, 0)
        assert prepare_dataset(self.read(spec), spec, cache, 0) == info
        assert len(list(cache.iterdir())) == 1
        folder = data_folder(cache, info.fingerprint)
        assert open_info(folder) == info == DataInfo.from_dict(info.to_dict())
        arrays, (x_test, y_test) = open_arrays(folder), open_test(folder)
        pairs = {"train": (arrays.x_train, arrays.y_train), "test": (x_test, y_test),
                 "validation": (arrays.x_validation, arrays.y_validation)}  # fmt: skip
        for split, (x, y) in pairs.items():
            assert len(x) == len(y) == info.sizes[split] > 0
            assert (x.shape[1:], str(x.dtype)) == (info.input_shape, info.dtype)

    def test_a_file_that_is_gone_is_a_data_error(self, tmp_path: Path) -> None:
        if (path := self._path(tmp_path)) is not None:
            spec = self.spec(tmp_path)
            path.rename(tmp_path / "elsewhere")
            assert not self.source().matches(spec)
            with pytest.raises(DataError) as error:
                self.read(spec)
            assert path.name in str(error.value)

    def test_what_is_broken_is_a_data_error_that_names_it(self, tmp_path: Path) -> None:
        has_files = self._path(tmp_path) is not None
        broken = self.broken(tmp_path)
        assert broken or not has_files, "give data that is broken"
        for spec in broken:
            assert self.source().matches(spec)
            with pytest.raises(DataError) as error:
                self.read(spec)
            assert Path(str(spec.source)).name in str(error.value)

    def _path(self, folder: Path) -> Path | None:
        """Where its data lies; None for data that has only a name."""
        spec = self.spec(folder)
        return None if spec.source in self.source().names else Path(str(spec.source))


def _check_inputs(dataset: Dataset, x: np.ndarray) -> None:
    assert x.dtype.isnative
    if dataset.modality == "image":
        assert x.ndim == 4
        assert x.dtype != np.float64
        assert np.isfinite(x).all()
    elif dataset.modality == "tabular":
        assert (x.ndim, x.dtype) == (2, np.float32)
        assert len(dataset.columns) == x.shape[1]
        assert not np.isinf(x).any()
        for column, values in zip(dataset.columns, x.T, strict=True):
            assert column.kind == "number" or set(values) <= set(range(len(column.levels) + 1))
    elif dataset.modality == "text":
        assert (x.ndim, x.dtype) == (2, np.int32)
        assert dataset.tokens
        assert 0 <= x.min() <= x.max() < len(dataset.vocabulary) + 2


def _check_targets(dataset: Dataset, y: np.ndarray) -> None:
    task, outputs = task_named(dataset.task), len(dataset.class_names)
    assert y.dtype == (np.int32 if task.exclusive else np.float32)
    assert y.shape[1:] == task.target_shape(outputs)
    assert np.isfinite(y).all()
    if task.has_classes and not task.exclusive:
        assert set(np.unique(y)) <= {0.0, 1.0}
