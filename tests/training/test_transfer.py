"""Pretrained backbones: prepared as they want it, frozen, then tuned slowly; one trial all the way."""

from __future__ import annotations

import pytest

BACKBONE = "MobileNetV3Small"
PARAMS = {
    "backbone": BACKBONE,
    "unfreeze": 0.2,
    "frozen_share": 0.5,
    "fine_tune_factor": 0.1,
    "optimizer": "sgd",
    "learning_rate": 0.05,
    "batch_size": 64,
    "dropout": 0.1,
}
EPOCHS = 4


@pytest.fixture(scope="session")
def weights(backends, tmp_path_factory):
    """A file of weights as Keras's own `include_top=False` model saves it."""
    path = tmp_path_factory.mktemp("weights") / "backbone.weights.h5"
    backends("tensorflow").run(_save_weights, str(path))
    return str(path)


def _save_weights(path):
    import keras

    keras.utils.set_random_seed(0)
    factory = getattr(keras.applications, BACKBONE)
    factory(include_top=False, weights=None, input_shape=(32, 32, 3)).save_weights(path)


def _phases(folder, scratch, params):
    """Metrics by epoch, traces, and by epoch how far parts of the backbone and the head moved."""
    import builtins
    from pathlib import Path

    import keras
    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.job import Job
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    kept = builtins.__dict__.setdefault("_transfer", {})
    if "trainer" not in kept:
        arrays = open_arrays(folder)
        kept["trainer"] = Trainer(arrays, describe_shape(arrays, 10))
    trainer = kept["trainer"]
    program = trainer.program("transfer", params)
    backbone = next(layer for layer in program.model.layers if isinstance(layer, keras.Model))
    groups = {
        "frozen": backbone.non_trainable_variables,
        "tuned": backbone.trainable_variables,
        "head": program.phases[0],
    }
    rows, moved, last = [], [], {}

    def look():
        step = {}
        for name, variables in groups.items():
            now = [np.array(keras.ops.convert_to_numpy(v)) for v in variables]
            before = last.get(name, now)
            step[name] = max(float(np.abs(a - b).max()) for a, b in zip(now, before, strict=True))
            last[name] = now
        moved.append(step)

    def report(record):
        rows.append({k: v for k, v in record.metrics.items() if k != "train_seconds"})
        look()
        return Decision.PAUSE if record.epoch == params.get("_stop") else Decision.CONTINUE

    program.start(params, 1)
    look()
    files = Path(scratch)
    job = Job("transfer", {k: v for k, v in params.items() if k != "_stop"}, 1, EPOCHS,
              "val_loss", "minimize", files / "c", files / "w")  # fmt: skip
    trainer.run(job, report)
    return rows, program.loop.traces, moved[1:]


@pytest.mark.slow_on_jax
def test_backbone_rests_first_and_is_tuned_slowly_then(backend, images, weights, tmp_path):
    params = {**PARAMS, "weights": weights}
    rows, traces, moved = backend.run(_phases, images, tmp_path, params)
    assert traces == 3  # a training step for each phase, and evaluation
    for epoch in moved:
        assert epoch["frozen"] == 0.0  # batch norm's statistics are among them
        assert epoch["head"] > 0.0
    assert [epoch["tuned"] > 0.0 for epoch in moved] == [False, False, True, True]
    assert rows[-1]["loss"] < rows[0]["loss"]

    slower = {**params, "fine_tune_factor": 0.01, "frozen_share": 0.25}
    _, traces, later = backend.run(_phases, images, tmp_path, slower)
    assert traces == 3
    assert [epoch["tuned"] > 0.0 for epoch in later] == [False, True, True, True]
    assert later[2]["tuned"] < 0.5 * moved[2]["tuned"]


@pytest.mark.slow_on_jax
def test_trial_cut_before_the_second_phase_goes_on_exactly(backend, images, weights, tmp_path):
    params = {**PARAMS, "weights": weights}
    whole, _, _ = backend.run(_phases, images, tmp_path / "whole", params)
    cut = tmp_path / "cut"
    part, _, _ = backend.run(_phases, images, cut, {**params, "_stop": 2})
    rest, _, _ = backend.run(_phases, images, cut, params)
    assert part + rest == whole


def test_table_of_backbones_is_that_of_keras(backends):
    ours, keras_has, prepared = backends("tensorflow").run(_compare_table)
    assert ours == keras_has
    for name, ours_pixels, theirs in prepared:
        assert ours_pixels == pytest.approx(theirs, abs=2e-2), name


def _compare_table():
    """One backbone of each preparation, on one pixel, against Keras's `preprocess_input`."""
    import inspect

    import keras
    import numpy as np

    from autotrain.catalog.backbones import BACKBONES
    from autotrain.training.inputs import DataShape
    from autotrain.training.models.transfer import PREPARATIONS, _prepared

    there = keras.applications
    names = sorted(n for n in dir(there) if inspect.isfunction(getattr(there, n)))
    shape = DataShape("image", "classification", (1, 1, 3), "uint8", 2, 4, 4)
    modules = [m for m in vars(there).values() if hasattr(m, "preprocess_input")]
    pixel, prepared = np.array([[[[10.0, 100.0, 200.0]]]], "float32"), []
    for name in BACKBONES:
        module = next((m for m in modules if hasattr(m, name)), None)
        if module is None:  # MobileNetV3 has the preparation inside and no function of its own
            assert PREPARATIONS[name] == "pixels"
            continue
        x = keras.Input((1, 1, 3))
        model = keras.Model(x, _prepared(x, shape, PREPARATIONS[name], 1))
        ours = np.asarray(keras.ops.convert_to_numpy(model(pixel / 255))).ravel()
        theirs = np.asarray(module.preprocess_input(pixel.copy())).ravel()
        prepared.append((name, ours.tolist(), theirs.tolist()))
    return list(BACKBONES), names, prepared


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights": "nowhere.weights.h5"}, "weights: nowhere.weights.h5 does not fit"),
        ({"backbone": "MobileNet"}, "does not fit MobileNet without its top"),
        ({"input_size": 16}, "takes images of at least 32 pixels, got input_size 16"),
    ],
)
def test_backbone_that_does_not_fit_is_refused(backends, images, weights, change, said):
    message = backends("tensorflow").run(_refused, images, {**PARAMS, "weights": weights, **change})
    assert said in message


def test_images_of_two_channels_are_refused(backends, images):
    assert "1 or 3 channels, got 2" in backends("tensorflow").run(_refused, images, PARAMS, 2)


def _refused(folder, params, channels=1):
    from dataclasses import replace

    from autotrain.data import open_arrays
    from autotrain.errors import AutotrainError
    from autotrain.training.inputs import describe_shape
    from autotrain.training.program import Program

    shape = describe_shape(open_arrays(folder), 10)
    shape = replace(shape, input_shape=(8, 8, channels))
    params = params if channels == 1 else {**params, "weights": "none"}
    try:
        Program("transfer", params, shape)
    except AutotrainError as error:
        return str(error)
    return ""
