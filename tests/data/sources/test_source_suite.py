"""The suite of data sources over every built-in one."""

from __future__ import annotations

import gzip
from dataclasses import replace

import numpy as np
import pytest

from autotrain.data import SOURCES
from autotrain.space import DataSpec
from autotrain.testing import examples
from autotrain.testing.sources import SourceSuite, built_in_examples


class BuiltIn(SourceSuite):
    """A source by its name, with the example of the suite."""

    name = ""

    def source(self):
        return SOURCES.get(self.name)

    def spec(self, folder):
        return built_in_examples(folder)[self.name]


class TestIris(BuiltIn):
    name = "builtin"


class TestDigits(BuiltIn):
    name = "builtin"

    def spec(self, folder):
        return DataSpec(source="digits")


@pytest.mark.slow
class TestKerasDatasets(BuiltIn):
    """Fashion MNIST as Keras downloads it, but smaller; a process with Keras for each reading."""

    name = "keras_datasets"

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras-home"))
        folder = tmp_path / "keras-home" / "datasets" / "fashion-mnist"
        folder.mkdir(parents=True)
        for part, count in (("train", 40), ("t10k", 10)):
            labels = (np.arange(count) % 10).astype(np.uint8)
            pixels = np.repeat(labels, 28 * 28)
            for name, header, data in (("labels-idx1", 8, labels), ("images-idx3", 16, pixels)):
                path = folder / f"{part}-{name}-ubyte.gz"
                path.write_bytes(gzip.compress(bytes(header) + data.tobytes()))

    def spec(self, folder):
        return DataSpec(source="fashion_mnist")


class TestNpz(BuiltIn):
    name = "npz"

    def broken(self, folder):
        whole = (folder / "examples.npz").read_bytes()
        contents = {"half": whole[: len(whole) // 2], "empty": b"", "words": b"a,b"}
        for name, content in contents.items():
            (folder / f"{name}.npz").write_bytes(content)
        return [DataSpec(source=str(folder / f"{name}.npz")) for name in contents]


class TestNpzImages(TestNpz):
    def spec(self, folder):
        return examples.images(folder)


class TestTable(BuiltIn):
    name = "table"

    def broken(self, folder):
        (folder / "binary.csv").write_bytes(bytes(range(256)))
        (folder / "empty.csv").write_text("")
        (folder / "half.csv.gz").write_bytes(gzip.compress(b"a,label\n" * 999)[:-9])
        names = ("binary.csv", "empty.csv", "half.csv.gz")
        return [DataSpec(source=str(folder / name), target="label") for name in names]


class TestTexts(TestTable):
    modality = "text"

    def spec(self, folder):
        return examples.texts(folder)


class TestNumbersToPredict(TestTable):
    task = "regression"

    def spec(self, folder):
        return replace(examples.rows(folder), target="noise")


class TestLabels(TestTable):
    task = "multilabel"

    def spec(self, folder):
        path = folder / "labels.csv"
        lines = [f"{i * 7 % 11},{i % 2},{i % 3 // 2}" for i in range(60)]
        path.write_text("\n".join(["number,even,third", *lines]))
        return DataSpec(source=str(path), target=("even", "third"))


class TestImageFolder(BuiltIn):
    name = "image_folder"

    def spec(self, folder):
        spec = super().spec(folder)
        for label in ("a", "b"):
            one = (folder / "images" / label / "1.png").read_bytes()
            for i in range(3, 20):
                (folder / "images" / label / f"{i}.png").write_bytes(one)
        return spec

    def broken(self, folder):
        (folder / "none").mkdir()
        torn = folder / "torn"
        for label in ("a", "b"):
            (torn / label).mkdir(parents=True)
            (torn / label / "1.png").write_bytes(b"\x89PNG\r\n and no more")
        return [DataSpec(source=str(folder / name)) for name in ("none", "torn")]


def test_every_source_is_tested_here():
    tested = {suite.name for suite in BuiltIn.__subclasses__()}
    assert tested == set(SOURCES.names())
