"""Export formats by name; what holds for each is in the suite."""

from __future__ import annotations

import pytest

from autotrain.errors import ConfigurationError, MissingExtraError
from autotrain.export.formats import FORMATS, checked_format
from autotrain.registry import Extra


def test_files_of_formats_differ():
    files = [FORMATS.get(name).file for name in FORMATS.names()]
    assert len(set(files)) == len(files)


def test_an_unknown_format_gets_the_nearest():
    with pytest.raises(ConfigurationError, match=r"--format must be one of keras, .* 'onnx'"):
        checked_format("onxn", None)


def test_a_quantization_that_a_format_has_not_is_refused():
    with pytest.raises(ConfigurationError, match="--quantize int8: saved_model has none"):
        checked_format("saved_model", "int8")
    with pytest.raises(ConfigurationError, match="--quantize int4: litert has int8, float16"):
        checked_format("litert", "int4")
    assert checked_format("litert", "float16").name == "litert"


def test_a_missing_package_names_the_extra(monkeypatch):
    form = FORMATS.get("onnx")
    monkeypatch.setattr(form, "extra", Extra("onnx", ("no_such_package",)))
    with pytest.raises(MissingExtraError, match=r"--format onnx needs .*autotrain\[onnx\]"):
        checked_format("onnx", None)
    assert FORMATS.get("onnx") is form  # models of it can be used all the same
