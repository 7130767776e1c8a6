"""Numbers keep 64 bits where 32 would round away what tells them apart, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.tasks.precision import narrowed

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("centre", "spread"),
    [(1.7e9, 21), (1.7e12, 59), (-1e6, 1), (273_150, 0.5), (1e15, 3e6), (5.0, 1e-6)],
)
def test_numbers_far_from_zero_keep_64_bits(centre, spread):
    values = centre + spread * RNG.normal(size=500)
    assert narrowed(values).dtype == np.float64
    assert (narrowed(values) == values).all()
    values[::7] = np.nan
    assert narrowed(values).dtype == np.float64
    both = np.stack([RNG.normal(size=500), values], axis=1)
    assert narrowed(both).dtype == np.float64


def test_whole_numbers_beyond_32_bits_stay_apart():
    stamps = 1_700_000_000_000 + np.arange(59)
    assert len(np.unique(narrowed(stamps))) == 59


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=500),
        2019 + RNG.integers(0, 6, 500).astype(float),
        1013.25 + 10 * RNG.normal(size=500),
        np.exp(5 * RNG.normal(size=50_000)),
        np.append(RNG.normal(size=50_000), 1e9),
        RNG.integers(0, 2**62, 500),
        np.full(9, 1.7e9 + 0.1),
        np.full(9, np.nan),
        np.zeros(0),
        RNG.normal(size=9).astype("float32"),
        np.arange(9, dtype="uint8"),
    ],
    ids=str,
)
def test_other_numbers_have_32_bits(values):
    assert narrowed(values).dtype == np.float32


def test_what_is_too_large_becomes_infinite():
    assert np.isinf(narrowed(np.array([1e39, 1.0]))).tolist() == [True, False]
