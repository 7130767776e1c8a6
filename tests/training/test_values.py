"""Every value of the core shares its program and changes the result; optimizers, goals, types."""

from __future__ import annotations

import pytest

from autotrain.catalog.hyperparameters import HYPERPARAMETERS, OPTIMIZERS
from core_training import BASE, train_with

START = {
    **{k: v for k, v in BASE.items() if k not in ("augmentation", "clip_norm", "patience")},
    "flip": 0.5, "shift": 0.5, "rotation": 0.5, "zoom": 0.5, "cutout": 0.5,
    "shear": 0.5, "brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.5,
    "randaugment": 0.5, "mixup": 0.5, "cutmix": 0.5,
    "spatial_dropout": 0.2, "l1": 1e-3, "max_norm": 1.0, "clip_value": 0.01, "clip_norm": 1.0,
    "focal_gamma": 1.0, "stochastic_depth": 0.5, "blocks": 1,
}  # fmt: skip
# A second value of each, at its limit where that is special, and what must be set for it to matter.
CHANGED = {
    "flip": (0.0, {}), "shift": (0.0, {}), "rotation": (0.0, {}), "zoom": (0.0, {}),
    "shear": (0.0, {}), "brightness": (0.0, {}), "contrast": (0.0, {}),
    "saturation": (0.0, {}), "hue": (0.0, {}),
    "randaugment": (0.0, {}), "mixup": (0.0, {}), "cutmix": (0.0, {}),
    "cutout": (0.0, {}), "augmentation": (0.0, {}), "spatial_dropout": (0.0, {}), "l1": (0.0, {}),
    "l2": (0.0, {}), "max_norm": (0.1, {}), "clip_value": (1e-5, {}), "clip_norm": (1e-3, {}),
    "focal_gamma": (0.0, {}), "label_smoothing": (0.0, {}), "dropout": (0.0, {}),
    "momentum": (0.0, {}), "weight_decay": (0.0, {}), "ema_decay": (0.0, {}),
    "learning_rate": (0.01, {}), "warmup": (0.0, {}), "schedule": ("polynomial", {}),
    "peak": (0.7, {}), "final_factor": (0.5, {"schedule": "exponential"}),
    "power": (3.0, {"schedule": "polynomial"}), "cycles": (1, {"schedule": "cosine_restarts"}),
    "plateau_patience": (1, {"schedule": "plateau", "learning_rate": 1e-9, "momentum": 0.0}),
    "plateau_factor": (0.9, {"schedule": "plateau", "learning_rate": 1e-9, "plateau_patience": 1}),
    "stochastic_depth": (0.0, {}), "class_weights": ("balanced", {}), "sampling": ("over", {}), "patience": (1, {}),
}  # fmt: skip
# test_training_transfer.py and test_training_distilling.py change these.
ELSEWHERE = {"quantile", "frozen_share", "fine_tune_factor", "soft_weight", "temperature"}
FAMILY = {"stochastic_depth": "resnet"}  # where the cnn does not have the value


def test_every_value_is_tried():
    values = {name for name, info in HYPERPARAMETERS.items() if not info.structural}
    assert values == set(CHANGED) | ELSEWHERE


@pytest.mark.parametrize("name", CHANGED)
def test_a_value_shares_the_trace_and_changes_the_result(backend, images, colours, tmp_path, name):
    value, also = CHANGED[name]
    start = {**START, **also}
    if name == "augmentation":
        start["augmentation"] = 1.0
    more = {"key": "values", "model": FAMILY.get(name, "cnn")}
    images = colours if name in ("saturation", "hue") else images
    base, traces = backend.run(train_with, images, tmp_path, start, {**more, "name": "a"})
    assert traces == 2
    rows, traces = backend.run(
        train_with, images, tmp_path, {**start, name: value}, {**more, "name": "b"}
    )
    assert traces == 2
    if name in ("patience", "plateau_patience", "plateau_factor"):
        return  # whether they matter depends on how training goes: tested by themselves
    assert rows != base


