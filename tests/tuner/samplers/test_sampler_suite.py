"""The suite of samplers over every sampler that a user can name, and over an object of Optuna's."""

from __future__ import annotations

import importlib.util

import optuna
import pytest

from autotrain.space import Choice, Int, Space
from autotrain.testing.samplers import SamplerSuite
from autotrain.tuner.samplers import SAMPLERS


class TestTpe(SamplerSuite):
    def sampler(self):
        return "tpe"


class TestRandom(SamplerSuite):
    def sampler(self):
        return "random"


class TestQmc(SamplerSuite):
    def sampler(self):
        return "qmc"


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="gp needs torch")
class TestGp(SamplerSuite):
    def sampler(self):
        return "gp"


@pytest.mark.skipif(importlib.util.find_spec("cmaes") is None, reason="cmaes is not installed")
class TestCmaes(SamplerSuite):
    def sampler(self):
        return "cmaes"


class TestGrid(SamplerSuite):
    seeded = False
    space = Space(
        {"depth": Int(1, 4), "kind": Choice(["a", "b"]), "lr": Choice([0.1, 0.01])}, "val_accuracy"
    )

    def sampler(self):
        return "grid"


class TestOptunaObject(SamplerSuite):
    reproducible = False  # its generator is its own
    seeded = False

    def sampler(self):
        return optuna.samplers.TPESampler(seed=3)


def test_every_sampler_is_tested_here():
    tested = {suite().sampler() for suite in SamplerSuite.__subclasses__()}
    assert {name for name in tested if isinstance(name, str)} == set(SAMPLERS.names())
