"""Sequences: told from grey images, kept with their gaps, drawn over time."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.data import prepare
from autotrain.data.modalities.sequence import SEQUENCES
from autotrain.data.sources import load_source
from autotrain.errors import ConfigurationError, DataError

STEPS = np.random.default_rng(0).normal(size=(40, 6, 3))
Y = np.arange(40) % 2


@pytest.mark.parametrize(
    ("dtype", "read", "said", "found"),
    [
        ("float32", "sequence", None, "sequence"),
        ("float64", "image", None, "image"),
        ("int16", "sequence", None, "sequence"),
        ("int16", None, None, "image"),
        ("uint8", "image", None, "image"),
        ("uint8", None, None, "image"),
        ("uint8", "tabular", None, "image"),
        ("uint8", "sequence", "sequence", "sequence"),
        ("float32", None, "sequence", "sequence"),
        ("float32", "sequence", "image", "image"),
    ],
)
def test_arrays_of_three_dimensions_are_what_their_type_and_the_models_say(
    spec, npz, dtype, read, said, found
):
    path = npz(x=(STEPS * 9).astype(dtype), y=Y)
    dataset = load_source(spec(path, modality=said), modality=read)
    assert dataset.modality == found
    assert dataset.x["train"].shape == ((40, 6, 3, 1) if found == "image" else (40, 6, 3))


@pytest.mark.parametrize(
    ("dtype", "read"), [("float32", None), ("float32", "tabular"), ("uint8", "sequence")]
)
def test_arrays_that_may_be_either_are_refused_with_the_option_that_says_it(spec, npz, dtype, read):
    path = npz(x=(STEPS * 9).astype(dtype), y=Y)
    with pytest.raises(DataError, match=r"may be grey images .*--set data.modality=sequence"):
        load_source(spec(path), modality=read)


@pytest.mark.parametrize(
    ("x", "said", "message"),
    [
        (STEPS, "tabular", r"must be image or sequence for an array of the shape \[40, 6, 3\]"),
        (STEPS[:, 0], "sequence", r"must be tabular for an array of the shape \[40, 3\]"),
        (STEPS, "sequences", r"data\.modality must be one of image, tabular, text, sequence"),
    ],
)
def test_what_is_said_of_arrays_must_fit_them(spec, npz, x, said, message):
    with pytest.raises((DataError, ConfigurationError), match=message):
        load_source(spec(npz(x=x, y=Y), modality=said))


def test_what_is_said_of_other_data_is_refused(spec):
    with pytest.raises(DataError, match=r"modality can be said of an \.npz file"):
        load_source(spec("digits", modality="image"))


def test_sequences_keep_gaps_and_the_names_of_their_features(spec, npz, tmp_path):
    x = STEPS.copy()
    x[::3, 4:] = np.nan
    path = npz(x=x, y=Y, feature_names=["a", "b", "c"])
    info = prepare(spec(path), tmp_path / "cache", 0, modality="sequence")
    assert info.input_shape == (6, 3)
    assert [column.name for column in info.columns] == ["a", "b", "c"]
    assert SEQUENCES.describe(info) == "40 sequences of 6 steps with 3 features"


def test_features_without_a_value_and_infinity_are_refused(spec, npz, tmp_path):
    empty, endless = STEPS.copy(), STEPS.copy()
    empty[..., 1] = np.nan
    endless[7, 0, 0] = np.inf
    with pytest.raises(DataError, match="the feature 'column 2' has no value"):
        prepare(spec(npz(x=empty, y=Y)), tmp_path / "cache", 0, modality="sequence")
    with pytest.raises(DataError, match="infinity in 1 of 40 examples, first in example 7"):
        load_source(spec(npz(x=endless, y=Y)), modality="sequence")


def test_a_profile_is_of_what_is_known():
    x = np.array([[[1.0, np.nan], [3.0, np.nan]], [[2.0, 5.0], [np.nan, 5.0]]])
    found = SEQUENCES.profile((), x)
    np.testing.assert_allclose(found["mean of feature 1"], [2, 2])
    np.testing.assert_allclose(found["mean of feature 2"], [np.nan, 5])
    np.testing.assert_allclose(found["spread of feature 1"], [1, 0])


def test_a_picture_has_a_line_for_each_feature():
    pixels = SEQUENCES.picture(np.array([[0.0, np.nan], [1.0, 2.0], [np.nan, 2.0]]))
    assert pixels.dtype == np.uint8
    colours = {tuple(colour) for colour in pixels.reshape(-1, 3)}
    assert colours == {(255, 255, 255), (0x1F, 0x77, 0xB4), (0xD6, 0x27, 0x28)}
