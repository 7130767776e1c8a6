"""Keras is imported without scikit-learn and pandas, and works."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from autotrain.training.runtime import environment

CODE = """
import sys
from autotrain.compat.keras_import import import_keras
import_keras()
print(sorted({"sklearn", "pandas"} & set(sys.modules)))
import keras, numpy as np
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
assert model.predict(np.zeros((4, 3)), verbose=0).shape == (4, 2)
import pandas, sklearn.metrics  # afterwards they can be imported
assert pandas.DataFrame({"a": [1]}).shape == (1, 1)
"""


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_a_worker_imports_neither_scikit_learn_nor_pandas(adapt, name):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    variables = {**os.environ, **environment(name, 1, None, 1)}
    with adapt("keras", "keras_import.py"):
        answer = subprocess.run(
            [sys.executable, "-c", CODE], env=variables, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr[-2000:]
        assert answer.stdout.splitlines()[-1] == "[]"
