"""The contract of a modality, over all there are."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.data import MODALITIES, data_folder, describe, open_arrays, prepare
from autotrain.serving.encoder import Encoder
from autotrain.serving.predict import READERS, read
from autotrain.space import load_space

TABLE = "size,colour,heavy,label\n" + "".join(
    f"{i / 7 if i % 5 else ''},{('red', 'blue', '', 'a, b')[i % 4]},{('true', 'false')[i % 2]},"
    f"{('no', 'yes')[i // 2 % 2]}\n".replace("a, b", '"a, b"')
    for i in range(80)
)
TEXTS = "review\tlabel\n" + "".join(
    f"{('good film', 'bad, long film', '?!')[i % 3]} {i % 7}\t{i % 2}\n" for i in range(80)
)


@pytest.fixture(params=MODALITIES.names())
def prepared(request, spec, tmp_path):
    """A modality, what is known of some data of it, their folder, and validation examples."""
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "x.tsv").write_text(TEXTS)
    steps = np.random.default_rng(0).normal(size=(80, 9, 2))
    steps[::5, 6:] = np.nan
    np.savez(tmp_path / "s.npz", x=steps, y=np.arange(80) % 2)
    sources = {"image": "digits", "tabular": tmp_path / "t.csv", "text": tmp_path / "x.tsv",
               "sequence": tmp_path / "s.npz"}  # fmt: skip
    info = prepare(spec(sources[request.param]), tmp_path / "c", 0, modality=request.param)
    folder = data_folder(tmp_path / "c", info.fingerprint)
    x = np.asarray(open_arrays(folder).x_validation)
    return MODALITIES.get(request.param), info, folder, x


def test_examples_written_back_are_read_by_a_model_as_they_were(prepared, tmp_path):
    modality, info, folder, x = prepared
    inputs = modality.inputs(info, folder)
    path = modality.to_raw(tmp_path, info, inputs["vocabulary"], x)
    encoder = Encoder(inputs)
    found = [encoder.numbers(batch) for _, batch, _ in read(inputs, path)]
    np.testing.assert_array_equal(np.concatenate(found), x)


def test_a_profile_has_a_value_for_each_example(prepared):
    modality, info, _, x = prepared
    found = modality.profile(info.columns, x)
    assert found
    assert all(len(values) == len(x) for values in found.values())
    assert {values.dtype == object or values.dtype.kind == "f" for values in found.values()} == {
        True
    }


def test_features_are_a_matrix_without_gaps(prepared):
    modality, info, _, x = prepared
    found = modality.features(info, x)
    dense = found.toarray() if modality.sparse_features else found
    assert dense.shape[0] == len(x)
    assert np.isfinite(dense).all()


def test_a_modality_has_its_words_its_reader_and_its_space(prepared):
    modality, info, folder, x = prepared
    assert info.modality == modality.name
    assert f"{sum(info.sizes.values()):,}" in modality.describe(info)
    assert modality.describe(info) in describe(info)
    assert modality.reads(info.input_shape, info.dtype, ["a"]).startswith("It reads ")
    assert modality.name in READERS
    assert load_space(modality.example_space).task.startswith(modality.name)
    shown = modality.readable(info, folder, x)
    assert len(shown) in (0, len(x))
