"""Keras makes weights, keeps momenta and asks of TensorFlow as we need it, on each backend."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autotrain.training.runtime import environment


def _weights_of_layers():
    """For each kind of layer: how many weights it has, how many were recorded, which were given."""
    import keras
    import numpy as np
    from keras import layers

    from autotrain.compat.keras_internals import recorded_weights

    def zoo():
        return {
            "dense": (layers.Dense(3), (4,)),
            "convolution": (layers.Conv2D(3, 2), (8, 8, 2)),
            "depthwise": (layers.DepthwiseConv2D(2), (8, 8, 2)),
            "separable": (layers.SeparableConv1D(3, 2), (8, 2)),
            "batch": (layers.BatchNormalization(), (4,)),
            "layer": (layers.LayerNormalization(), (4,)),
            "group": (layers.GroupNormalization(2), (4,)),
            "embedding": (layers.Embedding(5, 3), (6,)),
            "lstm": (layers.LSTM(3), (6, 2)),
            "both ways": (layers.Bidirectional(layers.GRU(3)), (6, 2)),
            "prelu": (layers.PReLU(), (4,)),
        }

    found = {}
    for name, (layer, shape) in zoo().items():
        with recorded_weights(lambda shape, dtype=None: np.full(shape, 7, dtype)) as record:
            layer(keras.Input(shape))
        states = [v for v in layer.variables if "seed" in v.path]
        weights = [v for v in layer.variables if not any(v is state for state in states)]
        same = sorted(map(id, weights)) == sorted(id(variable) for variable, _ in record)
        first = all((keras.ops.convert_to_numpy(v) == 7).all() for v in weights)
        drawn = all(callable(initializer) for _, initializer in record)
        found[name] = (len(weights) > 0, same, first, drawn)
    attention = layers.MultiHeadAttention(2, 3)
    with recorded_weights(lambda shape, dtype=None: np.full(shape, 7, dtype)) as record:
        x = keras.Input((6, 4))
        attention(x, x)
    same = sorted(map(id, attention.weights)) == sorted(id(variable) for variable, _ in record)
    found["attention"] = (bool(record), same, True, True)
    plain = layers.Dense(3)
    plain.build((None, 4))
    return found, float(np.abs(keras.ops.convert_to_numpy(plain.bias)).max())


def test_layers_make_all_weights_by_add_weight(adapt, backend):
    with adapt("keras", "keras_internals.py"):
        found, after = backend.run(_weights_of_layers)
        assert found == dict.fromkeys(found, (True, True, True, True))
        assert after == 0.0  # as the layer wants it, once nothing is recorded


def _initializers_asked_for():
    import keras

    from autotrain.compat.keras_internals import recorded_weights

    layer = keras.layers.Layer()
    with recorded_weights("zeros") as record:
        layer.add_weight((2,), "ones")
        layer.add_weight(shape=(2, 2), initializer=keras.initializers.HeNormal())
        layer.add_weight(shape=(2, 2), name="w")
        layer.add_weight(shape=(), dtype="int32")
    return [(tuple(v.shape), type(initializer).__name__) for v, initializer in record]


def test_each_weight_is_recorded_with_the_initializer_that_was_asked_for(adapt, backend):
    with adapt("keras", "keras_internals.py"):
        assert backend.run(_initializers_asked_for) == [
            ((2,), "Ones"), ((2, 2), "HeNormal"), ((2, 2), "GlorotUniform"), ((), "Zeros"),
        ]  # fmt: skip


def _after_a_step():
    """What optimizers keep after one step of Keras's own with a gradient of 2."""
    import keras
    import numpy as np

    from autotrain.compat.keras_internals import rmsprop_averages, sgd_momentum

    def stepped(optimizer):
        weight, other = keras.Variable([1.0]), keras.Variable([1.0])
        optimizer.build([other, weight])
        gradient = keras.ops.convert_to_tensor([2.0])
        optimizer.apply([gradient * 0.0, gradient], [other, weight])
        return weight

    def number(value):
        return float(np.asarray(keras.ops.convert_to_numpy(value)).reshape(()))

    sgd = keras.optimizers.SGD(0.1, momentum=0.5)
    momentum = number(sgd_momentum(sgd, stepped(sgd)))
    rms = keras.optimizers.RMSprop(0.1, rho=0.75, momentum=0.5)
    weight = stepped(rms)
    average, buffer = map(number, rmsprop_averages(rms, weight))
    return momentum, average, buffer, number(weight)


def test_optimizers_keep_momentum_and_averages_of_each_weight(adapt, backend):
    with adapt("keras", "keras_internals.py"):
        momentum, average, buffer, weight = backend.run(_after_a_step)
        assert momentum == pytest.approx(-0.2)  # - rate * gradient
        assert average == pytest.approx(0.25 * 4.0)  # (1 - rho) * gradient ** 2
        assert buffer == pytest.approx(0.1 * 2.0 / 1.0, rel=1e-4)  # rate * gradient / root of it
        assert weight == pytest.approx(1.0 - buffer)


