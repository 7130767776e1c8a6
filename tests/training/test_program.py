"""Compile once, train many; exact resume. On both backends, each in one warm child process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import core_training
from autotrain.training.runtime import environment
from core_training import BASE, EPOCHS, train, train_with


def test_trial_of_a_known_structure_traces_nothing_and_equals_a_fresh_one(
    backend, images, tmp_path
):
    first, traces = backend.run(train, images, tmp_path, BASE)
    assert traces == 2  # one for training, one for evaluation
    train_other = {**BASE, "learning_rate": 0.001, "dropout": 0.0, "schedule": "step"}
    other, traces = backend.run(train_with, images, tmp_path, train_other, {"seed": 2})
    assert traces == 2
    assert other[0] != first[0]
    again, traces = backend.run(train, images, tmp_path, BASE)
    assert traces == 2
    fresh, _ = backend.run(train_with, images, tmp_path, BASE, {"key": "fresh"})
    assert first == again == fresh


LIMITS = {
    "momentum": 0.0,
    "weight_decay": 0.0,
    "dropout": 0.0,
    "l2": 0.0,
    "label_smoothing": 0.0,
    "augmentation": 0.0,
    "ema_decay": 0.0,
    "clip_norm": 1e-3,
    "warmup": 0.0,
    "schedule": "constant",
    "learning_rate": 0.01,
}


@pytest.mark.parametrize("name", LIMITS)
def test_value_at_its_limit_shares_the_trace_and_changes_the_result(
    backend, images, tmp_path, name
):
    base, _ = backend.run(train, images, tmp_path, BASE)
    rows, traces = backend.run(train, images, tmp_path, {**BASE, name: LIMITS[name]})
    assert traces == 2
    assert rows[0] != base[0]


def test_flip_changes_the_result(backend, images, tmp_path):
    base, _ = backend.run(train, images, tmp_path, BASE)
    rows, traces = backend.run(train, images, tmp_path, {**BASE, "flip": 0.0})
    assert traces == 2
    assert rows[0] != base[0]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
def test_resumed_trial_equals_the_uninterrupted_one_bit_for_bit(
    backend, images, tmp_path, optimizer
):
    params = {**BASE, "optimizer": optimizer, "patience": 5}
    whole, _ = backend.run(train_with, images, tmp_path, params, {"name": "whole"})
    part, _ = backend.run(train_with, images, tmp_path, params, {"name": "cut", "stop_at": 2})
    # In between, the warm worker trains something else with the same program.
    backend.run(train_with, images, tmp_path, {**params, "dropout": 0.0}, {"seed": 9, "name": "x"})
    rest, _ = backend.run(train_with, images, tmp_path, params, {"name": "cut"})
    assert part + rest == whole
    assert len(part) == 2


def test_early_stopping_is_resumed_with_the_rest(backend, images, tmp_path):
    params = {**BASE, "learning_rate": 1e-7, "patience": 2, "ema": False}
    params["momentum"] = 0.0
    whole, _ = backend.run(train_with, images, tmp_path, params, {"name": "whole"})
    part, _ = backend.run(train_with, images, tmp_path, params, {"name": "cut", "stop_at": 1})
    rest, _ = backend.run(train_with, images, tmp_path, params, {"name": "cut"})
    assert part + rest == whole


def test_resume_in_another_process_is_exact(backend, images, tmp_path):
    whole, _ = backend.run(train_with, images, tmp_path, BASE, {"name": "whole"})
    part, _ = backend.run(train_with, images, tmp_path, BASE, {"name": "cut", "stop_at": 2})
    code = (
        "import sys; sys.path.insert(0, sys.argv[3]);"
        "from autotrain.training.runtime import prepare_framework; prepare_framework();"
        "import core_training as t;"
        "print(repr(t.train(sys.argv[1], sys.argv[2], t.BASE, name='cut')[0]))"
    )
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            str(images),
            str(tmp_path),
            str(Path(core_training.__file__).parent),
        ],
        env=backend.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    rest = eval(answer.stdout.strip().splitlines()[-1])
    assert part + rest == whole


def test_a_copy_goes_on_with_its_own_values(backend, images, tmp_path):
    whole, _ = backend.run(train, images, tmp_path, {**BASE, "patience": 0})
    same = backend.run(_copied, images, tmp_path / "same", {})
    other = backend.run(_copied, images, tmp_path / "other", {"learning_rate": 0.0005})
    again = backend.run(_copied, images, tmp_path / "again", {"learning_rate": 0.0005})
    assert same == whole[2:]  # with the parent's seed and values it is the parent
    assert other == again
    assert other[0] != same[0]
    smoother = backend.run(_copied, images, tmp_path / "rate", {"dropout": 0.0})
    assert smoother[0] != same[0]


def _copied(folder, scratch, changes):
    """Epochs of a copy made after two epochs."""
    from pathlib import Path

    from autotrain.training.checkpoint import fork_checkpoint

    scratch = Path(scratch)
    scratch.mkdir()
    parent = {**BASE, "patience": 0}
    train(folder, scratch, parent, stop_at=2, name="parent")
    params = {**parent, **changes}
    fork_checkpoint(scratch / "parent.ckpt", scratch / "copy.ckpt", params, 1)
    return train(folder, scratch, params, name="copy")[0]


def test_mlp_learns_a_table(backend, table, tmp_path):
    params = {"depth": 1, "width": 16, "learning_rate": 0.02, "batch_size": 16}
    rows, _ = backend.run(train_with, table, tmp_path, params, {"model": "mlp"})
    assert rows[-1]["val_accuracy"] > 0.85


def test_cnn_learns_digits(backend, images, tmp_path):
    params = {"depth": 2, "width": 16, "learning_rate": 0.01, "batch_size": 32}
    rows, _ = backend.run(train, images, tmp_path, params)
    assert rows[-1]["val_accuracy"] > 0.5
    assert rows[-1]["loss"] < rows[0]["loss"]


def test_nan_ends_the_trial_with_the_epoch_named(backend, images, tmp_path):
    params = {
        "depth": 1,
        "width": 8,
        "optimizer": "sgd",
        "learning_rate": 1e30,
        "batch_norm": False,
    }
    with pytest.raises(Exception, match=r"(loss|val_loss) became (nan|inf) in epoch 1"):
        backend.run(train, images, tmp_path, params)


def test_data_smaller_than_a_batch_shrinks_the_batch(backend, images, tmp_path):
    params = {"depth": 1, "width": 8, "batch_size": 4096}
    rows, _ = backend.run(train, images, tmp_path, params)
    assert len(rows) == EPOCHS


def _saved_model_agrees(folder, scratch, params):
    from pathlib import Path

    import keras
    import numpy as np
    from sklearn.metrics import precision_recall_fscore_support

    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.job import Job
    from autotrain.training.model_file import save_model
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    arrays, files = open_arrays(folder), Path(scratch)
    trainer = Trainer(arrays, describe_shape(arrays, 10))
    job = Job("cnn", params, 1, 3, "val_loss", "minimize", files / "c", files / "w")
    records = []

    def report(record):
        records.append(record.metrics["val_loss"])
        return Decision.CONTINUE

    trainer.run(job, report)
    facts = save_model(trainer.program("cnn", params), job, files / "model.keras", arrays)
    model = keras.models.load_model(files / "model.keras")
    probabilities = model.predict(np.asarray(arrays.x_validation), verbose=0)
    chosen = probabilities[np.arange(len(probabilities)), np.asarray(arrays.y_validation)]
    kinds = {type(layer).__module__.split(".")[0] for layer in model.layers[0].layers}
    truth = np.asarray(arrays.y_validation)
    expected = precision_recall_fscore_support(
        truth, probabilities.argmax(axis=1), labels=range(10), zero_division=0
    )
    given = [facts["by_class"][name] for name in ("precision", "recall", "f1", "support")]
    return min(records), float(-np.log(chosen).mean()), kinds, given, expected


def test_saved_model_is_plain_keras_with_the_best_epochs_weights(backend, images, tmp_path):
    params = {name: value for name, value in BASE.items() if name != "patience"}
    best, loss, modules, by_class, expected = backend.run(
        _saved_model_agrees, images, tmp_path, params
    )
    assert loss == pytest.approx(best, rel=1e-4)
    assert modules == {"keras"}
    for given, right in zip(by_class, expected, strict=True):
        assert given == pytest.approx(right)
    assert sum(by_class[3]) == 100


_MEASURE = """
import sys
from pathlib import Path
from autotrain.engines.worker import load_keras
load_keras()
from autotrain.data import open_arrays
from autotrain.training.inputs import describe_shape
from autotrain.training.job import Job
from autotrain.training.evaluation import measure
from autotrain.training.model_file import save_model
from autotrain.training.trainer import Trainer
from autotrain.trial import Decision

