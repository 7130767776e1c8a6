"""Tables with categories and missing values, and texts: trained, cut, and saved to read raw examples."""

from __future__ import annotations

import csv
import importlib.util

import numpy as np
import pytest

from autotrain.data import data_folder, prepare
from autotrain.space import DataSpec

CITIES = ("Ghent", "Oslo", "Xi'an", "São Paulo")


@pytest.fixture(scope="session")
def mixed(tmp_path_factory):
    """A table of numbers with holes and of categories, of which one decides the class."""
    folder = tmp_path_factory.mktemp("mixed")
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(400):
        city, income, age = rng.integers(4), rng.normal(50, 20), rng.normal(40, 12)
        rich = int(income + 30 * (city in (1, 2)) + rng.normal(0, 5) > 65)
        hole = rng.random() < 0.3
        rows.append([CITIES[city], "" if hole else f"{income:.1f}", f"{age:.1f}", rich])
    with (folder / "mixed.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["home city", "income/k", "age", "label"], *rows])
    return _prepared(folder, DataSpec(source=str(folder / "mixed.csv")), "tabular")


@pytest.fixture(scope="session")
def texts(tmp_path_factory):
    """Short texts, of which one word decides the class; some are empty."""
    folder = tmp_path_factory.mktemp("texts")
    rng = np.random.default_rng(0)
    words = [f"word{i}" for i in range(30)]
    rows = []
    for i in range(400):
        label = i % 2
        chosen = list(rng.choice(words, rng.integers(1, 12)))
        chosen.insert(rng.integers(len(chosen) + 1), "GOOD!" if label else "bad")
        rows.append([" ".join(chosen) if i % 50 else "", label])
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *rows])
    return _prepared(folder, DataSpec(source=str(folder / "texts.csv")), "text")


def _prepared(folder, spec, kind):
    info = prepare(spec, folder / "cache", 0, "classification", kind)
    return data_folder(folder / "cache", info.fingerprint), info


def _train(folder, info, scratch, model, params, epochs=4):
    """Metrics of each epoch, traces, probabilities of the validation part; the model is saved."""
    from pathlib import Path

    from autotrain.data import open_arrays
    from autotrain.tasks.classification import CLASSIFICATION
    from autotrain.training.inputs import shape_of
    from autotrain.training.job import Job
    from autotrain.training.model_file import save_model
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    arrays, files = open_arrays(folder), Path(scratch)
    trainer = Trainer(arrays, shape_of(arrays, info, folder))
    job = Job(model, params, 1, epochs, "val_loss", "minimize", files / "c", files / "w")
    rows = []

    def report(record):
        rows.append({k: v for k, v in record.metrics.items() if k != "train_seconds"})
        return Decision.CONTINUE

    trainer.run(job, report)
    program = trainer.program(model, params)
    save_model(program, job, files / "model.keras", arrays)
    outputs = program.predict(arrays.x_validation)
    return rows, program.loop.traces, CLASSIFICATION.probabilities(outputs)


def _columns_predict(path, columns, matrix):
    """What the saved model says of raw rows, in a process that has Keras alone in this function."""
    import keras
    import numpy as np
    import tensorflow as tf

    model = keras.models.load_model(path)
    raw = {}
    for i, (name, levels) in enumerate(columns):
        values = matrix[:, i : i + 1]
        if levels:
            strings = np.array(["", *levels], dtype=object)[values.astype(int)]
            raw[name] = tf.constant(strings)
        else:
            raw[name] = tf.constant(values)
    unseen = {
        n: tf.constant([["Atlantis"]]) if v.dtype == tf.string else v[:1] for n, v in raw.items()
    }
    kinds = {type(layer).__module__.split(".")[0] for layer in model.layers}
    return model.predict(raw, verbose=0), model.predict(unseen, verbose=0), kinds


MLP = {"depth": 1, "width": 16, "learning_rate": 0.02, "batch_size": 32, "dropout": 0.1}


@pytest.mark.slow_on_jax
def test_table_is_learnt_and_saved_to_read_raw_rows(backend, backends, mixed, tmp_path):
    folder, info = mixed
    assert [column.kind for column in info.columns] == ["category", "number", "number"]
    rows, traces, expected = backend.run(_train, folder, info, tmp_path, "mlp", MLP, 8)
    assert traces == 2
    assert rows[-1]["val_accuracy"] > 0.8
    columns = [(column.name, column.levels) for column in info.columns]
    matrix = np.load(folder / "x_validation.npy")
    assert np.isnan(matrix).any()
    got, unseen, kinds = backends("tensorflow").run(
        _columns_predict, tmp_path / "model.keras", columns, matrix
    )
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert np.isfinite(unseen).all()
    assert kinds == {"keras"}


