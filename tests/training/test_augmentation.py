"""Augmentation: nothing at strength 0, right labels, right colours, any size; on both backends."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from autotrain.catalog.families import PARTS, parts_of, values_of

COLOUR = (8, 8, 3)


def augment(shape, strengths, seed=1, n=32, data=None, pixels=None, labels=None, xla=False):
    """(images before, after, targets before, after) of one compiled call."""
    import keras
    import numpy as np

    from autotrain.training.augmentation import Augmentation
    from autotrain.training.inputs import DataShape
    from autotrain.training.values import Values

    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (n, *shape)).astype("float32") if pixels is None else pixels
    y = np.eye(10, dtype="float32")[rng.integers(0, 10, len(x))] if labels is None else labels
    described = DataShape(
        "image", "classification", shape, "uint8", y.shape[1], len(x), 1, **(data or {})
    )
    values = Values(tuple(strengths))
    values.assign(strengths)
    layer = Augmentation(tuple(strengths), values, described)
    layer.seed_generator.state.assign(np.array([seed, 0]))
    variables = [*values.variables, *layer.variables]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        after = tf.function(layer, autograph=False, jit_compile=xla)(tf.constant(x), tf.constant(y))
    else:
        import jax

        def call(state, x, y):
            scope = keras.StatelessScope(state_mapping=list(zip(variables, state, strict=True)))
            with scope:
                return layer(x, y)

        after = jax.jit(call)([v.value for v in variables], x, y)
    return x, np.asarray(after[0]), y, np.asarray(after[1])


def _augment(shape, strengths, more=None):
    return augment(shape, strengths, **(more or {}))


@pytest.mark.slow_on_jax
@pytest.mark.parametrize("shape", [COLOUR, (8, 8, 1), (1, 1, 3), (5, 9, 4), (9, 5, 2)])
def test_strength_0_leaves_images_and_labels_bit_for_bit(backend, shape):
    # All at once: a part that changed anything would show.
    x, after, y, labels = backend.run(_augment, shape, dict.fromkeys(PARTS, 0.0))
    assert (after == x).all()
    assert (labels == y).all()


@pytest.mark.parametrize("part", PARTS)
def test_strength_0_of_one_part_by_itself_too(backend, part):
    x, after, y, labels = backend.run(_augment, COLOUR, {part: 0.0})
    assert (after == x).all()
    assert (labels == y).all()


@pytest.mark.parametrize("shape", [COLOUR, (1, 1, 1), (5, 9, 4)])
def test_strength_1_changes_images_and_stays_in_range(backend, shape):
    for part in PARTS:
        x, after, y, labels = backend.run(_augment, shape, {part: 1.0})
        assert np.isfinite(after).all()
        assert after.min() >= -1e-3, part
        assert after.max() <= 255 + 1e-3, part
        assert labels.sum(axis=1) == pytest.approx(1.0, abs=1e-6)
        colourless = part in ("saturation", "hue") and shape[-1] != 3
        one_pixel = shape[:2] == (1, 1) and part in (
            "flip", "shift", "rotation", "zoom", "shear", "contrast", "cutout",
        )  # fmt: skip
        assert (np.abs(after - x).max() > 1) == (not colourless and not one_pixel), part
        mixed = part in ("mixup", "cutmix")
        assert (labels != y).any() == mixed, part


def test_draws_depend_on_seed_and_image_alone(backend):
    same = np.repeat(np.random.default_rng(3).uniform(0, 255, (1, *COLOUR)), 16, axis=0)
    same = same.astype("float32")
    labels = np.eye(16, dtype="float32")
    for part in PARTS:
        if part in ("mixup", "cutmix"):
            continue  # of equal images nothing is seen: the labels tell, below
        more = {"pixels": same, "labels": labels}
        _, first, _, _ = backend.run(_augment, COLOUR, {part: 0.7}, more)
        _, again, _, _ = backend.run(_augment, COLOUR, {part: 0.7}, more)
        _, other, _, _ = backend.run(_augment, COLOUR, {part: 0.7}, {**more, "seed": 2})
        assert (first == again).all(), part
        assert (first != other).any(), part
        assert len(np.unique(first.reshape(16, -1), axis=0)) > 1, part


@pytest.mark.parametrize("parts", [("mixup",), ("cutmix",), ("mixup", "cutmix")])
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_targets_are_the_shares_of_the_pixels(backend, parts, strength):
    # Image i is all 1 in channel i: after mixing the mean of each channel is the target's share.
    n = 64
    pixels = np.zeros((n, 7, 11, n), "float32")
    pixels[np.arange(n), :, :, np.arange(n)] = 1.0
    more = {"pixels": pixels, "labels": np.eye(n, dtype="float32")}
    _, after, y, labels = backend.run(_augment, (7, 11, n), dict.fromkeys(parts, strength), more)
    assert labels == pytest.approx(after.mean(axis=(1, 2)), abs=3e-6)
    assert labels.sum(axis=1) == pytest.approx(1.0, abs=1e-6)
    other = np.roll(y, 1, axis=0)
    assert (labels * (1 - y - other) == 0).all()  # of two images only
    share = (labels * other).sum(axis=1)
    assert len(np.unique(share.round(5))) > 10
    whole = np.isin(after, (0.0, 1.0)).all(axis=(1, 2, 3))  # pasted, not blended
    assert {"mixup": whole.mean() < 0.5, "cutmix": whole.all()}.get("".join(parts), True)
    if len(parts) == 2:
        assert 0.2 < whole.mean() < 0.8
    if strength < 1 and parts == ("cutmix",):
        assert share.max() <= 0.3 + 0.2  # the box, up to whole pixels


def test_targets_of_regression_are_mixed_alike(backend):
    n = 32
    labels = np.random.default_rng(5).normal(size=(n, 2)).astype("float32")
    pixels = np.broadcast_to(labels[:, None, None, :], (n, 6, 6, 2)).copy()
    more = {"pixels": pixels, "labels": labels, "data": _statistics(pixels)}
    for part in ("mixup", "cutmix"):
        _, after, _, mixed = backend.run(_augment, (6, 6, 2), {part: 1.0}, more)
        assert mixed == pytest.approx(after.mean(axis=(1, 2)), abs=1e-5)


def _statistics(pixels):
    axes = (0, 1, 2)
    return {"mean": pixels.mean(axis=axes), "variance": pixels.var(axis=axes)}


def _beta(alpha, n):
    import keras
    import numpy as np
    from keras import ops

    from autotrain.training.augmentation.regions import symmetric_beta

    draws = keras.random.uniform((n, 4), seed=7)
    return np.asarray(symmetric_beta(ops.convert_to_tensor(alpha, "float32"), draws))


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5, 1.0, 3.0])
def test_the_beta_distribution_is_exact(backend, alpha):
    from scipy import stats

    drawn = backend.run(_beta, alpha, 20_000)
    # At alpha 0.05 many numbers round to 0 or 1 in float32: compare where both are apart.
    places = np.linspace(0.01, 0.99, 33)
    empirical = (drawn[:, None] <= places).mean(axis=0)
    assert empirical == pytest.approx(stats.beta(alpha, alpha).cdf(places), abs=0.015)


def _recolour(name, pixels, amount, low=0.0, high=255.0, bounded=True):
    import numpy as np

    from autotrain.training.augmentation.colour import recolour

    amounts = {name: np.full(len(pixels), amount, "float32")}
    return np.asarray(recolour(pixels, amounts, low, high, bounded))


@pytest.mark.parametrize("turn", [0.1, -0.2, 0.5])
def test_hue_is_that_of_hsv(backend, turn):
    pixels = np.random.default_rng(1).integers(0, 256, (4, 6, 5, 3)).astype("float32")
    pixels[0, 0, 0] = 77  # grey has no hue
    pixels[0, 0, 1] = (255, 255, 0)
    after = backend.run(_recolour, "hue", pixels, turn)

    def turned(rgb):
        hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
        return colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, value)

    wanted = np.apply_along_axis(turned, -1, pixels / 255.0) * 255.0
    assert after == pytest.approx(wanted, abs=1e-2)
    # A range of one's own: shifted and scaled pixels turn alike.
    moved = backend.run(_recolour, "hue", pixels * 0.01 - 1.0, turn, -1.0, 1.55, False)
    assert moved == pytest.approx(after * 0.01 - 1.0, abs=1e-3)


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.5])
def test_brightness_saturation_and_sharpness_are_pillows(backend, factor):
    from PIL import Image, ImageEnhance

    pixels = np.random.default_rng(2).integers(0, 256, (1, 7, 6, 3))
    image = Image.fromarray(pixels[0].astype("uint8"))
    kinds = {
        "brightness": ImageEnhance.Brightness,
        "saturation": ImageEnhance.Color,
        "sharpness": ImageEnhance.Sharpness,
    }
    for name, kind in kinds.items():
        after = backend.run(_recolour, name, pixels.astype("float32"), factor - 1.0)[0]
        wanted = np.asarray(kind(image).enhance(factor), "float32")
        inner = (slice(1, -1), slice(1, -1)) if name == "sharpness" else ()  # Pillow skips the edge
        assert np.abs(after[inner] - wanted[inner]).max() <= 2, name


def test_contrast_keeps_the_mean_and_posterize_and_solarize_are_pillows(backend):
    from PIL import Image, ImageOps

    pixels = np.random.default_rng(2).integers(90, 160, (2, 7, 6, 3)).astype("float32")
    after = backend.run(_recolour, "contrast", pixels, 0.5)
    assert after.mean(axis=(1, 2)) == pytest.approx(pixels.mean(axis=(1, 2)), abs=1e-2)
    assert after.std() == pytest.approx(1.5 * pixels.std(), rel=1e-2)
    pixels = np.arange(256, dtype="float32").reshape(1, 16, 16, 1)
    image = Image.fromarray(pixels[0, ..., 0].astype("uint8"))
    after = backend.run(_recolour, "posterize", pixels, 3.0)[0, ..., 0]
    assert (after == np.asarray(ImageOps.posterize(image, 5))).all()
    after = backend.run(_recolour, "solarize", pixels, -0.25)[0, ..., 0]
    assert (after == np.asarray(ImageOps.solarize(image, 192))).all()


def test_images_of_another_range_are_not_clipped(backend):
    pixels = np.random.default_rng(4).normal(5.0, 2.0, (16, *COLOUR)).astype("float32")
    more = {"pixels": pixels, "data": _statistics(pixels)}
    _, after, _, _ = backend.run(_augment, COLOUR, {"brightness": 1.0}, more)
    factors = (after - 1.0).mean(axis=(1, 2, 3)) / (pixels - 1.0).mean(axis=(1, 2, 3))
    assert 0.15 < factors.min() < 0.8  # around 1 = mean - 2 standard deviations
    assert 1.2 < factors.max() < 1.85
    assert after.max() > pixels.max() + 1


def _moved(pixels, amounts):
    import numpy as np

    from autotrain.training.augmentation.geometry import transform

    amounts = {name: np.full(len(pixels), value, "float32") for name, value in amounts.items()}
    return np.asarray(transform(pixels, amounts))


def test_geometry_moves_pixels_where_it_should(backend):
    pixels = np.random.default_rng(6).uniform(0, 255, (2, 5, 5, 2)).astype("float32")

    def moved(**amounts):
        return backend.run(_moved, pixels, amounts)

    assert moved(flip=1.0) == pytest.approx(pixels[:, :, ::-1])
    turned = np.rot90(pixels, axes=(1, 2))
    assert moved(rotation=np.pi / 2) == pytest.approx(turned, abs=1e-2)
    mirrored = np.concatenate([pixels[:, :, 1:], pixels[:, :, -1:]], axis=2)
    assert moved(shift_x=0.2) == pytest.approx(mirrored, abs=1e-3)
    sheared = moved(shear_x=1.0)  # row r moves by r - 2 pixels
    assert sheared[:, 2] == pytest.approx(pixels[:, 2], abs=1e-3)
    assert sheared[:, 3, :4] == pytest.approx(pixels[:, 3, 1:], abs=1e-3)
    halved = moved(zoom_x=-0.5, zoom_y=-0.5)
    assert halved[:, 0, 0] == pytest.approx(pixels[:, 1, 1], abs=1e-3)


def _keras_affine(pixels, transforms):
    import numpy as np
    from keras import ops

    from autotrain.training.augmentation.geometry import _sample

    x = np.arange(pixels.shape[2], dtype="float32")[None, None, :]
    y = np.arange(pixels.shape[1], dtype="float32")[None, :, None]
    a, b, c, d, e, f = (transforms[:, i, None, None] for i in range(6))
    ours = _sample(pixels, a * x + b * y + c, d * x + e * y + f)
    theirs = ops.image.affine_transform(pixels, transforms, fill_mode="reflect")
    return np.asarray(ours), np.asarray(theirs)


def test_sampling_is_that_of_keras(backend):
    rng = np.random.default_rng(8)
    pixels = rng.uniform(0, 1, (8, 6, 9, 3)).astype("float32")
    transforms = rng.normal(0, 1, (8, 8)).astype("float32")
    transforms[:, 6:] = 0
    ours, theirs = backend.run(_keras_affine, pixels, transforms)
    assert ours == pytest.approx(theirs, abs=1e-4)


def test_randaugment_picks_two_transformations(backend):
    amounts = backend.run(_picked, 2000)
    listed = {"rotation", "shift_x", "shift_y", "shear_x", "shear_y", "brightness", "contrast"}
    listed |= {"saturation", "sharpness", "solarize", "posterize"}
    assert amounts.keys() == listed
    used = np.stack([amount != 0 for amount in amounts.values()])
    assert used.sum(axis=0).max() == 2
    assert used.mean(axis=1) == pytest.approx(1 - (11 / 12) ** 2, abs=0.03)
    largest = np.abs(amounts["rotation"]).max()
    assert largest == pytest.approx(2 * np.deg2rad(30) * 0.5, rel=1e-3)  # picked twice
    assert (amounts["rotation"] < 0).any()


def _picked(n):
    import keras
    import numpy as np

    from autotrain.training.augmentation.amounts import draw_amounts

    generator = keras.random.SeedGenerator(1)
    amounts = draw_amounts(
        {"randaugment": 0.5}, n, lambda *shape: keras.random.uniform(shape, seed=generator)
    )
    return {name: np.asarray(amount) for name, amount in amounts.items()}


def _classification_loss(targets, outputs, settings):
    import numpy as np

    from autotrain.training.losses import CategoricalLoss
    from autotrain.training.values import Values

    values = Values(("label_smoothing", "focal_gamma"))
    values.assign({"label_smoothing": 0.1, "focal_gamma": 2.0})
    loss = CategoricalLoss(targets.shape[1], values, settings)
    loss.class_weights.assign(np.array([0.5, 1.0, 4.0], "float32"))
    return float(loss.loss(targets, outputs)), float(loss.score(targets, outputs))


@pytest.mark.parametrize("settings", [(), ("focal_gamma",)])
def test_the_loss_of_a_blend_is_the_blend_of_the_losses(backend, settings):
    outputs = np.random.default_rng(9).normal(size=(1, 3)).astype("float32")
    one, other = np.eye(3, dtype="float32")[[0]], np.eye(3, dtype="float32")[[2]]
    first, _ = backend.run(_classification_loss, one, outputs, settings)
    second, _ = backend.run(_classification_loss, other, outputs, settings)
    blend = 0.7 * one + 0.3 * other
    blended, score = backend.run(_classification_loss, blend, outputs, settings)
    assert blended == pytest.approx(0.7 * first + 0.3 * second, rel=1e-5)
    assert score == float(outputs.argmax() == 0)


def test_augmentation_alone_is_the_usual_parts_and_multiplies_all():
    usual = ("flip", "shift", "rotation", "zoom", "cutout")
    assert parts_of({"augmentation": 0.0}) == usual
    assert parts_of({"mixup": 0.2, "hue": 0.0}) == ("hue", "mixup")
    assert set(parts_of({"augmentation": 0.5, "mixup": 0.2})) == {*usual, "mixup"}
    values = values_of("cnn", {"augmentation": 0.5, "mixup": 0.2})
    assert values["mixup"] == pytest.approx(0.1)
    assert (values["flip"], values["zoom"]) == (0.25, 0.5)


def _predictions(folder, params):
    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.program import Program

    arrays = open_arrays(folder)
    program = Program("cnn", params, describe_shape(arrays, 10))
    program.start(params, 3)
    return program.predict(np.asarray(arrays.x_validation))


def test_nothing_is_augmented_at_evaluation(backend, images):
    params = {"depth": 1, "width": 4}
    plain = backend.run(_predictions, images, params)
    augmented = backend.run(_predictions, images, {**params, **dict.fromkeys(PARTS, 1.0)})
    assert (plain == augmented).all()


def test_xla_compiles_every_part(backend):
    # How programs run on a GPU, on TensorFlow; JAX always compiles.
    strengths = dict.fromkeys(PARTS, 0.5)
    _, after, _, labels = backend.run(_augment, COLOUR, strengths, {"n": 4, "xla": True})
    assert np.isfinite(after).all()
    assert labels.sum(axis=1) == pytest.approx(1.0, abs=1e-6)


def test_augmentation_of_a_table_is_refused(backend):
    with pytest.raises(Exception, match=r"augmentation is for images .* leave flip out"):
        backend.run(_augment, (13,), {"flip": 0.5})
