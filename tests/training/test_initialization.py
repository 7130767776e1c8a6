"""Initial weights: drawn from the trial's seed, unless the builder set them itself."""

from __future__ import annotations

import numpy as np

MODEL = """
import keras, numpy as np
from keras import layers

def build(params, shape, classes):
    known = layers.Dense(4, name="known")
    drawn = layers.Dense(classes, name="drawn")
    norm = layers.BatchNormalization(name="norm")
    model = keras.Sequential([keras.Input(shape), layers.Flatten(), known, norm, drawn])
    known.set_weights([np.full((np.prod(shape), 4), 0.25), np.zeros(4)])
    return model
"""


def _starts(folder, file):
    """Weights by path after starts with the seeds 1, 2 and 1."""
    import keras
    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.data_feed import Resident
    from autotrain.training.inputs import describe_shape
    from autotrain.training.program import Program

    arrays = open_arrays(folder)
    program = Program(f"{file}:build", {}, describe_shape(arrays, 10))
    found = []
    for seed in (1, 2, 1):
        program.start({}, seed)
        weights = {v.path: np.array(keras.ops.convert_to_numpy(v)) for v in program.model.weights}
        found.append({"/".join(path.split("/")[-2:]): value for path, value in weights.items()})
        order = np.arange(64).reshape(2, 32)
        program.train_epoch(Resident(arrays.x_train, arrays.y_train), order, np.full(2, 0.1))
    return found


def test_weights_are_those_of_the_seed_or_of_the_builder(backend, images, tmp_path):
    (tmp_path / "mine.py").write_text(MODEL)
    one, two, again = backend.run(_starts, images, tmp_path / "mine.py")
    assert all((one[name] == again[name]).all() for name in one)
    assert (one["drawn/kernel"] != two["drawn/kernel"]).any()
    assert np.isfinite(one["drawn/kernel"]).all()
    assert (one["known/kernel"] == 0.25).all()
    assert (two["known/kernel"] == 0.25).all()
    assert (one["norm/gamma"] == 1.0).all()
    assert (one["norm/moving_mean"] == 0.0).all()