def test_missing_numbers_are_the_mean_and_say_that_they_are_missing(backend, mixed):
    one, other, finite = backend.run(_prepared_row, *mixed)
    assert finite
    assert one[0] == pytest.approx(0.0)  # the standardized mean
    assert sum(one) - sum(other) == pytest.approx(1.0)  # the flag of the missing income


def _prepared_row(folder, info):
    import keras
    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.inputs import build_inputs, shape_of

    arrays = open_arrays(folder)
    shape = shape_of(arrays, info, folder)
    inputs, x = build_inputs(shape, {"embedding": 2})
    rows = np.array([[1, np.nan, shape.mean[2]], [1, shape.mean[1], shape.mean[2]]], "float32")
    answer = np.asarray(keras.ops.convert_to_numpy(keras.Model(inputs, x)(rows)))
    return answer[0].tolist(), answer[1].tolist(), bool(np.isfinite(answer).all())


def _texts_predict(path, raw):
    import keras
    import tensorflow as tf

    model = keras.models.load_model(path)
    kinds = {type(layer).__module__.split(".")[0] for layer in model.layers}
    return model.predict(tf.constant([[text] for text in raw]), verbose=0), kinds


FAMILIES = {
    "text_cnn": {"width": 8, "embedding": 8, "windows": 2, "kernel": 2},
    "text_transformer": {"depth": 1, "width": 8, "heads": 2, "stochastic_depth": 0.1},
}
COMMON = {"learning_rate": 0.02, "batch_size": 32, "dropout": 0.1}


@pytest.mark.slow_on_jax
@pytest.mark.parametrize("model", FAMILIES)
def test_text_is_learnt_and_saved_to_read_raw_text(backend, backends, texts, tmp_path, model):
    folder, info = texts
    params = {**COMMON, **FAMILIES[model]}
    rows, traces, expected = backend.run(_train, folder, info, tmp_path, model, params)
    assert traces == 2
    assert rows[-1]["val_accuracy"] > 0.9
    vocabulary = backend.run(_vocabulary, folder)
    tokens = np.load(folder / "x_validation.npy")
    raw = [" ".join(["[UNK]", *vocabulary][t - 1] for t in row if t) for row in tokens]
    got, kinds = backends("tensorflow").run(_texts_predict, tmp_path / "model.keras", raw)
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert kinds == {"keras"}


def _vocabulary(folder):
    from autotrain.data import open_vocabulary

    return list(open_vocabulary(folder))


def test_vocabulary_and_length_are_cut(backend, texts):
    length, unknown, size = backend.run(_cut, *texts)
    assert length == 3
    assert unknown == [2, 1, 4]
    assert size == 5


def _cut(folder, info):
    import keras
    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.inputs import build_inputs, known_tokens, shape_of

    shape = shape_of(open_arrays(folder), info, folder)
    structure = {"vocabulary": 5, "sequence_length": 3}
    inputs, x = build_inputs(shape, structure)
    tokens = np.zeros((1, shape.input_shape[0]), "int32")
    tokens[0, :5] = [2, 5, 4, 7, 3]
    answer = np.asarray(keras.ops.convert_to_numpy(keras.Model(inputs, x)(tokens)))
    return x.shape[1], answer[0].tolist(), known_tokens(shape, structure)


def test_saving_strings_on_jax_names_what_went_wrong(backends, mixed, tmp_path):
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed")
    (tmp_path / "taken").write_text("")  # a file where a folder is needed
    message = backends("jax").run(_fail_to_save, *mixed, tmp_path, MLP)
    assert "could not be written with TensorFlow" in message
    assert "taken" in message


def _fail_to_save(folder, info, scratch, params):
    from pathlib import Path

    from autotrain.data import open_arrays
    from autotrain.errors import AutotrainError
    from autotrain.training.inputs import shape_of
    from autotrain.training.job import Job
    from autotrain.training.model_file import save_model
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    arrays, files = open_arrays(folder), Path(scratch)
    trainer = Trainer(arrays, shape_of(arrays, info, folder))
    job = Job("mlp", params, 1, 1, "val_loss", "minimize", files / "c", files / "w")
    trainer.run(job, lambda record: Decision.CONTINUE)
    try:
        save_model(trainer.program("mlp", params), job, files / "taken" / "m.keras", arrays)
    except AutotrainError as error:
        return str(error)
    return ""