@pytest.mark.slow_on_jax
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns(backend, images, tmp_path, optimizer):
    rate = {"sgd": 0.05, "lion": 0.002, "muon": 0.02}.get(optimizer, 0.01)
    params = {"width": 8, "batch_size": 32, "optimizer": optimizer, "learning_rate": rate}
    params["weight_decay"] = 1e-4
    rows, _ = backend.run(train_with, images, tmp_path, params, {"key": optimizer})
    assert rows[-1]["loss"] < 0.7 * rows[0]["loss"]


def test_accumulation_computes_the_same_step(backend, images, tmp_path):
    params = {"width": 8, "batch_norm": False, "batch_size": 32, "learning_rate": 0.01}
    whole, _ = backend.run(train_with, images, tmp_path, params, {"key": "acc", "name": "a"})
    pieces = {**params, "accumulation": 4}
    rows, _ = backend.run(train_with, images, tmp_path, pieces, {"key": "acc", "name": "b"})
    assert rows[-1]["loss"] == pytest.approx(whole[-1]["loss"], rel=1e-3)
    with pytest.raises(Exception, match="equal pieces"):
        backend.run(train_with, images, tmp_path, {**params, "accumulation": 5}, {"name": "c"})


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_mixed_precision_learns(backend, images, tmp_path, precision):
    params = {"width": 8, "batch_size": 32, "learning_rate": 0.01, "precision": precision}
    rows, _ = backend.run(train_with, images, tmp_path, params, {"key": precision})
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]


@pytest.mark.parametrize(
    "options", [{"pooling": "average"}, {"pooling": "stride", "dense_units": 8}]
)
def test_options_of_the_cnn_learn(backend, images, tmp_path, options):
    params = {"width": 8, "batch_size": 32, "learning_rate": 0.01, **options}
    rows, _ = backend.run(train_with, images, tmp_path, params, {"key": "cnn"})
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]


@pytest.mark.parametrize("loss", ["auto", "mae", "huber"])
def test_regression_predicts_in_the_targets_units(backend, numbers, tmp_path, loss):
    params = {"depth": 2, "width": 32, "residual": True, "learning_rate": 0.02, "batch_size": 32}
    params["loss"] = loss
    rows, _ = backend.run(train_with, numbers, tmp_path, params, {"model": "mlp", "key": loss})
    assert rows[-1]["val_r2"] > 0.2
    assert 30 < rows[-1]["val_mae"] < 80  # the targets go from 25 to 346


def test_a_quantile_is_learnt_and_is_a_value(backend, numbers, tmp_path):
    params = {"width": 16, "learning_rate": 0.02, "batch_size": 32}
    more = {"model": "mlp", "key": "quantile", "further": ("val_pinball_0.9",)}
    base, traces = backend.run(
        train_with, numbers, tmp_path, {**params, "quantile": 0.1}, {**more, "name": "a"}
    )
    rows, again = backend.run(
        train_with, numbers, tmp_path, {**params, "quantile": 0.9}, {**more, "name": "b"}
    )
    assert (traces, again) == (2, 2)
    assert rows[-1]["val_pinball_0.9"] < 0.8 * base[-1]["val_pinball_0.9"]


OWN = """
import keras
def build(params, shape, classes):
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(),
                             keras.layers.Dense(params["units"], "relu"),
                             keras.layers.Dense(classes, activation=params.get("last"))])
"""


@pytest.mark.slow_on_jax
def test_a_family_of_the_users_own(backend, images, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(OWN, "utf-8")
    params = {"units": 32, "learning_rate": 0.01, "batch_size": 32}
    more = {"model": f"{file}:build", "key": "own"}
    rows, _ = backend.run(train_with, images, tmp_path, params, more)
    assert rows[-1]["val_accuracy"] > 0.6
    with pytest.raises(Exception, match="must return logits"):
        backend.run(train_with, images, tmp_path, {**params, "last": "softmax"}, more)