def _steered(name, steered):
    """Weights after three steps of our optimizer, and of Keras's with the numbers in its trace."""
    import keras
    import numpy as np

    from autotrain.training.optimizers import build_optimizer

    def weights_after(optimizer, variables, rate):
        rng = np.random.default_rng(0)
        for _ in range(3):
            gradients = [keras.ops.convert_to_tensor(rng.normal(size=v.shape).astype("float32"))
                         for v in variables]  # fmt: skip
            optimizer.learning_rate.assign(rate)
            optimizer.apply(gradients, variables)
        return [keras.ops.convert_to_numpy(v).ravel().tolist() for v in variables]

    def variables():
        kernel = np.linspace(-1, 1, 12).reshape(3, 4).astype("float32")
        return [
            keras.Variable(kernel, name="kernel"),
            keras.Variable(np.ones(4, "float32"), name="bias"),
        ]

    mine, theirs = variables(), variables()
    ours, owned = build_optimizer({"optimizer": name, "nesterov": name == "muon"}, mine)
    for key, variable in owned.items():
        variable.assign(steered[key])
    classes = {"sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}
    whole = getattr(keras.optimizers, classes.get(name, name.capitalize()))(0.01, **steered)
    whole.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    whole.build(theirs)
    return weights_after(ours, mine, 0.01), weights_after(whole, theirs, 0.01)


@pytest.mark.parametrize(
    ("name", "steered"),
    [
        ("sgd", {"momentum": 0.8, "weight_decay": 0.1}),
        ("rmsprop", {"momentum": 0.8, "weight_decay": 0.1}),
        ("adamw", {"weight_decay": 0.1}),
        ("nadam", {"weight_decay": 0.1}),
        ("lion", {"weight_decay": 0.1}),
        ("lamb", {"weight_decay": 0.1}),
        ("muon", {"momentum": 0.8, "weight_decay": 0.1, "adam_weight_decay": 0.1}),
    ],
)
def test_momentum_and_decay_steer_an_optimizer_as_variables_too(adapt, backend, name, steered):
    with adapt("keras", "keras_internals.py (and training/optimizers.py)"):
        ours, theirs = backend.run(_steered, name, steered)
        for mine, other in zip(ours, theirs, strict=True):
            assert mine == pytest.approx(other, rel=1e-5, abs=1e-6)


def _which_decay():
    import keras

    from autotrain.compat.keras_internals import decays

    kernel, bias = keras.Variable([1.0], name="kernel"), keras.Variable([1.0], name="bias")
    optimizer = keras.optimizers.AdamW(0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build([kernel, bias])
    return decays(optimizer, kernel), decays(optimizer, bias)


def test_what_is_excluded_does_not_decay(adapt, backend):
    with adapt("keras", "keras_internals.py"):
        assert backend.run(_which_decay) == (True, False)


def _nested_layers():
    import keras

    from autotrain.compat.keras_internals import flat_layers

    inner = keras.Sequential([keras.Input((3,)), keras.layers.Normalization(name="inside")])
    model = keras.Sequential([keras.Input((3,)), inner, keras.layers.Dense(2, name="last")])
    return [layer.name for layer in flat_layers(model)]


def test_layers_inside_of_layers_are_found(adapt, backend):
    with adapt("keras", "keras_internals.py"):
        assert {"inside", "last"} <= set(backend.run(_nested_layers))


def _softened(temperature):
    import keras
    import numpy as np

    loss = keras.distillation.LogitsDistillation(loss=keras.losses.KLDivergence())
    loss.temperature = keras.Variable(temperature)
    teacher, student = np.array([[2.0, 0.0]], "float32"), np.array([[0.0, 1.0]], "float32")
    return float(keras.ops.convert_to_numpy(loss.compute_loss(teacher, student)))


def test_the_temperature_of_distillation_may_be_a_variable(adapt, backend):
    import numpy as np

    def divergence(temperature):
        teacher, student = (np.exp(np.array(x) / temperature) for x in ([2.0, 0.0], [0.0, 1.0]))
        p, q = teacher / teacher.sum(), student / student.sum()
        return temperature**2 * float((p * np.log(p / q)).sum())

    with adapt("keras", "keras_internals.py (and training/distillation.py)"):
        for temperature in (1.0, 3.0):
            found = backend.run(_softened, temperature)
            assert found == pytest.approx(divergence(temperature), rel=1e-4)


SAVED = """
import sys
from pathlib import Path
import keras
from autotrain.compat.keras_internals import without_tensorflow
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
with without_tensorflow():
    keras.models.clone_model(model).save(Path(sys.argv[1]) / "model.keras")
print("tensorflow" in sys.modules, keras.src.utils.module_utils.tensorflow.available)
"""


def test_a_model_is_saved_on_jax_without_tensorflow(adapt, tmp_path):
    """And afterwards Keras finds TensorFlow again."""
    pytest.importorskip("jax", reason="JAX is not installed")
    variables = {**os.environ, **environment("jax", 1, None, 1)}
    with adapt("keras", "keras_internals.py"):
        answer = subprocess.run(
            [sys.executable, "-c", SAVED, str(tmp_path)], env=variables, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr[-2000:]
        assert answer.stdout.splitlines()[-1] == "False True"
