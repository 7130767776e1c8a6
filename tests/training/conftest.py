"""Small data of every kind, in the data layer's layout; for `backend` see `tests/backends.py`."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """A folder of small arrays in the data layer's layout: 8 x 8 digits."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = (digits.images / 16 * 255).astype("uint8")[..., None]
    return _write(tmp_path_factory.mktemp("images"), x, digits.target)


@pytest.fixture(scope="session")
def colours(tmp_path_factory):
    """The digits, each image in a colour of its own."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    tints = np.random.default_rng(0).uniform(0.3, 1.0, (len(digits.target), 1, 1, 3))
    x = (digits.images[..., None] / 16 * 255 * tints).astype("uint8")
    return _write(tmp_path_factory.mktemp("colours"), x, digits.target)


@pytest.fixture(scope="session")
def table(tmp_path_factory):
    from sklearn.datasets import load_wine

    wine = load_wine()
    order = np.random.default_rng(0).permutation(len(wine.target))
    x, y = wine.data.astype("float32")[order], wine.target[order]
    return _write(tmp_path_factory.mktemp("table"), x, y, train=120)


@pytest.fixture(scope="session")
def numbers(tmp_path_factory):
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    return _write(
        tmp_path_factory.mktemp("numbers"),
        data.data.astype("float32"),
        data.target,
        dtype="float32",
    )


@pytest.fixture(scope="session")
def steps(tmp_path_factory):
    """Sequences [12, 2]: whether a wave comes early or late; the last steps of some are missing."""
    rng = np.random.default_rng(0)
    late, time = rng.integers(0, 2, 430), np.arange(12)
    wave = np.where((time >= 6) == late[:, None].astype(bool), np.sin(time), 0.0)
    x = np.stack([wave, rng.normal(100, 9, wave.shape)], axis=2).astype("float32")
    x[::4, 10:] = np.nan
    return _write(tmp_path_factory.mktemp("steps"), x, late)


def _write(folder, x, y, train=330, dtype="int32"):
    y = y.astype(dtype)
    np.save(folder / "x_train.npy", x[:train])
    np.save(folder / "y_train.npy", y[:train])
    np.save(folder / "x_validation.npy", x[train : train + 100])
    np.save(folder / "y_validation.npy", y[train : train + 100])
    return folder