arrays, files = open_arrays(Path(sys.argv[1])), Path(sys.argv[2])
params = {"depth": 1, "width": 4, "batch_size": 64, "augmentation": 0.2}
trainer = Trainer(arrays, describe_shape(arrays, 10))
job = Job("cnn", params, 1, 1, "val_loss", "minimize", files / "c", files / "w")
trainer.run(job, lambda record: Decision.CONTINUE)
program = trainer.program("cnn", params)
save_model(program, job, files / "model.keras", arrays)
facts = measure(program, job, files / "out.npz", arrays.x_validation, arrays.y_validation)
assert facts["flops"] > 0 and (files / "model.keras").exists() and (files / "out.npz").exists()
print(sorted({"tensorflow", "sklearn", "pandas"} & set(sys.modules)))
"""


def test_a_worker_on_jax_loads_neither_tensorflow_nor_scikit_learn(images, tmp_path):
    """Each would take seconds at the end of every search."""
    pytest.importorskip("jax", reason="JAX is not installed")
    environ = {**os.environ, **environment("jax", 1, None, 1), "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", _MEASURE, str(images), str(tmp_path)]
    loaded = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_checkpoint_that_is_damaged_is_refused(tmp_path):
    import numpy as np

    from autotrain.errors import CheckpointError
    from autotrain.training.checkpoint import read_checkpoint, write_checkpoint

    path = tmp_path / "checkpoint"
    write_checkpoint(path, {"epoch": 3}, {"state": [np.arange(5), np.ones((2, 2))], "best": []})
    record, groups = read_checkpoint(path)
    assert record == {"epoch": 3}
    assert groups["best"] == []
    assert (groups["state"][0] == np.arange(5)).all()
    data = bytearray(path.read_bytes())
    for damaged in (
        data[:-10],
        data[: len(data) // 2],
        b"",
        bytes([*data[:-1], data[-1] ^ 1]),
        b"{}\n",
    ):
        path.write_bytes(bytes(damaged))
        with pytest.raises(CheckpointError, match=str(path)):
            read_checkpoint(path)
    assert not list(tmp_path.glob("*.tmp"))


def test_least_recently_used_program_is_dropped(backend, images, tmp_path):
    kept = backend.run(_lru, images, tmp_path)
    assert kept == [8, 6]


def _lru(folder, scratch):
    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.trainer import Trainer

    arrays = open_arrays(folder)
    trainer = Trainer(arrays, describe_shape(arrays, 10), programs=2)
    for width in (8, 4, 8, 6):
        trainer.program("cnn", {"depth": 1, "width": width})
    return [dict(key)["width"] for key in trainer.structures]
