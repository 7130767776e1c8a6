"""The suite of export formats over every one that is built in."""

from __future__ import annotations

import pytest

from autotrain.export.formats import FORMATS
from autotrain.testing.formats import FormatSuite


class BuiltIn(FormatSuite):
    """A format by its name, in the process with TensorFlow that all tests share."""

    name = ""

    def form(self):
        found = FORMATS.get(self.name)
        if found.extra is not None and found.extra.is_missing:
            pytest.skip(f"{self.name} is not installed")
        return found

    @pytest.fixture
    def run(self, backends):
        return backends("tensorflow").run


class TestKeras(BuiltIn):
    name = "keras"


class TestSavedModel(BuiltIn):
    name = "saved_model"


class TestOnnx(BuiltIn):
    name = "onnx"


class TestLitert(BuiltIn):
    name = "litert"


def test_every_format_is_tested_here():
    tested = {suite.name for suite in BuiltIn.__subclasses__()}
    assert tested == set(FORMATS.names())
