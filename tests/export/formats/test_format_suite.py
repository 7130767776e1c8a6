"""The suite of export formats over every one that is built in."""

from __future__ import annotations

import pytest

from autotrain.export.formats import FORMATS
from autotrain.testing.formats import FormatSuite


class BuiltIn(FormatSuite):
    """A format by its name, in the process with TensorFlow that all tests share."""

    name = ""

    def form(self):
        return FORMATS.get(self.name)

    @pytest.fixture
    def run(self, backends):
        extra = self.form().extra
        if extra is not None and extra.is_missing:
            pytest.skip(f"needs autotrain[{extra.name}]")
        return backends("tensorflow").run


class TestKeras(BuiltIn):
    name = "keras"

    @pytest.mark.slow  # TensorFlow once more, in a process of its own as for a SavedModel
    def test_a_model_runs_without_autotrain(self, run, written, tmp_path):
        super().test_a_model_runs_without_autotrain(run, written, tmp_path)


class TestSavedModel(BuiltIn):
    name = "saved_model"


class TestOnnx(BuiltIn):
    name = "onnx"


class TestLitert(BuiltIn):
    name = "litert"


def test_every_format_is_tested_here():
    tested = {suite.name for suite in BuiltIn.__subclasses__()}
    assert tested == set(FORMATS.names())
