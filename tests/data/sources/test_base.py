"""The contract of a data source, over all there are."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from autotrain.data import SOURCES
from autotrain.data.sources.base import path_of
from autotrain.tasks import task_named


@pytest.fixture
def examples(tmp_path, npz):
    """A source for each form that needs no network."""
    for label in ("a", "b"):
        (tmp_path / "images" / label).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "images" / label / "1.png")
    (tmp_path / "t.csv").write_text("n,label\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(9)))
    return {
        "builtin": "iris",
        "npz": str(npz()),
        "table": str(tmp_path / "t.csv"),
        "image_folder": str(tmp_path / "images"),
    }


def test_every_source_has_an_example_here(examples):
    assert set(SOURCES.built_in) == {*examples, "keras_datasets"}


@pytest.mark.parametrize("name", [name for name in SOURCES.built_in if name != "keras_datasets"])
def test_a_source_reads_what_it_alone_matches(spec, examples, name):
    given, source = spec(examples[name]), SOURCES.get(name)
    assert [n for n in SOURCES.names() if SOURCES.get(n).matches(given)] == [name]
    dataset = source.read(given, task_named("classification"), None)
    assert dataset.x["train"].shape[0] == dataset.y["train"].shape[0]
    assert dataset.y["train"].dtype == np.int32
    assert set(dataset.x) == set(dataset.y)
    assert dataset.task == "classification"
    assert (source.form[0], source.form[-1].isalnum() or source.form[-1] == ")") == ("a", True)


@pytest.mark.parametrize("text", ["no such file", "a\0b", "~no_such_user_here/x", "x" * 5000])
def test_path_of_what_is_not_there_is_none(spec, text):
    assert path_of(spec(text)) is None
    assert not any(SOURCES.get(name).matches(spec(text)) for name in SOURCES.names())
