"""Image families: options of theirs, images of any size, files that need nothing of autotrain.

What holds for every family is in its suite (`models/test_family_suite.py`).
"""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.catalog.families import FAMILIES, structure_of
from autotrain.catalog.hyperparameters import AUGMENTATION
from core_training import load_without_autotrain, save_models, train_with

COMMON = {"batch_size": 32, "schedule": "cosine", "learning_rate": 0.02}
SMALL = {
    "cnn": {"depth": 2, "width": 8},
    "resnet": {"depth": 2, "width": 8, "blocks": 1, "attention": "se", "stochastic_depth": 0.2},
    "convmixer": {"depth": 2, "width": 16, "kernel": 3, "patch": 2, "stochastic_depth": 0.2},
    "vit": {"depth": 1, "width": 32, "heads": 2, "patch": 2, "stochastic_depth": 0.2},
}
SMALL = {model: {**COMMON, **params} for model, params in SMALL.items()}
OPTIONS = {
    "identity_mappings": (
        "resnet",
        {"depth": 2, "width": 4, "preactivation": True, "bottleneck": True, "attention": "cbam"},
    ),
    "class_token": ("vit", {"depth": 1, "width": 32, "heads": 4, "class_token": True}),
}
# `transfer`, whose backbones fit no images of a few pixels, has tests of its own.
IMAGES = [n for n in FAMILIES.built_in if FAMILIES.get(n).modality == "image" and n != "transfer"]
BACKBONE = {"weights": "none", "backbone": "MobileNetV3Small", "batch_size": 32}


def test_every_image_family_is_tried():
    assert set(SMALL) == set(IMAGES)


@pytest.mark.slow_on_jax
@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_families_learn(backend, images, tmp_path, name):
    model, params = OPTIONS[name]
    more = {"model": model, "key": name}
    rows, _ = backend.run(train_with, images, tmp_path, {**COMMON, **params}, more)
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]


@pytest.mark.parametrize("model", ["resnet"])
def test_resumed_trial_with_stochastic_depth_is_exact(backend, images, tmp_path, model):
    params, more = SMALL[model], {"model": model, "key": "families"}
    whole, _ = backend.run(train_with, images, tmp_path, params, {**more, "name": "whole"})
    cut = {**more, "name": "cut"}
    part, _ = backend.run(train_with, images, tmp_path, params, {**cut, "stop_at": 2})
    rest, _ = backend.run(train_with, images, tmp_path, params, cut)
    assert len(part) == 2
    assert part + rest == whole


def _outputs(shape, model, params):
    from autotrain.training.inputs import DataShape
    from autotrain.training.program import Program

    data = DataShape("image", "classification", shape, "uint8", 3, 64, 16)
    return tuple(Program(model, params, data).model.output_shape)


@pytest.mark.parametrize("model", IMAGES)
def test_images_of_any_size_fit(backend, model):
    params = {"depth": 2, "width": 4, "blocks": 1, "kernel": 3}
    params["patch"] = 1 if model == "vit" else 3
    for shape in [(1, 1, 1), (5, 7, 4)]:
        assert backend.run(_outputs, shape, model, params) == (None, 3)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"patch": 3}, "got 3 for 4x12: here 1 or 2 or 4 would fit"),
        ({"patch": 8}, "got 8 for 4x12: here 1 or 2 or 4 would fit"),
        ({"heads": 5, "width": 6}, "got 5 for 6: here 1 or 2 or 3 or 6 would fit"),
    ],
)
def test_vit_that_cannot_be_built_is_refused(backends, params, message):
    with pytest.raises(Exception, match=f"InfeasibleError.*{message}"):
        backends("tensorflow").run(_outputs, (4, 12, 3), "vit", {"depth": 1, **params})


def _stochastic_depth(rate, share):
    import keras

    from autotrain.training.layers import stochastic_depth

    layer = stochastic_depth(keras.Variable(rate), 4, share)
    ones = np.ones((4000, 2, 2, 3), "float32")
    plain = layer.plain()
    trained = keras.ops.convert_to_numpy(layer(ones, training=True))
    idle = keras.ops.convert_to_numpy(layer(ones, training=False))
    return trained, idle, plain.rate, plain.noise_shape


def test_stochastic_depth_drops_whole_examples_with_its_share(backend):
    trained, idle, rate, noise_shape = backend.run(_stochastic_depth, 0.5, 0.5)
    assert (idle == 1).all()
    assert (trained == trained[:, :1, :1, :1]).all()
    assert np.unique(trained) == pytest.approx([0, 4 / 3])
    assert (trained == 0).mean() == pytest.approx(0.25, abs=0.03)
    assert (rate, noise_shape) == (0.25, (None, 1, 1, 1))


ALL = [*SMALL.items(), *((m, {**COMMON, **p}) for m, p in OPTIONS.values())]
ALL.append(("transfer", BACKBONE))


@pytest.mark.parametrize(
    ("name", "configurations"),
    [
        ("tensorflow", [*SMALL.items(), ("transfer", BACKBONE)]),
        pytest.param("tensorflow", ALL, marks=pytest.mark.slow),
        pytest.param("jax", ALL, marks=pytest.mark.slow),
    ],
    ids=["tensorflow", "tensorflow-all", "jax-all"],
)
def test_saved_models_load_without_autotrain(name, configurations, backends, images, tmp_path):
    expected = backends(name).run(save_models, images, tmp_path, configurations, 10)
    found = load_without_autotrain(tmp_path, len(configurations), name)
    assert found == pytest.approx(expected, abs=1e-5)


def test_weights_of_the_vit_that_are_no_kernels_do_not_decay(backends):
    names = backends("tensorflow").run(_kernels)
    assert names == {"kernel"}


def _kernels():
    from autotrain.training.inputs import DataShape
    from autotrain.training.optimizers import is_kernel
    from autotrain.training.program import Program

    data = DataShape("image", "classification", (8, 8, 1), "uint8", 3, 64, 16)
    params = {"depth": 1, "width": 8, "class_token": True}
    weights = Program("vit", params, data).model.trainable_variables
    return {w.name for w in weights if is_kernel(w)}


def test_defaults_of_a_family_give_way_to_the_space():
    assert dict(structure_of("convmixer", {}))["kernel"] == 5
    assert dict(structure_of("convmixer", {"kernel": 7}))["kernel"] == 7
    assert dict(structure_of("cnn", {}))["kernel"] == 3


@pytest.mark.parametrize("model", IMAGES)
def test_every_image_family_has_augmentation(model):
    assert all(FAMILIES.get(model).has(name) for name in AUGMENTATION)
    assert not any(FAMILIES.get("mlp").has(name) for name in AUGMENTATION)
