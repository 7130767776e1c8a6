"""The suite of model families over every one that is built in."""

from __future__ import annotations

import pytest

from autotrain.catalog.families import FAMILIES
from autotrain.testing.families import FamilySuite


class BuiltIn(FamilySuite):
    """A family by its name, in the process with Keras that all tests share."""

    name = ""

    def family(self):
        return FAMILIES.get(self.name)

    @pytest.fixture(params=["tensorflow", pytest.param("jax", marks=pytest.mark.slow)])
    def run(self, request, backends):
        if request.param == "jax":
            pytest.importorskip("jax", reason="JAX is not installed")
        return backends(request.param).run

    @pytest.fixture
    def run_on_tensorflow(self, backends):
        return backends("tensorflow").run


class TestCnn(BuiltIn):
    name = "cnn"
    small = {"depth": 2, "width": 8}


class TestResnet(BuiltIn):
    name = "resnet"
    small = {"depth": 2, "width": 8, "blocks": 1, "attention": "se"}


class TestConvmixer(BuiltIn):
    name = "convmixer"
    small = {"depth": 2, "width": 16, "kernel": 3, "patch": 2}


class TestVit(BuiltIn):
    name = "vit"
    small = {"depth": 1, "width": 32, "heads": 2, "patch": 2}


@pytest.mark.slow
class TestTransfer(BuiltIn):
    name = "transfer"
    small = {"backbone": "MobileNetV3Small", "weights": "none"}
    learnt, accuracy = 1.0, 0.0  # a backbone that was never trained says next to nothing
    tried = {"backbone": ("MobileNetV3Small", "MobileNetV2"), "input_size": (32, 64)}


class TestMlp(BuiltIn):
    name = "mlp"
    small = {"depth": 1, "width": 16}


class TestTextCnn(BuiltIn):
    name = "text_cnn"
    small = {"width": 8, "embedding": 8, "windows": 2, "kernel": 2}


class TestTextTransformer(BuiltIn):
    name = "text_transformer"
    small = {"depth": 1, "width": 8, "heads": 2}


class TestSequence(BuiltIn):
    name = "sequence"
    small = {"depth": 1, "width": 8}


def test_every_family_is_tested_here():
    assert {suite.name for suite in BuiltIn.__subclasses__()} == set(FAMILIES.names())
