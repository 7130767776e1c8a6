from __future__ import annotations

import gzip
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from autotrain.data import load_source, prepare
from autotrain.data.sources import keras_datasets as keras_source
from autotrain.errors import DataError


@pytest.fixture
def keras_home(tmp_path, monkeypatch) -> Path:
    home = tmp_path / "keras"
    monkeypatch.setenv("KERAS_HOME", str(home))
    # No network on any machine: a proxy that nobody answers.
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return home


def fake_fashion(home: Path) -> None:
    """Fashion-MNIST in miniature: the one data set whose files Keras does not check by hash."""
    folder = home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for part, count in (("train", 40), ("t10k", 10)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = np.repeat(labels, 28 * 28)
        for name, header, data in (("labels-idx1", 8, labels), ("images-idx3", 16, images)):
            path = folder / f"{part}-{name}-ubyte.gz"
            path.write_bytes(gzip.compress(bytes(header) + data.tobytes()))


def test_keras_cached_data_loads_in_child_and_is_not_loaded_twice(
    spec, keras_home, tmp_path, monkeypatch
):
    fake_fashion(keras_home)
    # A module of the current folder must not get in the child's way.
    (tmp_path / "keras.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    had_keras = "keras" in sys.modules
    info = prepare(spec("fashion_mnist"), tmp_path / "cache", 0)
    assert info.input_shape == (28, 28, 1)
    assert info.class_names[0] == "T-shirt/top"
    assert dict(info.sizes) == {"train": 30, "validation": 10, "test": 10}
    assert ("keras" in sys.modules) == had_keras

    def no_child(*_):
        raise AssertionError("prepared data was loaded again")

    monkeypatch.setattr(keras_source, "_run_child", no_child)
    assert prepare(spec("fashion_mnist"), tmp_path / "cache", 0) == info
    for other in (spec("fashion_mnist", image_size=14), spec("fashion_mnist", test=0.3)):
        with pytest.raises(AssertionError, match="loaded again"):
            prepare(other, tmp_path / "cache", 0)


def test_keras_without_network_says_what_to_put_where(spec, keras_home):
    plain = keras_home / "datasets" / "cifar-10-python.tar.gz"
    plain.parent.mkdir(parents=True)
    plain.touch()
    with pytest.raises(DataError, match="cifar10 could not be loaded") as caught:
        load_source(spec("cifar10"))
    message = str(caught.value)
    place = keras_home / "datasets" / "cifar-10-batches-py-target_archive"
    assert f"https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz  as  {place}" in message
    assert f"{plain} exists: rename it" in message
    assert "--data digits" in message
    assert "--data file.npz" in message
    assert "URL fetch failure" in message
    assert "Traceback" not in message


def test_keras_message_tells_of_removed_file(spec, keras_home, monkeypatch):
    place = keras_home / "datasets" / "mnist.npz"
    place.parent.mkdir(parents=True)
    place.write_text("not the original")

    def child(name, out):
        place.unlink()  # what Keras does when the hash differs and the download fails
        return "no network"

    monkeypatch.setattr(keras_source, "_run_child", child)
    with pytest.raises(DataError, match=r"mnist\.npz was there but was not the original"):
        load_source(spec("mnist"))


@pytest.mark.parametrize("name", keras_source.KERAS_DATASETS)
def test_keras_places_match_the_loaders(name, keras_home, monkeypatch):
    """The files named in messages are those that the installed Keras asks for (read, not run)."""
    from importlib.util import find_spec

    keras = find_spec("keras")
    assert keras is not None
    assert keras.origin is not None
    text = (Path(keras.origin).parent / "src" / "datasets" / f"{name}.py").read_text()
    for address, place in keras_source.KERAS_DATASETS[name].files:
        assert address.rsplit("/", 1)[-1] in text
        assert Path(place).name.removesuffix("_archive") in text
    assert keras_source._places(name)[0].is_relative_to(keras_home)


def test_cifar100_names_come_from_its_meta_file(keras_home):
    assert keras_source._class_names("cifar100") == ()
    meta = keras_home / "datasets/cifar-100-python-target/cifar-100-python/meta"
    meta.parent.mkdir(parents=True)
    meta.write_bytes(pickle.dumps({b"fine_label_names": [b"apple", b"aquarium_fish"]}))
    assert keras_source._class_names("cifar100") == ("apple", "aquarium_fish")
    meta.write_bytes(pickle.dumps(Path("x")))  # would import a module
    assert keras_source._class_names("cifar100") == ()
